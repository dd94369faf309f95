/** The tokenizer of a folder that is used as it is: compiled once, kept in the cache folder. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { makeFolder } from '../../../system/src/makeFolder';
import { readPlainFile } from '../../../system/src/plainFile';
import { Failure } from '../../../paligemma/src/failures';
import { writeFailure } from '../util/writeFailure';
import { writeAtomically } from '../util/writeAtomically';
import { compileTokenizer } from '../tokenizer/compile';
import { TOKENIZER_FORMAT_VERSION } from '../tokenizer/tables';
import { Tokenizer } from '../tokenizer/tokenizer';
import { MAX_TOKENIZER_BYTES } from '../tokenizer/tokenizerJson';

/** @throws Failure tokenizerMissing, tokenizerInvalid, or of the cache kinds; AbortError. */
export async function folderTokenizer(folder: string, cachePath: string, signal: AbortSignal): Promise<Tokenizer> {
  const json = await readPlainFile(path.join(folder, 'tokenizer.json'), MAX_TOKENIZER_BYTES).catch(() => undefined);
  const digest = createHash('sha256').update(`${TOKENIZER_FORMAT_VERSION}\n`).update(json ?? '').digest('hex');
  const file = path.join(cachePath, 'tokenizers', `${digest}.bin`);
  const known = json === undefined ? undefined : await readPlainFile(file, MAX_TOKENIZER_BYTES).catch(() => undefined);
  if (known !== undefined) {
    try {
      return Tokenizer.fromBytes(known);
    } catch (error) {
      // A damaged file of ours is written again below.
      if (!(error instanceof Failure)) throw error;
    }
  }
  const bytes = await compileTokenizer(folder, signal);
  await makeFolder(path.dirname(file), 0o700).catch((error: unknown) => {
    throw writeFailure(file, error);
  });
  await writeAtomically(file, bytes, signal);
  return Tokenizer.fromBytes(bytes);
}
