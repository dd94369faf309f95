/** A data set to read, in whichever form: one file, or one folder of a split. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { PixelSize } from '../../../../datasets/src/forms/placedObject';
import type { Refusal, Remark, SetObject } from '../../../../datasets/src/forms/setObject';
import type { Example } from '../../../../datasets/src/forms/exampleText';

export const sourceForms = [
  'jsonl',
  'roboflow',
  'maestro',
  'imagefolder',
  'csv',
  'parquet',
  'messages',
  'sharegpt',
  'coco',
  'yolo',
  'voc',
] as const;
export type SourceForm = (typeof sourceForms)[number];

/** A picture of a line: a file, or bytes that lie in the data set itself. */
export interface PictureRef {
  /** As it stands there. */
  readonly written: string;
  /** Absolute. Of bytes: where they would lie. */
  readonly path: string;
  readonly bytes?: Uint8Array;
}

export type Entry =
  | {
    readonly kind: 'text';
    readonly pictures: readonly PictureRef[];
    readonly prefix: string;
    readonly suffix: string;
    readonly others: Example['others'];
  }
  | {
    readonly kind: 'objects';
    readonly picture: PictureRef;
    /** As the data set says it. */
    readonly size?: PixelSize;
    readonly objects: readonly SetObject[];
  };

export interface Item {
  /** For a person, such as `line 3`. */
  readonly place: string;
  /** Absent where nothing of it could be read. */
  readonly entry?: Entry;
  readonly refusals: readonly Refusal[];
  readonly remarks: readonly Remark[];
}

export interface SetSource {
  readonly form: SourceForm;
  /** Absolute: the file, or the folder. */
  readonly file: string;
  /** `train`, `valid`, `test`; undefined where nothing says it. */
  readonly split: string | undefined;
  /** Names of classes by number, where the data set has a list of them. @throws Failure; CancelledError. */
  classes(token: CancellationToken): Promise<readonly string[]>;
  /** May be asked for again. @throws Failure where the file is not of its form; CancelledError. */
  items(token: CancellationToken): AsyncGenerator<Item, void, void>;
}

/** The split that a path names: the last part of it that is one. */
export function splitOf(relativePath: string): string | undefined {
  const parts = relativePath.toLowerCase().split(/[\\/._]/);
  const found = parts.findLast(part => /^(?:train|training|val|valid|validation|test)$/.test(part));
  if (found === undefined) return undefined;
  return found.startsWith('val') ? 'valid' : found === 'training' ? 'train' : found;
}
