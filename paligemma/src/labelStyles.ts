/** Colour and line of a region by its label: one rule for the image view, hovers and annotated pictures. */

/**
 * Told apart with every kind of colour vision; `.hue-0` … in regions.css are these on dark grounds.
 * Source: Okabe and Ito, "Color Universal Design", 2008 (without black).
 */
export const huePalette: readonly (readonly [red: number, green: number, blue: number])[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];
export const HUES = huePalette.length;
const lines = ['solid', 'dashed', 'dotted'] as const;

export interface LabelStyle {
  readonly hue: number;
  /** Second cue, for labels beyond the number of colours. Every region carries its number and name besides. */
  readonly line: (typeof lines)[number];
}

/**
 * A label has the colour that follows from its own letters, whatever its place in the answer, so it has the same one in
 * other pictures too; only where two labels of one picture want the same, the later of the alphabet takes the next one.
 */
export function labelStyles(labels: Iterable<string>): ReadonlyMap<string, LabelStyle> {
  const styles = new Map<string, LabelStyle>();
  const taken = new Set<number>();
  const slots = HUES * lines.length;
  for (const label of [...new Set(labels)].sort()) {
    const wanted = hashOf(label) % HUES;
    let slot = wanted;
    for (let step = 1; step < slots && taken.has(slot); step++) {
      slot = Math.floor(step / HUES) * HUES + ((wanted + step) % HUES);
    }
    taken.add(slot);
    styles.set(label, { hue: slot % HUES, line: lines[Math.floor(slot / HUES)] ?? 'solid' });
  }
  return styles;
}

/** FNV-1a over UTF-16 units. Source: draft-eastlake-fnv-17, section 2. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  // The low bits of short words differ little.
  return (hash ^ (hash >>> 15)) >>> 0;
}
