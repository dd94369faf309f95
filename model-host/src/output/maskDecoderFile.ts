import { stat } from 'node:fs/promises';
import path from 'node:path';
import { maskDecoderFiles } from '../contract/paligemma';

/** Absolute path of the first mask decoder that lies in one of the folders; undefined where there is none. */
export async function findMaskDecoder(folders: readonly string[]): Promise<string | undefined> {
  for (const candidate of folders.flatMap(folder => maskDecoderFiles.map(name => path.join(folder, name)))) {
    if (await stat(candidate).then(entry => entry.isFile(), () => false)) return candidate;
  }
  return undefined;
}
