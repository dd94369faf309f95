/** Sets with a file for each picture, and COCO: objects written. */
import path from 'node:path';
import { addText, placeFile, readText, removeFile, replaceNamedFile } from '../../../../batch/src/disk';
import { dataYaml } from '../../../../datasets/src/forms/yoloText';
import { cocoPicture } from '../../../../paligemma/src/answers/coco';
import { className, type ExportSource } from '../../../../paligemma/src/answers/exportSource';
import { jsonText } from '../../../../paligemma/src/answers/json';
import { pascalVocXml } from '../../../../paligemma/src/answers/pascalVoc';
import { classesText, yoloLabels } from '../../../../paligemma/src/answers/yolo';
import type { Remark, Shape } from '../../../../datasets/src/forms/setObject';
import { fileLines } from '../fileLines';
import type { PictureObject, PictureObjects } from './entryObjects';

/** Where objects of pictures go. */
export interface ObjectsTarget {
  /** Files that are written so far, whole ones. */
  readonly files: number;
  /**
   * @param written The picture's name in the new set. @param place Its own place, absolute.
   * @throws RefusedFile
   */
  add(picture: PictureObjects, written: string, place: string): Promise<readonly Remark[]>;
  /** Brings the set to its end. @throws RefusedFile */
  finish(classes: readonly string[]): Promise<void>;
  /** Takes away what is there only while the set is written, also where it came to no end. @throws RefusedFile */
  close(): Promise<void>;
}

/** Characters that are held before they are written. */
const BLOCK = 1 << 20;

/** The lists of a COCO file grow in files beside it until it is put together. */
export class CocoTarget implements ObjectsTarget {
  files = 0;
  private readonly numbers = new Map<string, number>();
  private readonly categories = new Map<string, number>();
  private readonly lists = { images: '', annotations: '' };
  private annotations = 0;

  constructor(private readonly file: string, private readonly replaces: boolean, classes: readonly string[]) {
    for (const name of classes) this.categoryOf(name);
  }

  async add(picture: PictureObjects, written: string): Promise<readonly Remark[]> {
    const { size: { widthPx, heightPx }, objects } = picture;
    const known = this.numbers.get(written);
    const number = known ?? this.numbers.size + 1;
    if (known === undefined) {
      this.numbers.set(written, number);
      await this.append('images', { id: number, file_name: written, width: widthPx, height: heightPx });
    }
    for (const object of objects) {
      const [annotation] = cocoPicture(exportSource(picture, written, [object])).annotations;
      if (annotation === undefined) continue;
      const { category, ...entry } = annotation;
      const shaped = object.shape === undefined
        ? entry
        : { ...entry, ...segmentation(object.shape, widthPx, heightPx) };
      const id = ++this.annotations;
      await this.append('annotations', { id, image_id: number, category_id: this.categoryOf(category), ...shaped });
    }
    return [];
  }

  async finish(): Promise<void> {
    await this.flush('images');
    await this.flush('annotations');
    if (this.replaces) await replaceNamedFile(this.file, this.text());
    else await placeFile(this.file, this.text(), false);
    this.files++;
  }

  async close(): Promise<void> {
    for (const list of ['images', 'annotations'] as const) await removeFile(this.partOf(list));
  }

  private async *text(): AsyncGenerator<string> {
    yield `{\n"info": ${jsonText({ description: 'PaliGemma 2: data convert' })},\n"licenses": [],\n"images": [`;
    yield* this.entries('images');
    const categories = [...this.categories].map(([name, id]) => `\n${jsonText({ id, name, supercategory: '' })}`);
    yield `],\n"categories": [${categories.join(',')}\n],\n"annotations": [`;
    yield* this.entries('annotations');
    yield ']\n}\n';
  }

  private async *entries(list: 'images' | 'annotations'): AsyncGenerator<string> {
    let [block, separator] = ['', '\n'];
    if (await readStartOf(this.partOf(list))) {
      for await (const { text = '' } of fileLines(this.partOf(list))) {
        block += separator + text;
        separator = ',\n';
        if (block.length < BLOCK) continue;
        yield block;
        block = '';
      }
    }
    yield `${block}\n`;
  }

  private async append(list: 'images' | 'annotations', value: unknown): Promise<void> {
    this.lists[list] += `${jsonText(value)}\n`;
    if (this.lists[list].length > BLOCK) await this.flush(list);
  }

  private async flush(list: 'images' | 'annotations'): Promise<void> {
    if (this.lists[list] !== '') await addText(this.partOf(list), this.lists[list]);
    this.lists[list] = '';
  }

  private partOf(list: string): string {
    return `${this.file}.${list}.partial-${process.pid}`;
  }

  private categoryOf(name: string): number {
    const known = this.categories.get(name);
    if (known !== undefined) return known;
    this.categories.set(name, this.categories.size + 1);
    return this.categories.size;
  }
}

async function readStartOf(file: string): Promise<boolean> {
  try {
    for await (const _ of fileLines(file)) return true;
  } catch {
    // Nothing was added.
  }
  return false;
}

function segmentation(shape: Shape, widthPx: number, heightPx: number): Readonly<Record<string, unknown>> {
  if (shape.kind === 'runs') {
    const area = shape.counts.reduce((sum, count, index) => index % 2 === 1 ? sum + count : sum, 0);
    return { area, segmentation: { size: [shape.heightPx, shape.widthPx], counts: shape.counts } };
  }
  const rings = shape.rings.map(ring =>
    ring.map((value, index) => Math.round(value * (index % 2 === 0 ? widthPx : heightPx) * 100) / 100)
  );
  return { area: Math.round(rings.reduce((sum, ring) => sum + areaOf(ring), 0) * 100) / 100, segmentation: rings };
}

function areaOf(ring: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < ring.length; at += 2) {
    const next = (at + 2) % ring.length;
    sum += (ring[at] ?? 0) * (ring[next + 1] ?? 0) - (ring[next] ?? 0) * (ring[at + 1] ?? 0);
  }
  return Math.abs(sum) / 2;
}

export class YoloTarget implements ObjectsTarget {
  private readonly begun = new Set<string>();

  /** @param folder Absolute, with `labels` beside `images`. */
  constructor(
    private readonly folder: string,
    private readonly replaces: boolean,
    private readonly classes: readonly string[],
    private readonly splits: readonly (string | undefined)[],
  ) {}

  get files(): number {
    return this.begun.size;
  }

  async add(picture: PictureObjects, written: string, place: string): Promise<readonly Remark[]> {
    const remarks: Remark[] = [];
    const lines = picture.objects.map(object => {
      const outline = outlineOf(object);
      if (outline === undefined && hasMask(object)) remarks.push('maskAsBox');
      const number = this.classes.indexOf(className(object.region));
      return outline === undefined
        ? yoloLabels(exportSource(picture, written, [object]), this.classes)
        : `${[number, ...outline.map(value => Math.min(Math.max(value, 0), 1).toFixed(6))].join(' ')}\n`;
    });
    const relative = path.relative(path.join(this.folder, 'images'), place).replace(/\.[^./\\]*$/, '.txt');
    const labels = path.join(this.folder, 'labels', relative);
    // A picture may have several lines; those of one run belong together.
    const before = this.begun.has(labels) ? await readText(labels) ?? '' : '';
    await placeFile(labels, before + lines.join(''), this.replaces || this.begun.has(labels));
    this.begun.add(labels);
    return remarks;
  }

  async finish(): Promise<void> {
    const names = this.splits.filter(split => split !== undefined);
    const places = names.length === 0
      ? { train: 'images', val: 'images' }
      : Object.fromEntries(names.map(name => [name === 'valid' ? 'val' : name, `images/${name}`]));
    await placeFile(path.join(this.folder, 'classes.txt'), classesText(this.classes), this.replaces);
    await placeFile(path.join(this.folder, 'data.yaml'), dataYaml(this.classes, places), this.replaces);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function hasMask({ region, shape }: PictureObject): boolean {
  return shape !== undefined || region.mask !== undefined;
}

function outlineOf({ shape }: PictureObject): readonly number[] | undefined {
  return shape?.kind === 'rings' && shape.rings.length === 1 ? shape.rings[0] : undefined;
}

export class VocTarget implements ObjectsTarget {
  files = 0;
  private readonly held = new Map<string, PictureObjects>();

  /** @param repeated Pictures that have several lines, by their path: they are written once. */
  constructor(
    private readonly folder: string,
    private readonly replaces: boolean,
    private readonly repeated: ReadonlySet<string>,
  ) {}

  async add(picture: PictureObjects, written: string): Promise<readonly Remark[]> {
    const masks = picture.objects.filter(hasMask).map(() => 'maskLeftOut' as const);
    if (!this.repeated.has(picture.picture.path)) {
      await this.write(picture, written);
      return masks;
    }
    const before = this.held.get(written)?.objects ?? [];
    this.held.set(written, { ...picture, objects: [...before, ...picture.objects] });
    return masks;
  }

  async finish(): Promise<void> {
    for (const [written, picture] of this.held) await this.write(picture, written);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async write(picture: PictureObjects, written: string): Promise<void> {
    const name = path.posix.basename(written);
    const xml = pascalVocXml(exportSource(picture, name, picture.objects), 'JPEGImages');
    await placeFile(path.join(this.folder, 'Annotations', `${path.parse(name).name}.xml`), xml, this.replaces);
    this.files++;
  }
}

function exportSource(
  { size: { widthPx, heightPx } }: PictureObjects,
  fileName: string,
  objects: readonly PictureObject[],
): ExportSource {
  return { fileName, widthPx, heightPx, prompt: '', suffix: '', regions: objects.map(({ region }) => region) };
}
