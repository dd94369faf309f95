import { isCount, isListOf, isRecord } from '../checks';
import type { Mask } from '../facts';
import { given } from '../given';
import { className, classNames, clippedRegions } from './exportSource';
import type { ExportSource } from './exportSource';
import { readGreyPng } from './greyPng';
import { jsonText } from './json';

/** A picture with its regions, before either has a number. */
export interface CocoPicture {
  readonly image: { readonly file_name: string; readonly width: number; readonly height: number };
  readonly annotations: readonly (CocoAnnotation & { readonly category: string })[];
}

interface CocoAnnotation {
  /** x, y, width and height from the upper left corner, in pixels and not rounded. */
  readonly bbox: readonly number[];
  readonly iscrowd: 0;
  readonly area: number;
  /** Uncompressed run lengths, which keep every pixel and which pycocotools reads as they are; `[]` without a mask. */
  readonly segmentation: unknown;
  /** The region's confidence, as detection results have it; absent where the model does not tell. */
  readonly score?: number;
}

/** @throws Error where a mask is not what a run tells. */
export function cocoPicture(source: ExportSource): CocoPicture {
  return {
    image: { file_name: source.fileName, width: source.widthPx, height: source.heightPx },
    annotations: clippedRegions(source).map(({ region, box: { x1, y1, x2, y2 } }) => ({
      category: className(region),
      bbox: [x1, y1, x2 - x1, y2 - y1].map(hundredths),
      iscrowd: 0,
      ...(region.mask === undefined
        ? { area: hundredths((x2 - x1) * (y2 - y1)), segmentation: [] }
        : segmentation(region.mask)),
      ...given({ score: region.confidence }),
    })),
  };
}

/**
 * COCO object detection: one picture, numbers from 1.
 * @throws Error where a mask is not what a run tells.
 */
export function cocoJson(source: ExportSource): string {
  const set = new CocoSet(source.prompt);
  set.name(classNames(source.regions));
  set.add(cocoPicture(source));
  return `${jsonText(set.value(), 2)}\n`;
}

type Entry = Readonly<Record<string, unknown>>;

/**
 * Pictures with their regions under numbers that refer to each other.
 * Source: cocodataset.org, "Data format", sections 1 and "Object detection"; pycocotools `coco.py`, `annToRLE`.
 */
export class CocoSet {
  private readonly images: Entry[] = [];
  private readonly annotations: Entry[] = [];
  private readonly categories: Entry[] = [];
  /** What else a file had that is added to. */
  private others: Entry;
  private readonly numbers = new Map<string, number>();
  private readonly names = new Set<string>();
  private readonly last = { image: 0, annotation: 0, category: 0 };

  constructor(prompt: string) {
    this.others = { info: { description: `PaliGemma 2: ${prompt}` }, licenses: [] };
  }

  /**
   * Takes over everything that a file holds, with its numbers; to be called before anything is added.
   * @returns False where it is no COCO file.
   */
  takeOver(value: unknown): boolean {
    if (!isRecord(value)) return false;
    const { images, annotations, categories, ...others } = value;
    const isEntry = isListOf((entry): entry is Entry => isRecord(entry) && isCount(entry['id']));
    if (!isEntry(images) || !isEntry(annotations) || !isEntry(categories)) return false;
    this.others = { ...this.others, ...others };
    for (const entry of categories) this.numbers.set(String(entry['name']), Number(entry['id']));
    for (const entry of images) this.names.add(String(entry['file_name']));
    this.images.push(...images);
    this.annotations.push(...annotations);
    this.categories.splice(0, this.categories.length, ...categories);
    this.last.image = lastOf(images);
    this.last.annotation = lastOf(annotations);
    this.last.category = lastOf(categories);
    return true;
  }

  /** Gives categories their numbers, in this order. */
  name(categories: readonly string[]): void {
    for (const category of categories) this.numberOf(category);
  }

  /** `file_name` of the pictures that are in it. */
  get fileNames(): ReadonlySet<string> {
    return this.names;
  }

  add({ image, annotations }: CocoPicture): void {
    const number = ++this.last.image;
    this.names.add(image.file_name);
    this.images.push({ id: number, ...image });
    for (const { category, ...annotation } of annotations) {
      const id = ++this.last.annotation;
      this.annotations.push({ id, image_id: number, category_id: this.numberOf(category), ...annotation });
    }
  }

  /** The file as a value. */
  value(): Entry {
    const { others, images, categories, annotations } = this;
    return { ...others, images, categories, annotations };
  }

  /** The file in pieces, an entry a line: as one text it could be longer than a text may be. */
  *text(): Iterable<string> {
    let separator = '{';
    for (const [name, value] of Object.entries(this.value())) {
      yield `${separator}\n${jsonText(name)}: `;
      separator = ',';
      if (Array.isArray(value)) yield* listText(value);
      else yield jsonText(value);
    }
    yield '\n}\n';
  }

  private numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    const id = ++this.last.category;
    this.numbers.set(name, id);
    this.categories.push({ id, name, supercategory: '' });
    return id;
  }
}

function* listText(values: readonly unknown[]): Iterable<string> {
  let separator = '[';
  for (const value of values) {
    yield `${separator}\n${jsonText(value)}`;
    separator = ',';
  }
  yield values.length === 0 ? '[]' : '\n]';
}

function lastOf(entries: readonly Entry[]): number {
  return entries.reduce((last, { id }) => Math.max(last, Number(id)), 0);
}

function segmentation(mask: Mask): { readonly area: number; readonly segmentation: unknown } {
  const { data, width, height } = readGreyPng(mask.png);
  const counts = runLengths(data, width, height);
  return {
    area: counts.reduce((sum, count, index) => index % 2 === 1 ? sum + count : sum, 0),
    segmentation: { size: [height, width], counts },
  };
}

/**
 * Column by column, from the upper left; the first run is outside and may be 0. 128 and more is inside. Source:
 * pycocotools `maskApi.c`, `rleEncode`.
 */
export function runLengths(data: Uint8Array, width: number, height: number): number[] {
  const counts: number[] = [];
  let isInside = false;
  let count = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const isHere = data[y * width + x]! >= 128;
      if (isHere !== isInside) {
        counts.push(count);
        count = 0;
        isInside = isHere;
      }
      count++;
    }
  }
  counts.push(count);
  return counts;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
