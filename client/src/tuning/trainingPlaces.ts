/** Which files and folders beside the data are worth proposing. Free of the editor. */
import path from 'node:path';
import { isRecord } from '../../../paligemma/src/checks';
import { readPlainJson } from '../../../system/src/plainFile';

/** Of the trainer's note on what it trains. */
const LONGEST_NOTE = 1 << 20;

/** Other files of lines, those that are called held-out ones first. */
export function validFirst(names: readonly string[], own: string): readonly string[] {
  const others = names.filter(name => name !== own && /\.jsonl$/i.test(name));
  const rank = (name: string) => (/val|dev/i.test(name) ? 0 : /test|held/i.test(name) ? 1 : 2);
  return others.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** A name that nothing has yet, such as `train-lora`, `train-lora-2`. */
export function freeFolder(names: readonly string[], file: string, method: string): string {
  const base = `${path.parse(file).name.replace(/^[._]+/, '').replaceAll('.', '-') || 'tuned'}-${method}`;
  for (let count = 1;; count++) {
    const name = count === 1 ? base : `${base}-${count}`;
    if (!names.includes(name)) return name;
  }
}

/** Folders with a training that was interrupted. @param folder Absolute; `names`: what lies in it. */
export async function unfinishedIn(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const notes = await Promise.all(
    names.map(name => readPlainJson(path.join(folder, name, 'tuning.json'), LONGEST_NOTE)),
  );
  return names.filter((_, index) => {
    const note = notes[index];
    return isRecord(note) && note['state'] === 'running';
  });
}
