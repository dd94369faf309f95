/** Lines of a data set's file, one after the other: a file of any length in little memory. */
import { plainFileBlocks } from '../../../system/src/plainFile';

/** A longer line is no example of anybody's: it is passed over without being held. */
export const LONGEST_LINE_BYTES = 16 * 2 ** 20;

export interface FileLine {
  /** From 1. */
  readonly number: number;
  /** Without its end, and without the mark that a file may begin with. Undefined where it is too long, or no UTF-8. */
  readonly text: string | undefined;
  readonly fault?: 'tooLong' | 'notUtf8';
  /** Bytes of the file in front of the line, and those of the line without its end. */
  readonly offset: number;
  readonly bytes: number;
  readonly end: '\n' | '\r\n' | '';
  /** Whether the file's mark of UTF-8 stands in front of it. */
  readonly hasMark: boolean;
}

const [newline, carriageReturn] = [0x0a, 0x0d];
const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Blank lines are lines too; behind the last line end there is none. @throws as `plainFileBlocks`. */
export async function* fileLines(file: string): AsyncGenerator<FileLine, void, void> {
  yield* linesOfBlocks(plainFileBlocks(file));
}

export async function* linesOfBlocks(blocks: AsyncIterable<Buffer>): AsyncGenerator<FileLine, void, void> {
  let [number, offset, held] = [1, 0, new Held()];
  for await (const block of blocks) {
    let from = 0;
    for (let at = block.indexOf(newline); at >= 0; at = block.indexOf(newline, from)) {
      held.take(block.subarray(from, at));
      yield held.line(number++, offset, true);
      offset += held.bytes + 1;
      held = new Held();
      from = at + 1;
    }
    held.take(block.subarray(from));
  }
  if (held.bytes > 0) yield held.line(number, offset, false);
}

/** What is read of a line so far. */
class Held {
  bytes = 0;
  private parts: Buffer[] = [];

  take(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes > LONGEST_LINE_BYTES) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  line(number: number, offset: number, hasNewline: boolean): FileLine {
    if (this.bytes > LONGEST_LINE_BYTES) {
      const end = hasNewline ? '\n' : '';
      return { number, text: undefined, fault: 'tooLong', offset, bytes: this.bytes, end, hasMark: false };
    }
    const whole = Buffer.concat(this.parts);
    const hasReturn = hasNewline && whole.at(-1) === carriageReturn;
    const hasMark = number === 1 && whole.subarray(0, mark.length).equals(mark);
    const inner = whole.subarray(hasMark ? mark.length : 0, hasReturn ? -1 : undefined);
    const text = decoded(inner);
    return {
      number,
      text,
      ...(text === undefined ? { fault: 'notUtf8' } : {}),
      offset,
      bytes: whole.length - (hasReturn ? 1 : 0),
      end: hasReturn ? '\r\n' : hasNewline ? '\n' : '',
      hasMark,
    };
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
