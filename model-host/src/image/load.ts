import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { HostError } from '../../../paligemma/src/failures';
import { BmpError, decodeBmp, readBmpHeader } from './bmp';
import { breathe } from '../util/breathe';
import { fileKind, type FileKind } from './fileKind';
import { drawSvg } from './svg';

/** A decoded picture. */
export interface RgbImage {
  /** RGB interleaved, rows top to bottom: `[heightPx, widthPx, 3]`. */
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
}

export interface LoadOptions {
  /** Apply the EXIF orientation, as every viewer does; the reference processor does not. Default true. */
  readonly orient?: boolean;
}

/** Most pixels of a picture: 16383 × 16383, the limit that sharp sets itself. */
export const MAX_PIXELS = 268_402_689;
/** Longest side. Beyond it the squeeze to a square leaves nothing to see, and the resize tables grow without need. */
export const MAX_SIDE_PX = 1_000_000;
/** Bytes of all pixels in the depth of the file: four 8-bit channels at the limit of pixels. */
export const MAX_DECODED_BYTES = 1024 ** 3;
const bytesOfDepth: Readonly<Record<string, number>> = {
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
};
/** Largest file. The whole file is held in memory while it is decoded. */
export const MAX_FILE_BYTES = 1024 ** 3;

const READABLE = 'PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP or SVG';
const pictureExtensions = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
  '.heic',
  '.heif',
  '.bmp',
  '.dib',
  '.svg',
]);
const HASH_CHUNK_BYTES = 8_000_000;

/**
 * Reads a picture file, once, to RGB bytes equal to those of the reference (Pillow, `convert('RGB')`): colour profiles
 * ignored, alpha dropped without blending, CMYK by Pillow's formula, first frame of an animation. It differs on purpose
 * for 16-bit grey (the high byte; Pillow clips to white), and by its decoder for transparent pixels of a GIF (black,
 * not their palette colour). SVG, which the reference does not know, is drawn in its own size on white; external
 * references are never followed (no base address is given, and librsvg then takes `data:` only) and entity bombs are
 * refused by its parser. The size is checked in the header, before pixels are allocated. Cancellable between reading
 * and decoding.
 * @throws HostError `imageMissing`, `imageEmpty`, `imageUnreadable`, `imageUnsupported`, `imageTooLarge`; DOMException
 *   `AbortError`.
 */
export async function loadImage(imagePath: string, signal?: AbortSignal, options: LoadOptions = {}): Promise<RgbImage> {
  signal?.throwIfAborted();
  const bytes = await readFile(imagePath, signal);
  const sha256 = await hash(bytes, signal);
  const kind = fileKind(bytes);
  if (!kind.readable) throw notAPicture(imagePath, kind);
  try {
    const image = kind.kind === 'bmp'
      ? loadBmp(imagePath, bytes)
      : await loadWithSharp(imagePath, bytes, kind.kind, options.orient ?? true, signal);
    signal?.throwIfAborted();
    return { ...image, sha256 };
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof HostError ? error : undecodable(imagePath, kind, error);
  }
}

/**
 * Reads a grey PNG of our own making, such as a mask. @returns one byte a pixel. @throws Error of sharp where it is
 * none.
 */
export async function loadGreyPng(png: Uint8Array): Promise<{ data: Uint8Array; widthPx: number; heightPx: number }> {
  const { data, info } = await sharp(png, { limitInputPixels: MAX_PIXELS, failOn: 'truncated' })
    .toColourspace('b-w').extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { data, widthPx: info.width, heightPx: info.height };
}

async function readFile(imagePath: string, signal?: AbortSignal): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    // Before opening: opening a pipe would wait for its writer.
    checkFile(imagePath, await stat(imagePath));
    handle = await open(imagePath, 'r');
    return await handle.readFile(signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof HostError ? error : unopened(imagePath, error);
  } finally {
    await handle?.close();
  }
}

function checkFile(imagePath: string, file: Stats): void {
  if (file.isDirectory()) {
    throw new HostError('imageUnsupported', `“${imagePath}” is a folder. Choose a picture in it.`);
  }
  if (!file.isFile()) {
    throw new HostError('imageUnsupported', `“${imagePath}” is a device or a pipe, not a file. Choose a picture file.`);
  }
  if (file.size === 0) {
    throw new HostError('imageEmpty', `“${imagePath}” has no content (0 bytes). Save or copy the picture again.`);
  }
  if (file.size > MAX_FILE_BYTES) {
    throw new HostError(
      'imageTooLarge',
      `“${imagePath}” has ${Math.round(file.size / 2 ** 20)} MiB; up to ${
        MAX_FILE_BYTES / 2 ** 20
      } MiB are read. Save a smaller copy.`,
    );
  }
}

function unopened(imagePath: string, error: unknown): HostError {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new HostError('imageMissing', `There is no file “${imagePath}”. Check its name and folder.`, {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new HostError(
        'imageUnreadable',
        `“${imagePath}” may not be read by this user. Change its permissions, or copy it to a folder of your own.`,
        { cause: error },
      );
    default:
      return new HostError(
        'imageUnreadable',
        `“${imagePath}” could not be read from the disk (${code ?? String(error)}). Check the drive, then try again.`,
        { cause: error },
      );
  }
}

async function hash(bytes: Buffer, signal?: AbortSignal): Promise<string> {
  const sha256 = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASH_CHUNK_BYTES) {
    sha256.update(bytes.subarray(at, at + HASH_CHUNK_BYTES));
    if (at + HASH_CHUNK_BYTES < bytes.length) await breathe(signal);
  }
  return sha256.digest('hex');
}

function loadBmp(imagePath: string, bytes: Buffer): Omit<RgbImage, 'sha256'> {
  const header = readBmpHeader(bytes);
  checkSize(imagePath, header.widthPx, header.heightPx);
  return { data: decodeBmp(bytes, header), widthPx: header.widthPx, heightPx: header.heightPx };
}

async function loadWithSharp(
  imagePath: string,
  bytes: Buffer,
  kind: string,
  orient: boolean,
  signal?: AbortSignal,
): Promise<Omit<RgbImage, 'sha256'>> {
  const header = await readImageHeader(imagePath, bytes);
  signal?.throwIfAborted();
  if (kind === 'svg') return drawSvg(imagePath, bytes, { maxPixels: MAX_PIXELS, signal });
  const options = { limitInputPixels: MAX_PIXELS, failOn: 'truncated', ignoreIcc: true } as const;
  const picture = orient ? sharp(bytes, options).autoOrient() : sharp(bytes, options);
  const isCmyk = header.space === 'cmyk' && header.depth === 'uchar';
  const asRgb = isCmyk
    ? picture.pipelineColourspace('cmyk').toColourspace('cmyk')
    : picture.removeAlpha().toColourspace('srgb');
  const { data, info } = await asRgb.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return {
    data: isCmyk ? rgbFromCmyk(data, info.channels) : rgbOf(data, info.channels),
    widthPx: info.width,
    heightPx: info.height,
  };
}

/**
 * The header of a picture that sharp reads, its size checked.
 * @param maxStreamedPixels Limit for kinds whose rows pass through memory one after the other, for who only wants it
 *   small.
 * @throws HostError `imageTooLarge`; Error of sharp.
 */
export async function readImageHeader(
  imagePath: string,
  bytes: Buffer,
  maxStreamedPixels = MAX_PIXELS,
): Promise<Metadata> {
  // Read without sharp's own limit, so that the sentence can name the size.
  const header = await sharp(bytes, { limitInputPixels: false, failOn: 'truncated' }).metadata();
  const isStreamed = (header.format === 'png' || header.format === 'jpeg') && header.isProgressive !== true;
  checkSize(imagePath, header.width, header.height, isStreamed ? maxStreamedPixels : MAX_PIXELS);
  if (header.width * header.height > MAX_PIXELS) return header;
  // Some kinds (interlaced, progressive) are held whole while they are decoded, in their own depth.
  const decodedBytes = header.width * header.height * header.channels * (bytesOfDepth[header.depth] ?? 1);
  if (decodedBytes > MAX_DECODED_BYTES) {
    throw new HostError(
      'imageTooLarge',
      `“${imagePath}” has ${header.width} × ${header.height} pixels of ${header.channels} × ${header.depth}, which take ${
        Math.round(decodedBytes / 2 ** 20)
      } MiB; up to ${MAX_DECODED_BYTES / 2 ** 20} MiB are decoded. Save a smaller copy with 8 bits a channel.`,
    );
  }
  return header;
}

/** sharp answers with three channels; grey kinds that it leaves at one are spread. */
function rgbOf(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array(data.length / channels * 3);
  for (let i = 0; i < rgb.length / 3; i++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb[i * 3 + channel] = data[i * channels + (channels > 3 ? channel : 0)]!;
    }
  }
  return rgb;
}

/**
 * (255 − K) − C · (255 − K) / 255 rounded, for each colour. Source: Pillow 13.0, `src/libImaging/Convert.c`,
 * `cmyk2rgb`, `MULDIV255`.
 */
function rgbFromCmyk(data: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8ClampedArray(data.length / channels * 3);
  for (let from = 0, to = 0; from < data.length; from += channels, to += 3) {
    const light = 255 - data[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const product = data[from + channel]! * light + 128;
      rgb[to + channel] = light - (((product >> 8) + product) >> 8);
    }
  }
  return new Uint8Array(rgb.buffer);
}

function checkSize(imagePath: string, width: number, height: number, maxPixels = MAX_PIXELS): void {
  if (width * height > maxPixels) {
    const side = Math.floor(Math.sqrt(maxPixels));
    throw new HostError(
      'imageTooLarge',
      `“${imagePath}” has ${width} × ${height} pixels; up to ${maxPixels} (${side} × ${side}) are read. Save a smaller copy.`,
    );
  }
  if (Math.max(width, height) > MAX_SIDE_PX) {
    throw new HostError(
      'imageTooLarge',
      `“${imagePath}” has ${width} × ${height} pixels; a side may have up to ${MAX_SIDE_PX}. Cut it into parts.`,
    );
  }
}

function notAPicture(imagePath: string, kind: FileKind): HostError {
  const extension = path.extname(imagePath).toLowerCase();
  if (pictureExtensions.has(extension) && (kind.name === undefined || kind.name === 'text')) {
    const what = kind.name === 'text' ? 'text' : 'nothing that a picture starts with';
    return new HostError(
      'imageUnreadable',
      `“${imagePath}” is named like a picture, but it contains ${what}. Save or download the picture again.`,
    );
  }
  const what = kind.name === undefined
    ? 'is of an unknown type'
    : kind.name === 'text'
    ? 'is a text file'
    : `is ${kind.name}`;
  return new HostError('imageUnsupported', `“${imagePath}” ${what}. Choose or save it as a ${READABLE} picture.`);
}

/** The decoder's own words follow in brackets: they name the broken part to those who know the format. */
export function undecodable(imagePath: string, kind: FileKind & { readable: true }, error: unknown): HostError {
  const detail = firstLine(error);
  if (error instanceof BmpError && error.fault === 'unsupported') {
    return new HostError(
      'imageUnsupported',
      `“${imagePath}” is a BMP picture of a kind that is not read: ${detail}. Save it as PNG.`,
      { cause: error },
    );
  }
  if (kind.name === 'HEIC') {
    return new HostError(
      'imageUnsupported',
      `“${imagePath}” is a HEIC picture that cannot be decoded here (${detail}). Save it as JPEG or PNG.`,
      { cause: error },
    );
  }
  return new HostError(
    'imageUnreadable',
    `“${imagePath}” is a ${kind.name} picture that is cut off or damaged (${detail}). Save or download it again.`,
    { cause: error },
  );
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]?.trim() || 'no details';
}
