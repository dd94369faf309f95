/** The tokenizer of a folder that is used as it is: compiled once, kept in the cache folder. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';
import { writeFailure } from '../util/writeFailure';
import { writeAtomically } from '../util/writeAtomically';
import { compileTokenizer } from '../tokenizer/compile';
import { TOKENIZER_FORMAT_VERSION } from '../tokenizer/tables';
import { Tokenizer } from '../tokenizer/tokenizer';

/** @throws Failure tokenizerMissing, tokenizerInvalid, or of the cache kinds; AbortError. */
export async function folderTokenizer(folder: string, cachePath: string, signal: AbortSignal): Promise<Tokenizer> {
  const json = await readFile(path.join(folder, 'tokenizer.json')).catch(() => undefined);
  const digest = createHash('sha256').update(`${TOKENIZER_FORMAT_VERSION}\n`).update(json ?? '').digest('hex');
  const file = path.join(cachePath, 'tokenizers', `${digest}.bin`);
  const known = json === undefined ? undefined : await readFile(file).catch(() => undefined);
  if (known !== undefined) {
    try {
      return Tokenizer.fromBytes(known);
    } catch (error) {
      // A damaged file of ours is written again below.
      if (!(error instanceof Failure)) throw error;
    }
  }
  const bytes = await compileTokenizer(folder, signal);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw writeFailure(file, error);
  });
  await writeAtomically(file, bytes, signal);
  return Tokenizer.fromBytes(bytes);
}
