/** Which files a new data set has, by its form and its place. */
import * as l10n from '@vscode/l10n';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isFolder, isThere } from '../../../../batch/src/disk';
import { Failure } from '../../../../paligemma/src/failures';
import type { TextForm } from '../../../../datasets/src/forms/exampleText';
import type { SetSource } from '../sources/source';

export const targetForms = [
  'jsonl',
  'roboflow',
  'maestro',
  'imagefolder',
  'csv',
  'messages',
  'sharegpt',
  'coco',
  'yolo',
  'voc',
] as const;
export type TargetForm = (typeof targetForms)[number];

/** One split of it. */
export interface TargetPart {
  readonly form: TargetForm;
  /** What its lines or lists are written as; undefined where each picture has a file. */
  readonly text: TextForm | undefined;
  /** The file, or for a file a picture the folder; absolute. */
  readonly place: string;
  /** For copies of the pictures; undefined: they stay where they are. */
  readonly pictures: string | undefined;
}

/** What the name of OUT says. @throws Failure `badArgument` */
export function formOfTarget(out: string): TargetForm {
  switch (path.extname(out).toLowerCase()) {
    case '.jsonl':
    case '.ndjson':
      return path.basename(out) === 'metadata.jsonl' ? 'imagefolder' : 'jsonl';
    case '.csv':
      return 'csv';
    case '.json':
      return 'coco';
    default:
      throw new Failure('badArgument', l10n.t('The form of {0} is not told by its name. Name it with --to.', out));
  }
}

/** @param split Undefined where the whole set is one. @param isOnly No other split goes to the same place. */
export function targetPart(out: string, form: TargetForm, split: string | undefined, isOnly: boolean): TargetPart {
  const isOneFile = path.extname(out) !== '';
  const file = isOnly ? out : withSplit(out, split);
  const folder = path.join(out, split ?? '');
  const text = (kind: TextForm, place: string, pictures?: string): TargetPart => ({
    form,
    text: kind,
    place,
    pictures,
  });
  switch (form) {
    case 'imagefolder':
      return isOneFile ? text(form, file) : text(form, path.join(folder, 'metadata.jsonl'), folder);
    case 'roboflow': {
      const place = path.join(out, 'dataset');
      return text('jsonl', path.join(place, `_annotations.${split ?? 'train'}.jsonl`), place);
    }
    case 'maestro': {
      const place = path.join(out, split ?? 'train');
      return text('jsonl', path.join(place, 'annotations.jsonl'), place);
    }
    case 'coco':
      return isOneFile
        ? { form, text: undefined, place: file, pictures: undefined }
        : { form, text: undefined, place: path.join(folder, '_annotations.coco.json'), pictures: folder };
    case 'yolo':
      return { form, text: undefined, place: out, pictures: path.join(out, 'images', split ?? '') };
    case 'voc':
      return { form, text: undefined, place: folder, pictures: path.join(folder, 'JPEGImages') };
    default:
      return text(form, file);
  }
}

function withSplit(file: string, split: string | undefined): string {
  if (split === undefined) return file;
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}.${split}${ext}`);
}

/**
 * That nothing is written over what is read, and nothing over what is there unless that was asked for.
 * @throws Failure `badArgument`, `fileTaken`
 */
export async function checkTarget(
  out: string,
  parts: readonly TargetPart[],
  sources: readonly SetSource[],
  replaces: boolean,
): Promise<void> {
  for (const { file } of sources) {
    const reads = (place: string) => place === file || isInside(file, place) && isFolder(place);
    if (out === file || parts.some(({ place }) => place === file) || (isFolder(out) && reads(out))) {
      throw new Failure('badArgument', l10n.t('{0} is what is read. Name another place for what is written.', out));
    }
    if (path.extname(out) === '' && isFolder(file) && isInside(out, file)) {
      throw new Failure(
        'badArgument',
        l10n.t(
          '{0} lies in the folder that is read, and would be a part of it the next time. Name a place beside it.',
          out,
        ),
      );
    }
  }
  if (replaces) return;
  const taken = parts.map(({ place }) => place).find(place => isThere(place) && !isFolder(place))
    ?? (isFolder(out) && (await readdir(out)).length > 0 ? out : undefined);
  if (taken !== undefined) {
    throw new Failure(
      'fileTaken',
      l10n.t('{0} is there already. Name another place, or add --existing overwrite.', taken),
    );
  }
}

function isInside(place: string, folder: string): boolean {
  const relative = path.relative(folder, place);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}
