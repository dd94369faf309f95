/** Which lines of a file belong together: those of one picture, of its copies, and of pictures that are nearly the same. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import path from 'node:path';
import { Groups } from '../../../../datasets/src/splits/groups';
import { Likenesses } from '../../../../datasets/src/splits/likeness';
import type { LineGroup } from '../../../../datasets/src/splits/shares';
import { readSetLine, type SetLine } from '../../../../datasets/src/lines/setLine';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import { plainLine } from '../../../../paligemma/src/plainText';
import type { LikenessResult } from '../../../../model-host/src/contract/protocol';
import type { HostAccess } from '../../host/hostAccess';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { inLanes } from '../../util/inLanes';
import { statOf } from '../../workspace/filePaths';
import { fileLines } from '../fileLines';
import { pictureRef } from '../sources/pictureRefs';
import { readable } from '../sources/readable';

/** Names that Roboflow gives to augmented copies: all of them share what stands in front. */
const copyName = /^(.+)\.rf\.[0-9a-f]{32}(?=\.[^.]+$)/i;
const MOST_LABELS = 100_000;
const none: readonly number[] = [];
/** Pictures that are looked at before they are compared, and of them at the same time. */
const PICTURES_AT_ONCE = 256;
const looks = { name: 'pictures', width: () => 4 };

export interface LineGroups {
  readonly groups: readonly LineGroup[];
  /** For each line of the file, from 1, the number of its group; -1 for one that is no example. */
  readonly groupOfLine: Int32Array;
  readonly unreadable: readonly number[];
  readonly pictures: number;
  /** Of the pictures, those that could not be looked at: only their names tell what belongs together. */
  readonly unseen: number;
}

export interface Looking {
  readonly host: HostAccess;
  readonly token: CancellationToken;
  readonly progress: (done: number, total: number) => void;
}

/** @throws Failure `fileUnreadable`; CancelledError. */
export async function groupLines(file: string, looking: Looking): Promise<LineGroups> {
  const reading = new Reading(path.dirname(file));
  for await (const { number, text } of readable(fileLines(file), file)) {
    if ((number & 1023) === 0) throwIfCancelled(looking.token);
    reading.take(number, text);
  }
  const joined = new Groups(reading.pictures.length);
  for (const [a, b] of reading.pairs) joined.join(a, b);
  joinByName(reading.pictures, joined);
  const unseen = await joinByContent(reading.pictures, joined, looking);
  return { ...reading.groupsBy(joined), unreadable: reading.unreadable, pictures: reading.pictures.length, unseen };
}

class Reading {
  /** Absolute, each once. */
  readonly pictures: string[] = [];
  /** Pictures of one line. */
  readonly pairs: (readonly [number, number])[] = [];
  readonly unreadable: number[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly labelNumbers = new Map<string, number>();
  /** For each line: a picture of it, or -1; and its labels. */
  private readonly pictureOfLine: number[] = [];
  private readonly labelsOfLine: (readonly number[])[] = [];
  /** Lists of labels come again and again: each is held once. */
  private readonly labelLists = new Map<string, readonly number[]>();

  constructor(private readonly folder: string) {}

  take(number: number, text: string | undefined): void {
    const line = lineOf(text);
    const pictures = (line?.images ?? []).flatMap(({ value }) => {
      const ref = pictureRef(this.folder, value);
      return typeof ref === 'string' ? [] : [this.numberOf(ref.path)];
    });
    const [first, ...more] = pictures;
    if (first === undefined && text?.trim() !== '') this.unreadable.push(number);
    for (const other of more) if (first !== undefined) this.pairs.push([first, other]);
    this.pictureOfLine.push(first ?? -1);
    this.labelsOfLine.push(first === undefined || line === undefined ? none : this.shared(this.labelsOf(line)));
  }

  groupsBy(joined: Groups): Pick<LineGroups, 'groups' | 'groupOfLine'> {
    const numbers = new Map<number, number>();
    const groups: { lines: number; readonly labels: Map<number, number> }[] = [];
    const groupOfLine = Int32Array.from(this.pictureOfLine, (picture, line) => {
      if (picture < 0) return -1;
      const root = joined.of(picture);
      const number = numbers.get(root) ?? groups.push({ lines: 0, labels: new Map() }) - 1;
      numbers.set(root, number);
      const group = groups[number];
      if (group === undefined) return -1;
      group.lines++;
      for (const label of this.labelsOfLine[line] ?? []) group.labels.set(label, (group.labels.get(label) ?? 0) + 1);
      return number;
    });
    return { groups, groupOfLine };
  }

  private numberOf(picture: string): number {
    const known = this.numbers.get(picture);
    if (known !== undefined) return known;
    this.numbers.set(picture, this.pictures.length);
    return this.pictures.push(picture) - 1;
  }

  private shared(labels: readonly number[]): readonly number[] {
    const key = labels.join();
    const known = this.labelLists.get(key);
    if (known === undefined && this.labelLists.size < MOST_LABELS) this.labelLists.set(key, labels);
    return known ?? labels;
  }

  /** Of objects their labels; of other answers the prefix, which says what kind of line it is. */
  private labelsOf({ prefix, suffix }: SetLine): readonly number[] {
    const labels = new Set(parseSuffix(suffix?.value ?? '').boxes.map(({ label }) => plainLine(label)));
    const names = labels.size > 0 ? [...labels] : [`\n${prefix?.value ?? ''}`];
    return names.flatMap(name => {
      const known = this.labelNumbers.get(name);
      if (known !== undefined) return [known];
      if (this.labelNumbers.size >= MOST_LABELS) return [];
      this.labelNumbers.set(name, this.labelNumbers.size);
      return [this.labelNumbers.size - 1];
    });
  }
}

/** Undefined for what is no example, and for a blank line. */
function lineOf(text: string | undefined): SetLine | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const line = readSetLine(text);
  return 'form' in line ? line : undefined;
}

/** Copies that Roboflow has augmented, in whichever folder they lie. */
function joinByName(pictures: readonly string[], joined: Groups): void {
  const first = new Map<string, number>();
  for (const [number, picture] of pictures.entries()) {
    const [, stem] = copyName.exec(path.basename(picture)) ?? [];
    if (stem === undefined) continue;
    const other = first.get(stem);
    if (other === undefined) first.set(stem, number);
    else joined.join(other, number);
  }
}

/** @returns How many pictures could not be looked at. */
async function joinByContent(pictures: readonly string[], joined: Groups, looking: Looking): Promise<number> {
  const { host, token, progress } = looking;
  const [byHash, likenesses] = [new Map<string, number>(), new Likenesses()];
  let [unseen, done] = [0, 0];
  const look = async (number: number) => {
    const picture = pictures[number] ?? '';
    if ((await statOf(picture))?.isFile() !== true) return undefined;
    return host.use(client => client.likeness(picture, token), token).catch((error: unknown) => {
      if (error instanceof CancelledError) throw error;
      return undefined;
    });
  };
  for (let begin = 0; begin < pictures.length; begin += PICTURES_AT_ONCE) {
    const numbers = [...pictures.slice(begin, begin + PICTURES_AT_ONCE).keys()].map(index => begin + index);
    const seen: (LikenessResult | undefined)[] = [];
    await inLanes(numbers, () => looks, async (number, index) => {
      seen[index] = await look(number);
      progress(++done, pictures.length);
    }, token);
    for (const index of numbers.keys()) {
      const likeness = seen[index];
      const number = begin + index;
      if (likeness === undefined) {
        unseen++;
        continue;
      }
      const same = byHash.get(likeness.sha256);
      if (same !== undefined) joined.join(same, number);
      else byHash.set(likeness.sha256, number);
      for (const near of likenesses.add(number, Buffer.from(likeness.levels, 'base64'))) joined.join(near, number);
    }
  }
  return unseen;
}
