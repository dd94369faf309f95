/** Large pictures made of things that the project's samples show, each with what it is and where. */
import sharp from 'sharp';
import type { Box } from '../../paligemma/src/facts';
import { boxFromLocBins } from '../../paligemma/src/locTokens';
import { parseSuffix } from '../../paligemma/src/suffix';
import { recordedAnswer, samplePath } from './samples';
import { seededRandom } from './seededRandom';

/** A thing on a sample, and the prompt that the reference implementation told its place for. */
export interface SampleThing {
  readonly image: string;
  readonly detect: string;
  /** The word, for one of `detect text`. */
  readonly word?: string;
}

export interface PlacedThing {
  /** A word, or the label of an object. */
  readonly label: string;
  /** Pixels of the mosaic. */
  readonly box: Box;
}

export interface Mosaic {
  /** PNG. */
  readonly bytes: Buffer;
  readonly things: readonly PlacedThing[];
}

export const words: readonly SampleThing[] = [
  ['04', '365'],
  ['07', '100'],
  ['08', '42'],
  ['09', 'RED'],
  ['11', 'SUN'],
  [
    '12',
    'HEART',
  ],
].map(([name, word]) => ({ image: `${name}.png`, detect: 'detect text', word: word! }));

export const objects: readonly SampleThing[] = [
  { image: '01.png', detect: 'detect star' },
  { image: '01.png', detect: 'detect circle' },
  { image: '06.png', detect: 'detect circle' },
  { image: '08.png', detect: 'detect triangle' },
  { image: '02.png', detect: 'detect triangle' },
  { image: '07.png', detect: 'detect red star' },
  { image: '03.png', detect: 'detect black heart' },
];

/** Where a thing is to be drawn: its middle, and its longer side, pixels. */
export interface Place {
  readonly thing: SampleThing;
  readonly x: number;
  readonly y: number;
  readonly longPx: number;
}

/** Side of the cell of a mosaic, pixels. */
export const CELL_PX = 400;

/** Cells of `side` × `side`, in each a thing by chance, of about half its size, anywhere in it. */
export function mosaic(things: readonly SampleThing[], side: number, seed: number): Promise<Mosaic> {
  const random = seededRandom(seed);
  const places = Array.from({ length: side * side }, (_, cell): Place => {
    const longPx = CELL_PX * (0.45 + random.below(15) / 100);
    const within = () => longPx / 2 + random.below(CELL_PX - longPx);
    return {
      thing: random.pick(things),
      x: cell % side * CELL_PX + within(),
      y: Math.floor(cell / side) * CELL_PX + within(),
      longPx,
    };
  });
  return drawn(places, { widthPx: side * CELL_PX, heightPx: side * CELL_PX });
}

/** Things in red on white. */
export async function drawn(
  places: readonly Place[],
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): Promise<Mosaic> {
  const layers: { readonly input: Buffer; readonly left: number; readonly top: number }[] = [];
  const things: PlacedThing[] = [];
  for (const place of places) {
    const { layer, thing } = await draw(place);
    layers.push(layer);
    things.push(thing);
  }
  const bytes = await sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: 'white' } })
    .composite(layers).png().toBuffer();
  return { bytes, things };
}

async function draw({ thing: { image, detect, word }, x, y, longPx }: Place) {
  const { width = 0, height = 0 } = await sharp(samplePath(image)).metadata();
  const [first] = parseSuffix(recordedAnswer(image, detect)).boxes;
  if (first === undefined) throw new Error(`no box in the answer of ${image} to "${detect}"`);
  const box = boxFromLocBins(first.bins, width, height, 1024);
  const [left, top] = [Math.max(0, Math.floor(box.x1) - 2), Math.max(0, Math.floor(box.y1) - 2)];
  const part = {
    left,
    top,
    width: Math.min(width, Math.ceil(box.x2) + 2) - left,
    height: Math.min(height, Math.ceil(box.y2) + 2) - top,
  };
  const scale = longPx / Math.max(part.width, part.height);
  const size = { width: Math.round(part.width * scale), height: Math.round(part.height * scale) };
  const input = await sharp(await cutOut(image, part)).resize({ ...size, fit: 'fill' }).png().toBuffer();
  const place = { left: Math.round(x - size.width / 2), top: Math.round(y - size.height / 2) };
  const placed = { x1: place.left, y1: place.top, x2: place.left + size.width, y2: place.top + size.height };
  return {
    layer: { input, ...place },
    thing: { label: word ?? first.label.split(' ').at(-1) ?? '', box: placed },
  };
}

/** The thing alone, in red: as opaque as its pixels are far from the background's colour. */
async function cutOut(
  image: string,
  part: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Promise<Buffer> {
  const { data, info } = await sharp(samplePath(image)).removeAlpha().extract(part).raw()
    .toBuffer({ resolveWithObject: true });
  const background = data.subarray(0, 3);
  const far = Array.from(
    { length: info.width * info.height },
    (_, i) => Math.hypot(...[0, 1, 2].map(channel => data[i * 3 + channel]! - background[channel]!)),
  );
  const farthest = far.reduce((most, value) => Math.max(most, value), 1);
  const rgba = Buffer.alloc(info.width * info.height * 4);
  for (const [i, value] of far.entries()) {
    rgba[i * 4] = 220;
    rgba[i * 4 + 1] = 30;
    rgba[i * 4 + 2] = 30;
    rgba[i * 4 + 3] = Math.min(255, Math.round(value / farthest * 320));
  }
  return sharp(rgba, { raw: { width: info.width, height: info.height, channels: 4 } }).png().toBuffer();
}
