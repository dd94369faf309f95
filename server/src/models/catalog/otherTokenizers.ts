/** Where a tokenizer may be found for a checkpoint that brings none. */
import { stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * @param others Folders of models, the best first.
 * @returns Those that have a tokenizer; none where `folder` has its own.
 */
export async function otherTokenizers(folder: string, others: readonly string[]): Promise<readonly string[]> {
  if (await hasTokenizer(folder)) return [];
  const found = await Promise.all(others.map(async other => await hasTokenizer(other) ? [other] : []));
  return found.flat();
}

function hasTokenizer(folder: string): Promise<boolean> {
  return stat(path.join(folder, 'tokenizer.json')).then(entry => entry.isFile(), () => false);
}
