/** Groups of lines dealt out to parts, so that each part has its share of the lines and of each label. */

export interface Part {
  readonly name: string;
  /** Of all lines; all of them add up to 1. */
  readonly share: number;
}

/** Lines that stay together. */
export interface LineGroup {
  readonly lines: number;
  /** How many lines say each label, by the label's number. */
  readonly labels: ReadonlyMap<number, number>;
}

/**
 * The rarest labels are dealt out first, and of them the largest groups: what is left evens the parts out. The same seed is the same
 * result.
 * @returns For each group the number of its part.
 * Source: Sechidis et al., "On the Stratification of Multi-Label Data", 2011, by groups.
 */
export function dealOut(groups: readonly LineGroup[], parts: readonly Part[], seed: number): Uint8Array {
  const random = seededRandom(seed);
  const totals = new Map<number, number>();
  for (const { labels } of groups) {
    for (const [label, count] of labels) totals.set(label, (totals.get(label) ?? 0) + count);
  }
  const rarest = groups.map(({ labels }) =>
    [...labels.keys()].reduce<number | undefined>(
      (least, label) => least === undefined || totals.get(label)! < totals.get(least)! ? label : least,
      undefined,
    )
  );
  const order = Array.from(groups, (_, index) => ({ index, chance: random() }));
  const rarity = (index: number) => totals.get(rarest[index] ?? -1) ?? Infinity;
  order.sort((a, b) =>
    rarity(a.index) - rarity(b.index) || (rarest[a.index] ?? -1) - (rarest[b.index] ?? -1)
    || groups[b.index]!.lines - groups[a.index]!.lines || a.chance - b.chance
  );
  const lines = groups.reduce((sum, group) => sum + group.lines, 0);
  const wanted = parts.map(({ share }) => ({ lines: share * lines, labels: new Map<number, number>() }));
  for (const part of wanted.keys()) {
    for (const [label, total] of totals) wanted[part]!.labels.set(label, total * parts[part]!.share);
  }
  const dealt = new Uint8Array(groups.length);
  for (const { index } of order) {
    const label = rarest[index];
    const chosen = mostWanting(wanted, label, random);
    dealt[index] = chosen;
    const part = wanted[chosen]!;
    part.lines -= groups[index]!.lines;
    for (const [each, count] of groups[index]!.labels) part.labels.set(each, (part.labels.get(each) ?? 0) - count);
  }
  return dealt;
}

function mostWanting(
  wanted: readonly { readonly lines: number; readonly labels: ReadonlyMap<number, number> }[],
  label: number | undefined,
  random: () => number,
): number {
  const need = (part: number) => label === undefined ? 0 : wanted[part]!.labels.get(label) ?? 0;
  let [chosen, chance] = [0, random()];
  for (let part = 1; part < wanted.length; part++) {
    const other = random();
    const better = need(part) - need(chosen) || wanted[part]!.lines - wanted[chosen]!.lines || other - chance;
    if (better > 0) [chosen, chance] = [part, other];
  }
  return chosen;
}

/** Source: mulberry32 by Tommy Ettinger, public domain. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
