/**
 * Decodes HEIC by libheif in WebAssembly, since the prebuilt libvips has no decoder for HEVC. In a process of its own,
 * started for the picture: it can be interrupted, its memory is bounded, and who has no such picture loads nothing.
 */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import { damaged } from './pictureError';
import { BASE_BYTES, decodeSeparately, SeparateProcessError, startError, type Drawing } from './separateProcess';

/** A photograph of 48 million pixels, three times as many as this takes a slow core, has room. */
const LIMIT_MS = 60_000;
/** Measured with libheif-js 1.23: 11 bytes a pixel. */
const BYTES_PER_PIXEL = 16;
/** 8192 × 8192: what the memory of WebAssembly has room for. */
export const MAX_HEIC_PIXELS = 67_108_864;

/** Arguments: path of libheif's script; its WebAssembly lies beside it. */
const BODY = `
const [script] = args;
const wasmBinary = require('node:fs').readFileSync(script.replace(/js$/, 'wasm'));
const libheif = require(script)({ wasmBinary, print() {}, printErr() {} });
const pictures = new libheif.HeifDecoder().decode(input);
const picture = pictures.find(each => each.is_primary()) ?? pictures[0];
if (picture === undefined) throw new Error('it holds no picture that can be decoded');
const [width, height] = [picture.get_width(), picture.get_height()];
const rgba = await new Promise(resolve => {
  picture.display({ data: new Uint8ClampedArray(width * height * 4), width, height }, resolve);
});
if (rgba === null) throw new Error('its pixels cannot be decoded');
const data = Buffer.alloc(width * height * 3);
for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
  data[to] = rgba.data[from];
  data[to + 1] = rgba.data[from + 1];
  data[to + 2] = rgba.data[from + 2];
}
return { width, height, data };`;

/**
 * @param pixels What the header says, at most {@link MAX_HEIC_PIXELS}.
 * @returns RGB, turned and cut out as the file says.
 * @throws Failure `imageTooLarge`; PictureError `damaged` or Error where it cannot be decoded; DOMException
 *   `AbortError`, at once.
 */
export async function decodeHeic(
  imagePath: string,
  heic: Buffer,
  pixels: number,
  signal?: AbortSignal,
  limitMs = LIMIT_MS,
): Promise<Drawing> {
  const decoder = { body: BODY, args: [require.resolve('libheif-js/libheif-wasm/libheif.js')] };
  const limits = { maxPixels: MAX_HEIC_PIXELS, limitMs, limitBytes: BASE_BYTES + BYTES_PER_PIXEL * pixels };
  try {
    return await decodeSeparately(decoder, heic, limits, signal);
  } catch (error) {
    if (!(error instanceof SeparateProcessError)) throw error;
    if (error.why === 'ended') throw damaged('its decoder ended without an answer');
    if (error.why === 'start') {
      throw new Failure(
        'imageUnreadable',
        l10n.t(
          '“{0}” is a HEIC picture, and the program that decodes it could not be started ({1}). Close other programs, then try again.',
          imagePath,
          startError(error),
        ),
        { cause: error },
      );
    }
    throw new Failure(
      'imageTooLarge',
      error.why === 'time'
        ? l10n.t(
          '“{0}” is a HEIC picture that takes more than {1} seconds to decode. Save it as JPEG or PNG.',
          imagePath,
          limitMs / 1000,
        )
        : l10n.t(
          '“{0}” is a HEIC picture that takes more than {1} MiB to decode. Save it as JPEG or PNG.',
          imagePath,
          Math.round(limits.limitBytes / 2 ** 20),
        ),
      { cause: error },
    );
  }
}
