import { stat } from 'node:fs/promises';
import path from 'node:path';
import { maskDecoderFiles } from '../../../paligemma/src/facts';

/** The published one has 8.5 MB; what is larger by far is left where it lies. */
const MAX_BYTES = 256 * 2 ** 20;

/** Absolute path of the first mask decoder that lies in one of the folders; undefined where there is none. */
export async function findMaskDecoder(folders: readonly string[]): Promise<string | undefined> {
  for (const candidate of folders.flatMap(folder => maskDecoderFiles.map(name => path.join(folder, name)))) {
    if (await stat(candidate).then(entry => entry.isFile() && entry.size <= MAX_BYTES, () => false)) return candidate;
  }
  return undefined;
}
