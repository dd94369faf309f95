/**
 * Reads protobuf messages where they lie in a file, without loading what is skipped. Source: protobuf encoding
 * specification.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { openPlainFileSync } from '../../../system/src/plainFile';

/** One field of a message, not decoded further. Positions are offsets in the file. */
export interface Field {
  readonly number: number;
  /** Where tag and value begin and end. */
  readonly start: number;
  readonly end: number;
  /** Where the value of a length-delimited field begins; it ends at `end`. */
  readonly contentStart: number;
  readonly kind: 'varint' | 'fixed' | 'bytes';
  /** Of a varint below 2^53; larger ones lose digits, negative ones their sign. */
  readonly value: number;
}

const WINDOW_BYTES = 1 << 18;

/** A file that is read in windows; close it. */
export class FileBytes {
  readonly length: number;
  private readonly handle: number;
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = 0;

  /** @throws FileRefused; the error of the file system. */
  constructor(file: string) {
    this.handle = openPlainFileSync(file);
    this.length = fstatSync(this.handle).size;
  }

  at(position: number): number {
    const index = position - this.windowStart;
    if (index >= 0 && index < this.window.length) return this.window[index]!;
    if (position < 0 || position >= this.length) throw new RangeError('the message ends too early');
    this.moveWindow(position);
    return this.window[0]!;
  }

  /** A copy. @throws RangeError beyond the end of the file. */
  read(start: number, end: number): Uint8Array {
    if (start < 0 || end > this.length || end < start) throw new RangeError('a length leads out of the file');
    if (end - start > WINDOW_BYTES) return this.readFile(start, end);
    if (start < this.windowStart || end > this.windowStart + this.window.length) this.moveWindow(start);
    return this.window.slice(start - this.windowStart, end - this.windowStart);
  }

  text(start: number, end: number): string {
    return Buffer.from(this.read(start, end)).toString('utf8');
  }

  close(): void {
    closeSync(this.handle);
  }

  private moveWindow(start: number): void {
    this.window = this.readFile(start, Math.min(this.length, start + WINDOW_BYTES));
    this.windowStart = start;
  }

  private readFile(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.handle, bytes, done, Math.min(bytes.length - done, 1 << 30), start + done);
      if (count === 0) throw new RangeError('the file became shorter while it was read');
      done += count;
    }
    return bytes;
  }
}

/** The fields of the message in `[start, end)`, in order. @throws RangeError where that is no message. */
export function* fieldsOf(bytes: FileBytes, start: number, end: number): Generator<Field, void, void> {
  for (let position = start; position < end;) {
    const tag = varint(bytes, position, end);
    const number = Math.floor(tag.value / 8);
    const wire = tag.value % 8;
    if (number === 0) throw new RangeError('a field has the number 0');
    const field = fieldAt(bytes, { number, start: position }, wire, tag.end, end);
    if (field.end > end) throw new RangeError('a field is longer than its message');
    yield field;
    position = field.end;
  }
}

function fieldAt(
  bytes: FileBytes,
  base: { readonly number: number; readonly start: number },
  wire: number,
  position: number,
  end: number,
): Field {
  switch (wire) {
    case 0: {
      const { value, end: after } = varint(bytes, position, end);
      return { ...base, kind: 'varint', value, contentStart: position, end: after };
    }
    case 1:
      return { ...base, kind: 'fixed', value: 0, contentStart: position, end: position + 8 };
    case 2: {
      const { value, end: contentStart } = varint(bytes, position, end);
      return { ...base, kind: 'bytes', value, contentStart, end: contentStart + value };
    }
    case 5:
      return { ...base, kind: 'fixed', value: 0, contentStart: position, end: position + 4 };
    default:
      throw new RangeError(`a field has the unknown wire type ${wire}`);
  }
}

function varint(bytes: FileBytes, start: number, end: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let position = start, scale = 1; position < end && position < start + 10; position++, scale *= 128) {
    const byte = bytes.at(position);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: position + 1 };
  }
  throw new RangeError('a number has no end');
}
