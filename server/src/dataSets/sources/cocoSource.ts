/**
 * COCO: pictures, annotations and categories in lists of one file, in any order. The file is read once for where each
 * annotation stands, and those of a picture are read together: a file of any length in little memory.
 */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import {
  cocoId,
  crowd,
  readCocoAnnotation,
  readCocoCategory,
  readCocoImage,
  type CocoId,
  type CocoImage,
} from '../../../../datasets/src/forms/cocoParts';
import type { Refusal, Remark, SetObject } from '../../../../datasets/src/forms/setObject';
import { isRecord } from '../../../../paligemma/src/checks';
import { parseShallow } from '../../../../paligemma/src/shallowJson';
import { openPlainFile } from '../../../../system/src/plainFile';
import { throwIfCancelled } from '../../util/cancellation';
import { jsonEntries, type JsonEntry } from './jsonEntries';
import { cocoFolders, folderHolding } from './pictureFolders';
import { pictureRef } from './pictureRefs';
import { notOfForm, unreadable } from './readable';
import type { Item, SetSource } from './source';

/** Annotations that lie so near each other are read at once. */
const GAP_BYTES = 4096;
const MOST_READ_BYTES = 4 << 20;

export class CocoSource implements SetSource {
  readonly form = 'coco';
  private index: Promise<CocoIndex> | undefined;

  constructor(readonly file: string, readonly split: string | undefined) {}

  async classes(token: CancellationToken): Promise<readonly string[]> {
    return [...(await this.indexed(token)).categories.values()];
  }

  async *items(token: CancellationToken): AsyncGenerator<Item, void, void> {
    const index = await this.indexed(token);
    for (const refusal of index.refusals) yield { place: refusal.place, refusals: [refusal], remarks: [] };
    const handle = await openPlainFile(this.file).catch((error: unknown) => {
      throw unreadable(error, this.file);
    });
    try {
      const folder = await folderHolding(cocoFolders(this.file), namesOf(index));
      for (const [number, image] of index.images.entries()) {
        throwIfCancelled(token);
        if (image === undefined) continue;
        const texts = await read(index.places.of(number), async (offset, bytes) => {
          const buffer = Buffer.allocUnsafe(bytes);
          return buffer.subarray(0, (await handle.read(buffer, 0, bytes, offset)).bytesRead);
        });
        yield itemOf(image, texts, index, folder);
      }
    } finally {
      await handle.close();
    }
  }

  private indexed(token: CancellationToken): Promise<CocoIndex> {
    return this.index ??= indexOf(this.file, token);
  }
}

interface CocoIndex {
  readonly categories: ReadonlyMap<CocoId, string>;
  /** By number; undefined for one that only annotations name. */
  readonly images: readonly (CocoImage | undefined)[];
  readonly places: Places;
  readonly refusals: readonly Refusal[];
}

/** Of pictures on this machine. */
function* namesOf({ images }: CocoIndex): Iterable<string> {
  for (const image of images) {
    if (image !== undefined && typeof pictureRef('/', image.fileName) !== 'string') yield image.fileName;
  }
}

async function indexOf(file: string, token: CancellationToken): Promise<CocoIndex> {
  const indexer = new Indexer();
  let count = 0;
  for await (const entry of jsonEntries(file)) {
    if ((++count & 1023) === 0) throwIfCancelled(token);
    indexer.take(entry);
  }
  if (!indexer.hasImages) throw notOfForm(file, l10n.t('It has no list “images”, which a COCO file has.'));
  indexer.end();
  return indexer;
}

class Indexer implements CocoIndex {
  readonly categories = new Map<CocoId, string>();
  readonly images: (CocoImage | undefined)[] = [];
  readonly places = new Places();
  readonly refusals: Refusal[] = [];
  hasImages = false;
  private readonly numbers = new Map<CocoId, number>();

  take({ list, text, offset, bytes }: JsonEntry): void {
    if (list === 'images') return this.takeImage(parsed(text));
    if (list === 'categories') {
      const category = readCocoCategory(parsed(text));
      if (category !== undefined && !this.categories.has(category.id)) this.categories.set(category.id, category.name);
    } else if (list === 'annotations') {
      const value = parsed(text);
      const id = isRecord(value) ? cocoId(value['image_id']) : undefined;
      if (id !== undefined) this.places.add(this.numberOf(id), offset, bytes);
      else this.refuse(placeOf(value), l10n.t('The annotation names no picture (“image_id”).'));
    }
  }

  /** Pictures that are not there are told once, with how many annotations are about them. */
  end(): void {
    for (const [id, number] of this.numbers) {
      const { length } = this.places.of(number);
      if (this.images[number] !== undefined || length === 0) continue;
      const message = l10n.t('{0} annotations are about a picture that is not in the list.', length);
      this.refuse(l10n.t('picture {0}', String(id)), message);
    }
  }

  private takeImage(value: unknown): void {
    this.hasImages = true;
    const image = readCocoImage(value);
    if (typeof image === 'string') return this.refuse(l10n.t('picture {0}', this.images.length + 1), image);
    const number = this.numberOf(image.id);
    if (this.images[number] === undefined) this.images[number] = image;
    else {this.refuse(
        l10n.t('picture {0}', String(image.id)),
        l10n.t('The “id” of the picture is another one’s already.'),
      );}
  }

  private numberOf(id: CocoId): number {
    const known = this.numbers.get(id);
    if (known !== undefined) return known;
    this.numbers.set(id, this.images.length);
    return this.images.push(undefined) - 1;
  }

  private refuse(place: string, message: string): void {
    this.refusals.push({ place, message });
  }
}

function placeOf(annotation: unknown): string {
  const id = isRecord(annotation) ? cocoId(annotation['id']) : undefined;
  return l10n.t('annotation {0}', id === undefined ? '?' : String(id));
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parseShallow(text);
  } catch {
    return undefined;
  }
}

function itemOf(image: CocoImage, texts: readonly string[], { categories }: CocoIndex, folder: string): Item {
  const place = l10n.t('picture {0}', String(image.id));
  const [objects, refusals, remarks]: [SetObject[], Refusal[], Remark[]] = [[], [], []];
  for (const text of texts) {
    const value = parsed(text);
    const at = placeOf(value);
    const category = isRecord(value) ? cocoId(value['category_id']) : undefined;
    const label = category === undefined ? undefined : categories.get(category);
    const object = !isRecord(value)
      ? l10n.t('The annotation is no JSON.')
      : label === undefined
      ? l10n.t('The annotation has a category (“category_id”) that is not in the list.')
      : readCocoAnnotation(value, image, label, at);
    if (object === crowd) remarks.push('crowd');
    else if (typeof object === 'string') refusals.push({ place: at, message: object });
    else objects.push(object);
  }
  const picture = pictureRef(folder, image.fileName);
  if (typeof picture === 'string') return { place, refusals: [{ place, message: picture }], remarks: [] };
  const { widthPx, heightPx } = image;
  return { place, entry: { kind: 'objects', picture, size: { widthPx, heightPx }, objects }, refusals, remarks };
}

interface Place {
  readonly offset: number;
  readonly bytes: number;
}

/** Where the annotations of each picture stand: three numbers an annotation. */
class Places {
  private offsets = new Float64Array(1024);
  private lengths = new Uint32Array(1024);
  /** The one before it of the same picture, counted from 1; 0: there is none. */
  private before = new Uint32Array(1024);
  private readonly last: number[] = [];
  private count = 0;

  add(picture: number, offset: number, bytes: number): void {
    if (this.count === this.offsets.length) this.grow();
    this.offsets[this.count] = offset;
    this.lengths[this.count] = bytes;
    this.before[this.count] = this.last[picture] ?? 0;
    this.last[picture] = ++this.count;
  }

  /** In the order of the file. */
  of(picture: number): readonly Place[] {
    const places: Place[] = [];
    for (let at = this.last[picture] ?? 0; at > 0; at = this.before[at - 1] ?? 0) {
      places.push({ offset: this.offsets[at - 1] ?? 0, bytes: this.lengths[at - 1] ?? 0 });
    }
    return places.reverse();
  }

  private grow(): void {
    const larger = <T extends Float64Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.offsets = larger(this.offsets, new Float64Array(2 * this.count));
    this.lengths = larger(this.lengths, new Uint32Array(2 * this.count));
    this.before = larger(this.before, new Uint32Array(2 * this.count));
  }
}

async function read(
  places: readonly Place[],
  bytesAt: (offset: number, bytes: number) => Promise<Buffer>,
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let first = 0; first < places.length;) {
    const begin = places[first]?.offset ?? 0;
    let [next, end] = [first, begin];
    for (; next < places.length; next++) {
      const { offset, bytes } = places[next] ?? { offset: 0, bytes: 0 };
      if (next > first && (offset - end > GAP_BYTES || offset + bytes - begin > MOST_READ_BYTES)) break;
      end = offset + bytes;
    }
    const block = await bytesAt(begin, end - begin);
    for (const { offset, bytes } of places.slice(first, next)) {
      texts.push(block.toString('utf8', offset - begin, offset - begin + bytes));
    }
    first = next;
  }
  return texts;
}
