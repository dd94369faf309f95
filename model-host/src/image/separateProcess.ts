/**
 * Decodes a picture in a process of its own that lives for it alone. For libraries that a small file can ask for years
 * of work or for all memory, and that cannot be interrupted: only their process can be ended.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** RGB interleaved: `[heightPx, widthPx, 3]`. */
export interface Drawing {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface SeparateDecoder {
  /**
   * Body of an async function of `input`, a Buffer, and `args`, strings; it gives `{ width, height, data }`, `data` RGB,
   * or a text.
   * Source text: no file of the bundle could be started without running its main program.
   */
  readonly body: string;
  readonly args: readonly string[];
}

export interface SeparateLimits {
  /** After this it is given up. */
  readonly limitMs: number;
  /** Memory of the process, resident. */
  readonly limitBytes: number;
}

/** Why there is no picture: a limit was reached, the process ended by itself, or the system did not let it start. */
export class SeparateProcessError extends Error {
  override readonly name = 'SeparateProcessError';
  constructor(readonly why: 'time' | 'memory' | 'ended' | 'start', options?: ErrorOptions) {
    super(`the process of the decoder ended: ${why}`, options);
  }
}

/** What the system said to the start of a process. */
export function startError({ cause }: SeparateProcessError): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? String(cause);
}

/** What a process holds before it decodes anything: Node.js, libraries, and room to work. */
export const BASE_BYTES = 512 * 1024 ** 2;
/** The process ends itself where this one is gone and can no longer end it. */
const ORPHAN_MS = 5_000;
const WATCH_EVERY_MS = 20;
const CANNOT_DECODE = 3;
/** Of the line with the size. */
const MOST_HEAD_BYTES = 100;
const OUT_OF_MEMORY = '\0memory';

/** In a thread of its own: the decoder may hold the main one. */
const WATCH = `
const { workerData: { limitMs, limitBytes } } = require('node:worker_threads');
const startedAt = performance.now();
setInterval(() => {
  const isOver = process.memoryUsage.rss() > limitBytes;
  if (isOver) require('node:fs').writeSync(2, ${JSON.stringify(OUT_OF_MEMORY)});
  if (isOver || performance.now() - startedAt > limitMs) process.kill(process.pid, 'SIGKILL');
}, ${WATCH_EVERY_MS});`;

function programOf(body: string): string {
  return `'use strict';
const { Worker } = require('node:worker_threads');
const [, limitMs, limitBytes, ...args] = process.argv;
const workerData = { limitMs: Number(limitMs), limitBytes: Number(limitBytes) };
new Worker(${JSON.stringify(WATCH)}, { eval: true, workerData }).unref();
// Some libraries talk, where only the picture may be.
for (const level of ['log', 'info', 'debug', 'warn']) console[level] = () => {};
const decode = async input => {${body}};
const chunks = [];
process.stdin.on('data', chunk => chunks.push(chunk)).on('end', async () => {
  try {
    const answer = await decode(Buffer.concat(chunks));
    if (typeof answer === 'string') return process.stdout.write(answer);
    process.stdout.write(answer.width + ' ' + answer.height + '\\n');
    process.stdout.write(answer.data);
  } catch (error) {
    process.stderr.write(String(error && error.message));
    process.exitCode = ${CANNOT_DECODE};
  }
});`;
}

/**
 * @throws SeparateProcessError where a limit is reached, the decoder takes its process down, or there is none; Error in
 *   the words of the decoder; DOMException `AbortError`, at once.
 */
export async function decodeSeparately(
  decoder: SeparateDecoder,
  input: Buffer,
  { maxPixels, ...limits }: SeparateLimits & { readonly maxPixels: number },
  signal?: AbortSignal,
): Promise<Drawing> {
  return readSeparately(decoder, input, limits, new DrawingReader(maxPixels), signal);
}

/**
 * As {@link decodeSeparately}, for a decoder that gives a text.
 * @param mostBytes Of the text in UTF-8; a longer one is an Error.
 */
export async function askSeparately(
  decoder: SeparateDecoder,
  input: Buffer,
  { mostBytes, ...limits }: SeparateLimits & { readonly mostBytes: number },
  signal?: AbortSignal,
): Promise<string> {
  return readSeparately(decoder, input, limits, new TextReader(mostBytes), signal);
}

/** Puts an answer together as it comes. */
interface AnswerReader<T> {
  take(chunk: Buffer): void;
  whole(): T;
}

async function readSeparately<T>(
  { body, args }: SeparateDecoder,
  input: Buffer,
  { limitMs, limitBytes }: SeparateLimits,
  answer: AnswerReader<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const child = spawn(
    process.execPath,
    ['-e', programOf(body), String(limitMs + ORPHAN_MS), String(limitBytes), ...args],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      timeout: limitMs,
      killSignal: 'SIGKILL',
      ...(signal === undefined ? {} : { signal }),
    },
  );
  // For want of descriptors it has no streams either.
  if (child.pid === undefined) {
    const [cause] = await once(child, 'error') as [unknown];
    throw new SeparateProcessError('start', { cause });
  }
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => answer.take(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  // A process that ended before it read everything is reported by its exit.
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    signal?.throwIfAborted();
    throw error;
  });
  if (code === CANNOT_DECODE) throw new Error(complaint);
  if (code === 0) return answer.whole();
  if (complaint.endsWith(OUT_OF_MEMORY)) throw new SeparateProcessError('memory');
  // Nothing but its time limit ends it from here.
  throw new SeparateProcessError(child.killed ? 'time' : 'ended');
}

/** A text that is not too long. */
class TextReader implements AnswerReader<string> {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly mostBytes: number) {}

  take(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes <= this.mostBytes) this.chunks.push(chunk);
  }

  whole(): string {
    if (this.bytes > this.mostBytes) throw new Error(`its text has more than ${this.mostBytes} bytes`);
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

/** A line with its size, then the pixels, which are held once. */
class DrawingReader implements AnswerReader<Drawing> {
  private head = Buffer.alloc(0);
  private drawing: Drawing | undefined;
  private filled = 0;

  constructor(private readonly maxPixels: number) {}

  take(chunk: Buffer): void {
    if (this.drawing !== undefined) return this.fill(this.drawing.data, chunk);
    if (this.head.length > MOST_HEAD_BYTES) return;
    this.head = Buffer.concat([this.head, chunk]);
    const end = this.head.indexOf('\n');
    const [, width, height] = /^(\d+) (\d+)$/.exec(this.head.toString('latin1', 0, Math.max(0, end))) ?? [];
    const [widthPx, heightPx] = [Number(width), Number(height)];
    if (!(widthPx * heightPx <= this.maxPixels)) return;
    this.drawing = { data: new Uint8Array(widthPx * heightPx * 3), widthPx, heightPx };
    this.fill(this.drawing.data, this.head.subarray(end + 1));
  }

  whole(): Drawing {
    if (this.drawing === undefined || this.filled !== this.drawing.data.length) {
      throw new Error('the drawing is incomplete');
    }
    return this.drawing;
  }

  private fill(data: Uint8Array, chunk: Buffer): void {
    data.set(chunk.subarray(0, data.length - this.filled), this.filled);
    this.filled += chunk.length;
  }
}
