/** Text of a suffix while it is generated. */
import type { TokenDecoder } from '../tokenizer/tokenDecoder';
import type { Tokenizer } from '../tokenizer/tokenizer';

/**
 * Turns ids, one by one, into text in whole characters; special tokens are left out. All that it returns, joined, is
 * `tokenizer.decode` of all ids. Characters that are spelled in byte tokens come when a token of another kind follows.
 */
export class TextStream {
  private readonly decoder: TokenDecoder;
  private received = '';
  private start = 0;

  constructor(tokenizer: Tokenizer) {
    this.decoder = tokenizer.decoder({ skipSpecialTokens: true });
  }

  /** Everything returned so far. */
  get text(): string {
    return this.received;
  }

  /** Where the text of the last id begins, UTF-16 units of the whole text; of bytes, where their row will. */
  get lastStart(): number {
    return this.start;
  }

  /** Takes the next id; returns the text that it completes, often ''. */
  push(id: number): string {
    const { before, own } = this.decoder.take(id);
    this.start = this.received.length + before.length;
    return this.keep(before + own);
  }

  /** Ends the suffix: returns what was kept back; bytes that are no character become U+FFFD. */
  flush(): string {
    return this.keep(this.decoder.flush());
  }

  private keep(text: string): string {
    this.received += text;
    return text;
  }
}
