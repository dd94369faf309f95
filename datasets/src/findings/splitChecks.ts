/** Pictures that stand in two parts of a data set: what is trained on is then also tested on. Pure. */
import { textHash } from './textHash';

/** Further pictures are compared with the first ones only. */
const MOST_PICTURES = 8_000_000;

export type PictureKeyKind = 'path' | 'augmented' | 'content';

/** What tells a picture apart: where it lies, what it was called before it was augmented, or what is in it. */
export interface PictureKey {
  readonly kind: PictureKeyKind;
  readonly key: string;
}

export interface Elsewhere {
  readonly kind: PictureKeyKind;
  /** Where the picture stands too. */
  readonly file: string;
  readonly line: number;
}

export class SplitChecks {
  private readonly files: string[] = [];
  private readonly splits: (string | undefined)[] = [];
  /** Number of the file and of the line in one, by key. */
  private readonly known = new Map<number, number>();

  /** All lines that are taken now are of this file. */
  begin(file: string): void {
    this.files.push(file);
    this.splits.push(splitOf(file));
  }

  /** The first line of another part that has one of the keys. */
  take(line: number, keys: readonly PictureKey[]): Elsewhere | undefined {
    const current = this.files.length - 1;
    let found: Elsewhere | undefined;
    for (const { kind, key } of keys) {
      const hash = textHash(`${kind}\0${key}`);
      const packed = this.known.get(hash);
      if (packed === undefined) {
        if (this.known.size < MOST_PICTURES) this.known.set(hash, line * MOST_FILES + current % MOST_FILES);
        continue;
      }
      const file = packed % MOST_FILES;
      // Two files that are called otherwise may both be for training.
      if (this.splits[file] === this.splits[current]) continue;
      found ??= { kind, file: this.files[file] ?? '', line: Math.floor(packed / MOST_FILES) };
    }
    return found;
  }
}

const MOST_FILES = 1 << 16;

const names: Readonly<Record<string, string>> = { training: 'train', validation: 'valid', val: 'valid', dev: 'valid' };

/** `train`, `valid`, `test`, as the file or its folder is called; undefined where that does not tell. */
export function splitOf(file: string): string | undefined {
  for (const part of file.split(/[\\/]/).slice(-2).reverse()) {
    const [, word = ''] = /(?:^|[^a-z])(train(?:ing)?|val(?:id(?:ation)?)?|test|dev|eval)(?:[^a-z]|$)/i.exec(part)
      ?? [];
    if (word !== '') return names[word.toLowerCase()] ?? word.toLowerCase();
  }
  return undefined;
}

/**
 * What a picture was called before Roboflow made copies of it; undefined for others.
 * @param path As a line has it.
 */
export function augmentedName(path: string): string | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return /^(.+)\.rf\.[0-9a-f]{32}\.\w{1,5}$/i.exec(name)?.[1];
}
