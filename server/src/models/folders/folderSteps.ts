/** The folders and links on the way to a folder, and whose they are. */
import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';

/** What a system with permissions says of one place. */
export interface Step {
  /** Absolute. */
  readonly place: string;
  readonly isLink: boolean;
  readonly uid: number;
  readonly gid: number;
  /** The permission bits, the sticky bit among them. */
  readonly mode: number;
  /** Of the file system. */
  readonly dev: number;
}

/** Links on one way; more lead in a circle. */
const MOST_LINKS = 40;

/**
 * From the root down to the folder itself, through links; the last step is the folder. @param folder Absolute.
 * @returns undefined where nothing is there, or nothing that can be seen.
 */
export async function stepsTo(folder: string): Promise<readonly Step[] | undefined> {
  const { root } = path.parse(folder);
  const first = await stepAt(root);
  if (first === undefined) return undefined;
  const steps = [first];
  let at = root;
  let names = namesOf(folder);
  let links = 0;
  while (names.length > 0) {
    const [name = '', ...rest] = names;
    const step = await stepAt(path.join(at, name));
    if (step === undefined) return undefined;
    steps.push(step);
    if (!step.isLink) {
      at = step.place;
      names = rest;
      continue;
    }
    const target = ++links > MOST_LINKS ? undefined : await readlink(step.place).catch(() => undefined);
    if (target === undefined) return undefined;
    names = [...namesOf(path.resolve(at, target)), ...rest];
    at = root;
    // What follows a link lies in the root again, not in the link.
    steps.push(first);
  }
  return steps;
}

export async function stepAt(place: string): Promise<Step | undefined> {
  const info = await lstat(place).catch(() => undefined);
  if (info === undefined) return undefined;
  const { uid, gid, mode, dev } = info;
  return { place, isLink: info.isSymbolicLink(), uid, gid, mode: mode & 0o7777, dev };
}

function namesOf(place: string): string[] {
  return place.slice(path.parse(place).root.length).split(path.sep).filter(name => name !== '');
}
