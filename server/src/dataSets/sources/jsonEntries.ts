/** The entries of the lists in a large JSON file, one after the other: a file of any length in little memory. */
import * as l10n from '@vscode/l10n';
import { plainFileBlocks } from '../../../../system/src/plainFile';
import { notOfForm, readable } from './readable';

export interface JsonEntry {
  /** Of the list in the object that the file is; empty where the file is a list itself. */
  readonly list: string;
  /** Undefined where it is longer than any entry. */
  readonly text: string | undefined;
  /** Bytes of the file in front of it, and its own. */
  readonly offset: number;
  readonly bytes: number;
}

const MOST_ENTRY_BYTES = 16 << 20;
const MOST_LEVELS = 500;
const [quote, backslash, openList, closeList, openObject, closeObject, colon] = Buffer.from('"\\[]{}:');

/**
 * Values that are objects, of lists at the top: of the file itself, or of its object. Others are passed over.
 * @throws Failure `fileUnreadable` also for a file that ends in the middle.
 */
export async function* jsonEntries(file: string): AsyncGenerator<JsonEntry, void, void> {
  yield* entriesOfBlocks(readable(plainFileBlocks(file), file), file);
}

/** @param file For the person. @throws Failure `fileUnreadable`, and what reading throws. */
export async function* entriesOfBlocks(
  blocks: AsyncIterable<Buffer>,
  file: string,
): AsyncGenerator<JsonEntry, void, void> {
  const scanner = new Scanner();
  let offset = 0;
  for await (const block of blocks) {
    yield* scanner.take(block, offset);
    offset += block.length;
    if (scanner.fault !== undefined) throw notOfForm(file, scanner.fault);
  }
  if (!scanner.isWhole) throw notOfForm(file, l10n.t('It is no JSON, or its end is missing.'));
}

class Scanner {
  fault: string | undefined;
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  private hasBegun = false;
  private rootIsList = false;
  /** Of the object at the top: the last text, which is a key once a colon follows. */
  private key = '';
  private list: string | undefined;
  private textBegin = -1;
  private readonly keyParts: Buffer[] = [];
  private entryBegin = -1;
  private parts: Buffer[] = [];
  private held = 0;
  /** Where the entry goes on in the block at hand. */
  private from = 0;

  get isWhole(): boolean {
    return this.hasBegun && this.depth === 0 && !this.inString;
  }

  /** Depth at which the entries of lists begin. */
  private get entryDepth(): number {
    return this.rootIsList ? 1 : 2;
  }

  *take(block: Buffer, offset: number): Iterable<JsonEntry> {
    if (this.entryBegin >= 0) this.from = 0;
    for (let at = 0; at < block.length && this.fault === undefined; at++) {
      if (this.inString) {
        at = this.insideString(block, at);
        continue;
      }
      switch (block[at]) {
        case quote:
          this.beginString(at);
          break;
        case openObject:
        case openList:
          this.open(block[at] === openList, at, offset);
          break;
        case closeObject:
        case closeList: {
          const entry = this.close(block, at);
          if (entry !== undefined) yield entry;
          break;
        }
        case colon:
          if (this.depth === 1) this.key = Buffer.concat(this.keyParts).toString('utf8');
          break;
        default:
          if (this.depth === 0) this.betweenValues(block[at] ?? 0, offset + at);
      }
    }
    this.endBlock(block);
  }

  private beginString(at: number): void {
    this.inString = true;
    this.textBegin = this.depth === 1 && !this.rootIsList ? at + 1 : -1;
    if (this.textBegin >= 0) this.keyParts.length = 0;
  }

  /** Blanks, and the mark that a file may begin with. */
  private betweenValues(byte: number, at: number): void {
    const isMark = at < 3 && byte >= 0xbb;
    if (byte > 32 && !isMark) this.fault = l10n.t('It is no list and no object of JSON.');
  }

  private endBlock(block: Buffer): void {
    if (this.entryBegin >= 0) this.hold(block.subarray(this.from));
    if (!this.inString || this.textBegin < 0) return;
    this.keyParts.push(Buffer.from(block.subarray(this.textBegin)));
    this.textBegin = 0;
  }

  /** @returns Where the string ends, or the block. */
  private insideString(block: Buffer, begin: number): number {
    for (let at = begin; at < block.length; at++) {
      if (this.isEscaped) this.isEscaped = false;
      else if (block[at] === backslash) this.isEscaped = true;
      else if (block[at] === quote) {
        this.inString = false;
        if (this.textBegin >= 0) this.keyParts.push(Buffer.from(block.subarray(this.textBegin, at)));
        return at;
      }
    }
    return block.length;
  }

  private open(isList: boolean, at: number, offset: number): void {
    if (this.depth === 0) {
      if (this.hasBegun) this.fault = l10n.t('It holds more than one value.');
      this.hasBegun = true;
      this.rootIsList = isList;
      if (isList) this.list = '';
    } else if (this.depth === 1 && !this.rootIsList) {
      this.list = isList ? this.key : undefined;
    }
    if (!isList && this.depth === this.entryDepth && this.list !== undefined) {
      this.entryBegin = offset + at;
      this.from = at;
      this.parts = [];
      this.held = 0;
    }
    if (++this.depth > MOST_LEVELS) this.fault = l10n.t('It is nested too deep.');
  }

  private close(block: Buffer, at: number): JsonEntry | undefined {
    if (--this.depth < 0) this.fault = l10n.t('It is no JSON, or its end is missing.');
    if (this.depth !== this.entryDepth || this.entryBegin < 0) return undefined;
    this.hold(block.subarray(this.from, at + 1));
    const text = this.held > MOST_ENTRY_BYTES ? undefined : Buffer.concat(this.parts).toString('utf8');
    const entry = { list: this.list ?? '', text, offset: this.entryBegin, bytes: this.held };
    this.entryBegin = -1;
    return entry;
  }

  private hold(part: Buffer): void {
    this.held += part.length;
    if (this.held > MOST_ENTRY_BYTES) this.parts = [];
    else this.parts.push(Buffer.from(part));
  }
}
