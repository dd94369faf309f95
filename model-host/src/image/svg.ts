/**
 * Draws SVG in a process of its own that lives for one picture. A few hundred bytes of SVG can ask for years of work
 * (masks in masks, uses of uses), and the library that draws cannot be interrupted: only its process can be ended.
 */
import { spawn } from 'node:child_process';
import { HostError } from '../../../paligemma/src/failures';

/** RGB interleaved on white: `[heightPx, widthPx, 3]`. */
export interface Drawing {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface DrawOptions {
  readonly maxPixels: number;
  /** Longest side to draw at, pixels; absent: the SVG's own size. */
  readonly maxSidePx?: number;
  readonly signal?: AbortSignal | undefined;
  /** After this the drawing is given up, milliseconds. */
  readonly limitMs?: number;
}

/** Real drawings of maps and plans take a second or two. */
const DRAW_LIMIT_MS = 15_000;
/** The process ends itself where this one is gone and can no longer end it. */
const ORPHAN_LIMIT_MS = DRAW_LIMIT_MS + 5_000;
const CANNOT_DRAW = 3;

/**
 * A program of its own: no file of the bundle could be started without running its main program. Arguments: path of
 * sharp, most pixels, longest side or 0.
 */
const PROGRAM = `'use strict';
const [, sharpPath, maxPixels, side] = process.argv;
setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ORPHAN_LIMIT_MS}).unref();
const chunks = [];
process.stdin.on('data', chunk => chunks.push(chunk)).on('end', async () => {
  try {
    const svg = require(sharpPath)(Buffer.concat(chunks), { limitInputPixels: Number(maxPixels), failOn: 'truncated' });
    const sized = side === '0' ? svg : svg.resize({ width: Number(side), height: Number(side), fit: 'inside', withoutEnlargement: true });
    const { data, info } = await sized.flatten({ background: 'white' }).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    process.stdout.write(JSON.stringify([info.width, info.height, info.channels]) + '\\n');
    process.stdout.write(data);
  } catch (error) {
    process.stderr.write(String(error && error.message));
    process.exitCode = ${CANNOT_DRAW};
  }
});`;

/**
 * @throws HostError `imageTooLarge` where it takes too long, `imageUnreadable` where drawing takes the process down;
 *   Error in the words of the library where it cannot be drawn; DOMException `AbortError`, at once.
 */
export async function drawSvg(
  imagePath: string,
  svg: Buffer,
  { maxPixels, maxSidePx = 0, signal, limitMs = DRAW_LIMIT_MS }: DrawOptions,
): Promise<Drawing> {
  signal?.throwIfAborted();
  const child = spawn(
    process.execPath,
    ['-e', PROGRAM, require.resolve('sharp'), String(maxPixels), String(maxSidePx)],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      timeout: limitMs,
      killSignal: 'SIGKILL',
      ...(signal === undefined ? {} : { signal }),
    },
  );
  const drawing = new DrawingReader(maxPixels);
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => drawing.take(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  // A process that ended before it read everything is reported by its exit.
  child.stdin.on('error', () => undefined).end(svg);
  const started = performance.now();
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    signal?.throwIfAborted();
    throw error;
  });
  if (code === CANNOT_DRAW) throw new Error(complaint);
  if (code === 0) return drawing.whole();
  if (performance.now() - started >= limitMs) {
    throw new HostError(
      'imageTooLarge',
      `“${imagePath}” is an SVG picture that asks for too much work: it was not drawn within ${
        limitMs / 1000
      } seconds. Save it as PNG and use that.`,
    );
  }
  throw new HostError(
    'imageUnreadable',
    `“${imagePath}” is an SVG picture that cannot be drawn: the drawing program ended without an answer. Save it as PNG and use that.`,
  );
}

/** Puts the answer together as it comes: a line with its size, then the pixels, which are held once. */
class DrawingReader {
  private head = Buffer.alloc(0);
  private drawing: Drawing | undefined;
  private filled = 0;

  constructor(private readonly maxPixels: number) {}

  take(chunk: Buffer): void {
    if (this.drawing !== undefined) return this.fill(this.drawing.data, chunk);
    this.head = Buffer.concat([this.head, chunk]);
    const end = this.head.indexOf('\n');
    if (end < 0) return;
    const [widthPx = 0, heightPx = 0, channels = 0] = JSON.parse(this.head.toString('latin1', 0, end)) as number[];
    if (channels !== 3 || widthPx * heightPx > this.maxPixels) return;
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
