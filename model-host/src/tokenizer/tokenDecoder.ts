/** Token ids → text, one id at a time. */

/** What the decoder needs to know of a vocabulary. */
export interface TokenTexts {
  /** Text of the token as the vocabulary writes it; undefined for an id without one. */
  textOf(id: number): string | undefined;
  /** The byte that the token stands for, or −1. */
  byteOf(id: number): number;
  isSpecial(id: number): boolean;
}

/**
 * Turns ids into text as they come. Ids without a token say nothing. Byte tokens are kept back until another token ends
 * their row: the row is text only if all of it is valid UTF-8, and else one U+FFFD a byte, so a late byte can still
 * spoil it. Source: huggingface/tokenizers 0.23, `decoders/byte_fallback.rs`.
 */
export class TokenDecoder {
  private row: number[] = [];

  constructor(
    private readonly texts: TokenTexts,
    private readonly spaceMark: string,
    private readonly skipSpecialTokens: boolean,
  ) {}

  /** Takes the next id; returns the text that is certain now, in whole characters, often ''. */
  push(id: number): string {
    const { before, own } = this.take(id);
    return before + own;
  }

  /** As {@link push}, in two parts: what was kept back of tokens before, and the text of this one. */
  take(id: number): { readonly before: string; readonly own: string } {
    const text = this.texts.textOf(id);
    if (text === undefined || this.skipSpecialTokens && this.texts.isSpecial(id)) return { before: '', own: '' };
    const byte = this.texts.byteOf(id);
    if (byte < 0) return { before: this.flush(), own: text.replaceAll(this.spaceMark, ' ') };
    this.row.push(byte);
    return { before: '', own: '' };
  }

  /** Returns what is still kept back. The decoder can be used again, as if new. */
  flush(): string {
    if (this.row.length === 0) return '';
    const bytes = Uint8Array.from(this.row);
    this.row = [];
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return '\ufffd'.repeat(bytes.length);
    }
  }
}
