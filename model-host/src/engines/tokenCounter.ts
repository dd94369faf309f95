import path from 'node:path';
import { readPlainFile } from '../../../system/src/plainFile';
import type { CountTokensParams } from '../contract/protocol';
import { TOKENIZER_FILE } from '../manifest/manifest';
import { folderTokenizer } from '../onnxFolder/folderTokenizer';
import { Tokenizer } from '../tokenizer/tokenizer';
import { MAX_TOKENIZER_BYTES } from '../tokenizer/tokenizerJson';
import { breathe } from '../util/breathe';

const UNITS_BETWEEN_BREATHS = 100_000;

/** Counts tokens; the tokenizer that was asked last stays in memory. */
export class TokenCounter {
  private last: { readonly folder: string; readonly tokenizer: Tokenizer } | undefined;

  /**
   * How many tokens each text has by itself, nothing added.
   * @throws Failure `tokenizerMissing`, `tokenizerInvalid`, `convertedModelCorrupt`, or of the cache kinds; DOMException `AbortError`.
   */
  async counts(
    { modelPath, texts }: CountTokensParams,
    cachePath: string,
    signal: AbortSignal,
  ): Promise<readonly number[]> {
    const tokenizer = this.last?.folder === modelPath
      ? this.last.tokenizer
      : await tokenizerOf(modelPath, cachePath, signal);
    this.last = { folder: modelPath, tokenizer };
    const counts: number[] = [];
    let units = 0;
    for (const text of texts) {
      counts.push(tokenizer.encode(text).length);
      units += text.length;
      if (units <= UNITS_BETWEEN_BREATHS) continue;
      units = 0;
      await breathe(signal);
    }
    return counts;
  }
}

async function tokenizerOf(folder: string, cachePath: string, signal: AbortSignal): Promise<Tokenizer> {
  const compiled = await readPlainFile(path.join(folder, TOKENIZER_FILE), MAX_TOKENIZER_BYTES).catch(() => undefined);
  return compiled === undefined ? folderTokenizer(folder, cachePath, signal) : Tokenizer.fromBytes(compiled);
}
