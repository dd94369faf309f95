/** Names of the files that a batch writes. */
import path from 'node:path';
import { pageFileName } from '../../paligemma/src/documentPages';
import { fileEndings, type SingleForm } from './forms';

/** Where files of one picture each go; without a folder beside their pictures. */
export interface NameRules {
  /** With its dot. */
  readonly ending: string;
  /** Absolute. */
  readonly folder?: string | undefined;
  /** The folder whose tree is repeated in `folder`. Default: the deepest one that holds all pictures. */
  readonly base?: string | undefined;
  /** Absolute; names that are somebody else's. */
  readonly reserved?: readonly string[] | undefined;
}

/**
 * One file for each picture: `kitchen.txt` for `kitchen.jpg`, as trainers of image models look for them, and
 * `report.page-3.txt` for a page of a document. Where several
 * pictures of the batch would share a file, each keeps its whole name: `kitchen.jpg.txt`.
 * @param imagePaths Absolute. @returns In the same order.
 */
export function answerPaths(
  imagePaths: readonly string[],
  { ending, folder, base, reserved = [] }: NameRules,
): string[] {
  const root = folder === undefined ? '' : base ?? commonFolder(imagePaths.map(imagePath => path.dirname(imagePath)));
  const places = imagePaths.map(pageFileName).map(imagePath =>
    folder === undefined ? imagePath : moved(imagePath, root, folder)
  );
  const names = places.map(place => `${place.slice(0, place.length - path.extname(place).length)}${ending}`);
  // Whoever keeps the whole name may meet another one's.
  for (let shared = sharedNames(names, reserved); shared.size > 0; shared = sharedNames(names, reserved)) {
    let hasChanged = false;
    for (const [index, place] of places.entries()) {
      const whole = `${place}${ending}`;
      if (names[index] === whole || !shared.has((names[index] ?? '').toLowerCase())) continue;
      names[index] = whole;
      hasChanged = true;
    }
    if (!hasChanged) break;
  }
  return names;
}

/** One text file beside each picture. @param imagePaths Absolute. @returns In the same order. */
export function sidecarPaths(imagePaths: readonly string[]): string[] {
  return answerPaths(imagePaths, { ending: fileEndings.sidecars });
}

/** Lower case: some disks take both for one file. */
function sharedNames(names: readonly string[], reserved: readonly string[]): ReadonlySet<string> {
  const seen = new Set(reserved.map(name => name.toLowerCase()));
  const shared = new Set<string>();
  for (const name of names.map(each => each.toLowerCase())) {
    if (seen.has(name)) shared.add(name);
    seen.add(name);
  }
  return shared;
}

/** The place in `folder` that a file has below `root`; of another drive below the letter of the drive. */
function moved(filePath: string, root: string, folder: string): string {
  return path.join(folder, path.relative(root, filePath).replace(/^([A-Za-z]):/, '$1'));
}

/** The file for all answers to a prompt: named after its task. */
export function singleFileName(form: SingleForm, prompt: string): string {
  const task = /^[a-z]+/i.exec(prompt.trim())?.[0]?.toLowerCase() ?? 'answers';
  return `${task === 'answer' ? 'answers' : task}${fileEndings[form]}`;
}

/** `filePath` where nobody has it, else `name-2.txt`, `name-3.txt` … */
export function freeName(filePath: string, isTaken: (candidate: string) => boolean): string {
  if (!isTaken(filePath)) return filePath;
  const extension = path.extname(filePath);
  const stem = filePath.slice(0, filePath.length - extension.length);
  for (let number = 2;; number++) {
    const candidate = `${stem}-${number}${extension}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** The deepest folder that holds all of them. @param folders Absolute, at least one. */
export function commonFolder(folders: readonly string[]): string {
  const [first = '', ...others] = new Set(folders);
  let folder = first;
  for (const other of others) {
    while (!isInside(other, folder) && path.dirname(folder) !== folder) folder = path.dirname(folder);
  }
  return folder;
}

function isInside(inner: string, folder: string): boolean {
  const way = path.relative(folder, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
}
