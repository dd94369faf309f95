/** Text ↔ token ids with the compiled tables of a Gemma tokenizer. */
import * as l10n from '@vscode/l10n';
import { encodeBytePairs } from './bytePairs';
import { searchSorted } from './searchSorted';
import { corrupt, readTables, tokenFlag, type TokenizerSpecials, type TokenizerTables } from './tables';
import { TokenDecoder, type TokenTexts } from './tokenDecoder';
import { SPACE_MARK } from './tokenizerJson';
import { splitAtTokens } from './tokenTrie';

export interface DecodeOptions {
  /** Leaves `<bos>`, `<eos>`, `<pad>`, `<image>` … out; loc and seg tokens are not special and stay. */
  readonly skipSpecialTokens: boolean;
}

/**
 * Agrees with huggingface/tokenizers 0.23 id by id and character by character. The template of tokenizer.json, which
 * may add `<bos>`, is never applied.
 */
export class Tokenizer implements TokenTexts {
  private readonly textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

  private constructor(private readonly tables: TokenizerTables) {}

  /**
   * @param bytes A file that `compileTokenizer` made; the tokenizer keeps and reads them, so they must not change.
   * @throws Failure `convertedModelCorrupt`.
   */
  static fromBytes(bytes: Uint8Array): Tokenizer {
    return new Tokenizer(readTables(bytes));
  }

  get specials(): TokenizerSpecials {
    return this.tables.specials;
  }

  /** Highest id + 1; a model may have more embedding rows. */
  get vocabularySize(): number {
    return this.tables.tokenFlags.length;
  }

  /** Ids of the text, nothing added. A lone surrogate counts as U+FFFD, as `String.prototype.toWellFormed` has it. */
  encode(text: string): number[] {
    const ids: number[] = [];
    const bytes = new TextEncoder().encode(text);
    for (const { start, end, id } of splitAtTokens(this.tables.rawTrie, bytes)) {
      if (id >= 0) ids.push(id);
      else this.encodeBetween(bytes.subarray(start, end), ids);
    }
    if (ids.some(id => id >= this.vocabularySize)) throw corrupt(l10n.t('It gives ids that it has no tokens for.'));
    return ids;
  }

  private encodeBetween(bytes: Uint8Array, ids: number[]): void {
    const normalized = markSpaces(bytes);
    for (const { start, end, id } of splitAtTokens(this.tables.normalizedTrie, normalized)) {
      if (id >= 0) ids.push(id);
      else for (const piece of encodeBytePairs(this.tables, normalized.subarray(start, end))) ids.push(piece);
    }
  }

  /** Text of the ids; ids without a token say nothing, bytes that are not UTF-8 become U+FFFD. */
  decode(ids: Iterable<number>, options: DecodeOptions): string {
    const decoder = this.decoder(options);
    let text = '';
    for (const id of ids) text += decoder.push(id);
    return text + decoder.flush();
  }

  /** Decodes id by id; what it returns, joined, is what {@link decode} returns for all ids. */
  decoder(options: DecodeOptions): TokenDecoder {
    return new TokenDecoder(this, SPACE_MARK, options.skipSpecialTokens);
  }

  /** Id of the token with exactly this text, spaces written as U+2581. Searches the whole vocabulary: milliseconds. */
  idOf(token: string): number | undefined {
    const { tokenBytes, tokenStarts } = this.tables;
    const bytes = Buffer.from(tokenBytes.buffer, tokenBytes.byteOffset, tokenBytes.byteLength);
    const wanted = Buffer.from(token);
    for (let at = bytes.indexOf(wanted); at >= 0 && wanted.length > 0; at = bytes.indexOf(wanted, at + 1)) {
      let id = searchSorted(0, this.vocabularySize, at, index => tokenStarts[index]!);
      // Ids without a token start where the next token does.
      while (id >= 0 && tokenStarts[id + 1] === at) id++;
      if (id >= 0 && this.textOf(id) === token) return id;
    }
    return undefined;
  }

  isKnownId(id: number): boolean {
    return this.has(id, tokenFlag.known);
  }

  isSpecial(id: number): boolean {
    return this.has(id, tokenFlag.special);
  }

  /**
   * Whether the token is cut out of the text before byte-pair encoding: special tokens, loc and seg tokens, newline
   * runs …
   */
  isAdded(id: number): boolean {
    return this.has(id, tokenFlag.added);
  }

  textOf(id: number): string | undefined {
    if (!this.isKnownId(id)) return undefined;
    return this.textDecoder.decode(
      this.tables.tokenBytes.subarray(this.tables.tokenStarts[id], this.tables.tokenStarts[id + 1]),
    );
  }

  byteOf(id: number): number {
    if (!this.has(id, tokenFlag.byte)) return -1;
    const digits = (this.textOf(id) ?? '').slice(3, 5);
    return Number.parseInt(digits, 16);
  }

  private has(id: number, flag: number): boolean {
    // An id outside the table, negative or broken, reads undefined.
    return ((this.tables.tokenFlags[id] ?? 0) & flag) !== 0;
  }
}

const SPACE = 0x20;
const spaceMarkBytes = new TextEncoder().encode(SPACE_MARK);

function markSpaces(bytes: Uint8Array): Uint8Array {
  let spaces = 0;
  for (const byte of bytes) if (byte === SPACE) spaces++;
  if (spaces === 0) return bytes;
  const marked = new Uint8Array(bytes.length + spaces * (spaceMarkBytes.length - 1));
  let length = 0;
  for (const byte of bytes) {
    if (byte === SPACE) {
      marked.set(spaceMarkBytes, length);
      length += spaceMarkBytes.length;
    } else marked[length++] = byte;
  }
  return marked;
}
