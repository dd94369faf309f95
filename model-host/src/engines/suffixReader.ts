/** The suffix of one run while its tokens come. */
import type { SuffixTokens } from '../../../paligemma/src/confidence';
import type { RunProgress } from '../contract/protocol';
import { TextStream } from '../generation/textStream';
import type { Prediction } from '../runtime/prediction';
import type { Tokenizer } from '../tokenizer/tokenizer';

export class SuffixReader implements SuffixTokens {
  readonly tokenIds: number[] = [];
  readonly tokenProbabilities: number[] = [];
  readonly tokenStarts: number[] = [];
  private readonly stream: TextStream;

  /** @param onProgress Hears of each text that a token completes. */
  constructor(tokenizer: Tokenizer, private readonly onProgress: (progress: RunProgress) => void) {
    this.stream = new TextStream(tokenizer);
  }

  push({ id, probability }: Prediction): void {
    this.tokenIds.push(id);
    this.tokenProbabilities.push(probability);
    const text = this.stream.push(id);
    this.tokenStarts.push(this.stream.lastStart);
    if (text !== '') {
      this.onProgress({ kind: 'text', text: this.stream.text, tokens: this.tokenIds.length });
    }
  }

  /** The whole text, what was kept back included. */
  end(): string {
    this.stream.flush();
    return this.stream.text;
  }
}
