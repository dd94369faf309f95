/** Which files of a data set are meant by the words of a person. */
import path from 'node:path';
import { statOf } from '../../workspace/filePaths';
import { walkFolder } from '../../workspace/walkFolder';

/** A set has a file for each part; a folder with more holds something else. */
const LIMITS = { mostFiles: 1_000, mostEntries: 2_000_000 };
const skipped = new Set(['node_modules', '.git', '.venv', '__pycache__']);

export interface SetFiles {
  /** Absolute, each once. */
  readonly files: readonly string[];
  /** Words that lead to nothing, and folders without a file of lines. */
  readonly missing: readonly string[];
  readonly empty: readonly string[];
}

/** @param words Files, which are taken whatever they are called, and folders, in which `*.jsonl` is looked for. */
export async function findSetFiles(words: readonly string[]): Promise<SetFiles> {
  const [files, missing, empty] = [new Set<string>(), [] as string[], [] as string[]];
  for (const word of words) {
    const place = path.resolve(word);
    const info = await statOf(place);
    if (info === undefined) missing.push(word);
    else if (!info.isDirectory()) files.add(place);
    else {
      const found = await walkFolder(place, {
        enters: names => !skipped.has(names.at(-1) ?? ''),
        takes: names => /\.jsonl$/i.test(names.at(-1) ?? ''),
      }, LIMITS);
      if (found.files.length === 0) empty.push(word);
      for (const file of found.files) files.add(file);
    }
  }
  return { files: [...files], missing, empty };
}
