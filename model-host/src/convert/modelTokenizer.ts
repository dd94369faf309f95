/** The tokenizer that a model is converted with: its own, or for a form that brings none one that fits. */
import * as l10n from '@vscode/l10n';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { Failure } from '../../../paligemma/src/failures';
import { compileTokenizer } from '../tokenizer/compile';
import { Tokenizer } from '../tokenizer/tokenizer';

/** Compiling one takes seconds; all those of PaliGemma 2 are the same. */
const MOST_TRIED = 8;

/**
 * An archive of big_vision has no tokenizer beside it: `tokenizer.json` in its folder or the one around it counts, then
 * those of `others`, the first that has as many tokens as the archive has rows.
 * @returns What `Tokenizer.fromBytes` takes. @throws Failure tokenizerMissing, tokenizerInvalid; AbortError.
 */
export async function modelTokenizer(
  { folder, form, vocabularySize }: Checkpoint,
  others: readonly string[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (form?.kind !== 'bigVision') return compileTokenizer(folder, signal);
  if (await hasTokenizer(folder)) {
    const own = await compileTokenizer(folder, signal);
    if (fits(own, vocabularySize)) return own;
    throw new Failure(
      'tokenizerInvalid',
      l10n.t(
        'tokenizer.json in {0} belongs to another model: the archive beside it has {1} tokens. Copy tokenizer.json of a PaliGemma 2 checkpoint there, for example of google/paligemma2-3b-mix-448.',
        folder,
        vocabularySize,
      ),
    );
  }
  for (const place of [path.dirname(folder), ...others].slice(0, MOST_TRIED)) {
    if (!(await hasTokenizer(place))) continue;
    try {
      const other = await compileTokenizer(place, signal);
      if (fits(other, vocabularySize)) return other;
    } catch (error) {
      // One of another model, or a broken one, is no reason to stop.
      if (!(error instanceof Failure)) throw error;
    }
  }
  throw new Failure(
    'tokenizerMissing',
    l10n.t(
      '{0} has no tokenizer.json: an archive of big_vision brings none, and no other model on this machine has one that fits. Copy tokenizer.json of a PaliGemma 2 checkpoint there, for example of google/paligemma2-3b-mix-448.',
      folder,
    ),
  );
}

async function hasTokenizer(folder: string): Promise<boolean> {
  return stat(path.join(folder, 'tokenizer.json')).then(entry => entry.isFile(), () => false);
}

/** Transformers puts `<image>` behind the last token of big_vision. */
function fits(bytes: Uint8Array, rows: number): boolean {
  const tokenizer = Tokenizer.fromBytes(bytes);
  const { image } = tokenizer.specials;
  return image < 0 ? tokenizer.vocabularySize <= rows : image === rows;
}
