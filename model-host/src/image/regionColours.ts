import { huePalette, labelStyles } from '../../../paligemma/src/labelStyles';
import type { Colour } from './drawing';

export interface RegionStyle {
  readonly colour: Colour;
  /** Of the frame, in widths of its line: how long it is drawn, and how long not; undefined: all of it. */
  readonly dash?: readonly [drawn: number, gap: number];
}

/** As the image view draws them. */
const dashes = { solid: undefined, dashed: [4.5, 2.5], dotted: [1, 2] } as const;
const FIRST: Colour = huePalette[0]!;

/** One colour a label, that of the image view; labels beyond the number of colours differ by their line. */
export function stylesByLabel(labels: Iterable<string>): ReadonlyMap<string, RegionStyle> {
  return new Map([...labelStyles(labels)].map(([label, { hue, line }]) => {
    const dash = dashes[line];
    return [label, { colour: huePalette[hue] ?? FIRST, ...(dash === undefined ? {} : { dash }) }];
  }));
}

/**
 * Black or white, whichever stands out more against the colour. Source: WCAG 2.2, relative luminance; equal contrast at
 * 0.179.
 */
export function inkOn(colour: Colour): 'black' | 'white' {
  const [red, green, blue] = colour.map(
    level => (level / 255 <= 0.04045 ? level / 255 / 12.92 : ((level / 255 + 0.055) / 1.055) ** 2.4),
  ) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? 'black' : 'white';
}
