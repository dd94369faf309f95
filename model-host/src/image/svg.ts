/**
 * Draws SVG in a process of its own: a few hundred bytes can ask for years of work and for all memory (masks in masks,
 * uses of uses, long text).
 */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import { BASE_BYTES, decodeSeparately, SeparateProcessError, startError, type Drawing } from './separateProcess';

export interface DrawOptions {
  readonly maxPixels: number;
  /** Of the SVG in its own size: how much memory the drawing may take follows from it. */
  readonly pixels: number;
  /** Longest side to draw at, pixels; absent: the SVG's own size. */
  readonly maxSidePx?: number;
  readonly signal?: AbortSignal | undefined;
  /** After this the drawing is given up, milliseconds. */
  readonly limitMs?: number;
}

/** Real drawings of maps and plans take a second or two. */
const DRAW_LIMIT_MS = 15_000;
/** Measured with sharp 0.35: 4 bytes a pixel from 16 million pixels on. */
const BYTES_PER_PIXEL = 4;

/** Arguments: path of sharp, most pixels, longest side or 0. */
const BODY = `
const [sharpPath, maxPixels, side] = args;
const svg = require(sharpPath)(input, { limitInputPixels: Number(maxPixels), failOn: 'truncated' });
const sized = side === '0' ? svg : svg.resize({ width: Number(side), height: Number(side), fit: 'inside', withoutEnlargement: true });
const { data, info } = await sized.flatten({ background: 'white' }).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
return { width: info.width, height: info.height, data };`;

/**
 * @returns RGB on white.
 * @throws Failure `imageTooLarge` where it takes too long or too much memory, `imageUnreadable` where drawing takes
 *   the process down; Error in the words of the library where it cannot be drawn; DOMException `AbortError`, at once.
 */
export async function drawSvg(
  imagePath: string,
  svg: Buffer,
  { maxPixels, pixels, maxSidePx = 0, signal, limitMs = DRAW_LIMIT_MS }: DrawOptions,
): Promise<Drawing> {
  const decoder = { body: BODY, args: [require.resolve('sharp'), String(maxPixels), String(maxSidePx)] };
  const limitBytes = BASE_BYTES + BYTES_PER_PIXEL * Math.min(pixels, maxPixels);
  try {
    return await decodeSeparately(decoder, svg, { maxPixels, limitMs, limitBytes }, signal);
  } catch (error) {
    throw error instanceof SeparateProcessError ? notDrawn(imagePath, error, limitMs, limitBytes) : error;
  }
}

function notDrawn(imagePath: string, cause: SeparateProcessError, limitMs: number, limitBytes: number): Failure {
  switch (cause.why) {
    case 'time':
      return new Failure(
        'imageTooLarge',
        l10n.t(
          '“{0}” is an SVG picture that takes too much work to draw: it was not drawn within {1} seconds. Save it as PNG and use that.',
          imagePath,
          limitMs / 1000,
        ),
        { cause },
      );
    case 'memory':
      return new Failure(
        'imageTooLarge',
        l10n.t(
          '“{0}” is an SVG picture that asks for too much memory: more than {1} MiB. Save it as PNG and use that.',
          imagePath,
          Math.round(limitBytes / 2 ** 20),
        ),
        { cause },
      );
    case 'start':
      return new Failure(
        'imageUnreadable',
        l10n.t(
          '“{0}” is an SVG picture, and the program that draws it could not be started ({1}). Close other programs, then try again.',
          imagePath,
          startError(cause),
        ),
        { cause },
      );
    case 'ended':
      return new Failure(
        'imageUnreadable',
        l10n.t(
          '“{0}” is an SVG picture that cannot be drawn: the drawing program ended without an answer. Save it as PNG and use that.',
          imagePath,
        ),
        { cause },
      );
  }
}
