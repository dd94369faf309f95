/** Where the answers of a batch go, and which pictures need no run: decided by what is on the disk already. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { imagesInJsonl, isJsonl } from '../../paligemma/src/answers/jsonl';
import { imagesInMarkdown } from '../../paligemma/src/answers/markdown';
import { Failure } from '../../paligemma/src/failures';
import { given } from '../../paligemma/src/given';
import type { Translate } from '../../paligemma/src/translate';
import { answerPaths, commonFolder, freeName, singleFileName } from './answerNames';
import { imagesInCoco } from './cocoFile';
import { isFolder, isThere, readText, RefusedFile } from './disk';
import {
  fileEndings,
  isSingleForm,
  type ExistingChoice,
  type OutputForm,
  type PictureForm,
  type SingleForm,
} from './forms';
import type { InterruptedBatch } from './journal';
import { CLASSES_FILE } from './pictureFiles';
import type { BatchTarget, PictureTarget, SingleTarget } from './plan';
import { absoluteFrom } from './relativePaths';

export interface BatchWish {
  readonly form: OutputForm;
  /** Absolute, each once. */
  readonly imagePaths: readonly string[];
  readonly prompt: string;
  /**
   * Absolute. Of a form with one file: that file, or a folder for it. Of the others: a folder for their files; without
   * it they lie beside their pictures.
   */
  readonly place?: string | undefined;
  /** The folder whose tree is repeated in `place`. Default: the deepest one that holds all pictures. */
  readonly base?: string | undefined;
  /** Lines of JSONL say that nobody has looked at them yet. */
  readonly areDrafts?: boolean | undefined;
}

export interface Destination {
  readonly target: BatchTarget;
  /** Indexes of pictures whose answers are there already and stay. */
  readonly skipped: ReadonlySet<number>;
}

/** Files that a batch would write, and how many of them are there. */
export function filesOf(wish: BatchWish): { readonly paths: readonly string[]; readonly there: number } {
  const { form } = wish;
  const paths = isSingleForm(form) ? [singlePath(wish, form)] : picturePaths(wish, form);
  return { paths, there: paths.filter(isThere).length };
}

/**
 * @param earlier A batch of the same wish and choice that was interrupted: it goes on where it stopped.
 * @throws Failure `fileTaken`, where something else lies there; `fileUnreadable`.
 */
export async function destinationOf(
  wish: BatchWish,
  existing: ExistingChoice,
  earlier: InterruptedBatch | undefined,
  t: Translate,
): Promise<Destination> {
  const { form, place } = wish;
  if (!isSingleForm(form) && place !== undefined && await isOther(place, 'folder')) {
    throw new Failure('fileTaken', t('“{0}” is no folder. Name one for the files.', place));
  }
  const target = isSingleForm(form)
    ? singleTarget(wish, form, existing, earlier)
    : pictureTarget(wish, form, existing, earlier);
  return { target, skipped: await skippedIn(target, wish, earlier, t) };
}

/** Where an interrupted batch goes on. @throws as {@link destinationOf}. */
export async function whereStopped(batch: InterruptedBatch, t: Translate): Promise<Destination> {
  const { target, prompt } = batch.plan;
  return { target, skipped: await skippedIn(target, { imagePaths: imagePathsOf(batch), prompt }, batch, t) };
}

/** Indexes of the pictures whose answers are there. A file tells it itself, where it is one of this batch. */
async function skippedIn(
  target: BatchTarget,
  { imagePaths, prompt }: Pick<BatchWish, 'imagePaths' | 'prompt'>,
  earlier: InterruptedBatch | undefined,
  t: Translate,
): Promise<ReadonlySet<number>> {
  const isAnswered = 'path' in target
    ? await answeredInFile(target, prompt, earlier, t)
    : answeredByPicture(target, earlier);
  return new Set([...imagePaths.keys()].filter(index => isAnswered(imagePaths[index] ?? '', index)));
}

type IsAnswered = (imagePath: string, index: number) => boolean;

function answeredByPicture({ paths, replaces }: PictureTarget, earlier: InterruptedBatch | undefined): IsAnswered {
  if (earlier === undefined) return (_, index) => !replaces && isThere(paths[index] ?? '');
  const before = imagePathsOf(earlier);
  const done = new Set([...earlier.done].map(index => before[index]));
  return (imagePath, index) => done.has(imagePath) && isThere(paths[index] ?? '');
}

async function answeredInFile(
  target: SingleTarget,
  prompt: string,
  earlier: InterruptedBatch | undefined,
  t: Translate,
): Promise<IsAnswered> {
  const { path: filePath, kind, replaces } = target;
  if (await isOther(filePath, 'file')) {
    throw new Failure('fileTaken', t('“{0}” is a folder, a device or a pipe. Name a file for the answers.', filePath));
  }
  // What is going to be replaced says nothing.
  if (replaces && (earlier?.done.size ?? 0) === 0) return () => false;
  const images = await readable(imagesIn(target, prompt), t);
  if (images === undefined) {
    throw new Failure(
      'fileTaken',
      t('“{0}” holds something else than {1}. Choose another file, or let it be replaced.', filePath, formNames[kind]),
    );
  }
  const known = new Set(images.map(image => absoluteFrom(filePath, image)));
  return imagePath => known.has(imagePath);
}

async function readable<T>(work: Promise<T>, t: Translate): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof RefusedFile)) throw error;
    const { filePath, code = t('not a text file, or too long') } = error;
    throw new Failure('fileUnreadable', t('“{0}” cannot be read ({1}). Choose another file.', filePath, code), {
      cause: error,
    });
  }
}

/** Absolute; of a plan that was changed by hand perhaps empty. */
function imagePathsOf({ plan }: InterruptedBatch): readonly string[] {
  return plan.imageUris.map(uri => {
    try {
      return fileURLToPath(uri);
    } catch {
      return '';
    }
  });
}

/** Whether something has this name that is not what it should be. */
async function isOther(filePath: string, wanted: 'file' | 'folder'): Promise<boolean> {
  const info = await stat(filePath).catch(() => undefined);
  return info !== undefined && !(wanted === 'file' ? info.isFile() : info.isDirectory());
}

function pictureTarget(
  wish: BatchWish,
  kind: PictureForm,
  existing: ExistingChoice,
  earlier: InterruptedBatch | undefined,
): PictureTarget {
  const { imagePaths, place } = wish;
  const paths = picturePaths(wish, kind);
  const folder = place ?? (kind === 'yolo' ? folderOf(imagePaths) : undefined);
  return {
    kind,
    paths: existing === 'rename' ? renamed(paths, imagePaths, earlier) : paths,
    replaces: existing === 'overwrite',
    ...given({ folder }),
  };
}

/** A picture that had a new name before keeps it. */
function renamed(
  paths: readonly string[],
  imagePaths: readonly string[],
  earlier: InterruptedBatch | undefined,
): readonly string[] {
  const names = earlier !== undefined && 'paths' in earlier.plan.target ? earlier.plan.target.paths : [];
  const images = earlier === undefined ? [] : imagePathsOf(earlier);
  const before = new Map(names.map((name, index) => [images[index], name]));
  const taken = new Set([...paths, ...names]);
  return paths.map((name, index) => {
    const known = before.get(imagePaths[index]);
    if (known !== undefined) return known;
    if (!isThere(name)) return name;
    const free = freeName(name, candidate => isThere(candidate) || taken.has(candidate));
    taken.add(free);
    return free;
  });
}

function singleTarget(
  wish: BatchWish,
  kind: SingleForm,
  existing: ExistingChoice,
  earlier: InterruptedBatch | undefined,
): SingleTarget {
  const named = singlePath(wish, kind);
  const before = earlier !== undefined && 'path' in earlier.plan.target ? earlier.plan.target.path : undefined;
  return {
    kind,
    path: existing === 'rename' ? before ?? freeName(named, isThere) : named,
    replaces: existing === 'overwrite',
    ...(wish.areDrafts === true ? { areDrafts: true } : {}),
  };
}

const formNames: Readonly<Record<SingleForm, string>> = { jsonl: 'JSON Lines', markdown: 'Markdown', coco: 'COCO' };

/** The pictures that are answered in a file, as they stand there; undefined where it holds something else. */
async function imagesIn(
  { kind, path: filePath, replaces }: SingleTarget,
  prompt: string,
): Promise<readonly string[] | undefined> {
  if (kind === 'coco') return imagesInCoco(filePath, replaces);
  const content = await readText(filePath) ?? '';
  if (kind === 'markdown') return content.includes('\0') ? undefined : imagesInMarkdown(content);
  return isJsonl(content) ? imagesInJsonl(content, prompt) : undefined;
}

function picturePaths({ imagePaths, place, base }: BatchWish, form: PictureForm): string[] {
  const reserved = form === 'yolo' ? [path.join(place ?? folderOf(imagePaths), CLASSES_FILE)] : [];
  return answerPaths(imagePaths, { ending: fileEndings[form], folder: place, base, reserved });
}

function singlePath({ imagePaths, prompt, place }: BatchWish, form: SingleForm): string {
  const name = singleFileName(form, prompt);
  if (place === undefined) return path.join(folderOf(imagePaths), name);
  return /[\\/]$/.test(place) || isFolder(place) ? path.join(place, name) : place;
}

function folderOf(imagePaths: readonly string[]): string {
  return commonFolder(imagePaths.map(imagePath => path.dirname(imagePath)));
}
