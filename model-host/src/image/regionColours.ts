import type { Colour } from './drawing';

/** Told apart with every kind of colour vision. Source: Okabe and Ito, "Color Universal Design", 2008 (without black). */
const palette: readonly Colour[] = [[230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0], [204, 121, 167]];

/** One colour a label, in the order in which labels first appear; after seven they repeat. */
export function coloursByLabel(labels: Iterable<string>): ReadonlyMap<string, Colour> {
  const colours = new Map<string, Colour>();
  for (const label of labels) if (!colours.has(label)) colours.set(label, palette[colours.size % palette.length]!);
  return colours;
}

/** Black or white, whichever stands out more against the colour. Source: WCAG 2.2, relative luminance; equal contrast at 0.179. */
export function inkOn(colour: Colour): 'black' | 'white' {
  const [red, green, blue] = colour.map(level => (level / 255 <= 0.04045 ? level / 255 / 12.92 : ((level / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? 'black' : 'white';
}
