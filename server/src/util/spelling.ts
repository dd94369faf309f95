/**
 * Names that look the same: `é` is one code point in most pages, and two in what macOS wrote or an archive of it holds.
 * Most file systems take them for two names.
 */
import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** One spelling for names that look the same. Source: Unicode Standard Annex 15, form C. */
export function spelling(name: string): string {
  return name.normalize('NFC');
}

/**
 * The path of what is there under a name that only looks like the given one. Folders are read only where a name that may
 * be spelled otherwise is part of it: ask once the path itself was not found.
 * @param place Absolute.
 * @returns Undefined where there is nothing of the kind, and for names that have one spelling only. Never rejects.
 */
export async function spelledOnDisk(place: string): Promise<string | undefined> {
  const search = spelledAs(place);
  let step = search.next([]);
  while (step.done !== true) step = search.next(await readdir(step.value).catch(() => []));
  return step.value;
}

/** The path itself, or, where nothing is there, {@link spelledOnDisk}; the path itself where that is nothing either. */
export function nearestOnDisk(place: string): string {
  if (existsSync(place)) return place;
  const search = spelledAs(place);
  let step = search.next([]);
  while (step.done !== true) step = search.next(namesIn(step.value));
  return step.value ?? place;
}

/** Asks for the names in one folder after the other. */
function* spelledAs(place: string): Generator<string, string | undefined, readonly string[]> {
  if (!hasSpellings(place)) return undefined;
  const { root } = path.parse(place);
  let found = root;
  for (const name of place.slice(root.length).split(path.sep)) {
    if (!hasSpellings(name)) {
      found = path.join(found, name);
      continue;
    }
    const names = yield found;
    const own = names.includes(name) ? name : names.find(each => spelling(each) === spelling(name));
    if (own === undefined) return undefined;
    found = path.join(found, own);
  }
  return found;
}

function hasSpellings(name: string): boolean {
  return /[^\u0000-\u007f]/.test(name);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
