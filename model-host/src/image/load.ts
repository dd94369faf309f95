import * as l10n from '@vscode/l10n';
import { isPdfStart, pageIdentity, pageOfFile } from '../../../paligemma/src/documentPages';
import { isImagePath } from '../../../paligemma/src/pictureTypes';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { Failure } from '../../../paligemma/src/failures';
import { checkPictureFile, MOST_PICTURE_BYTES, unreadPicture } from '../../../paligemma/src/pictureFiles';
import { readPlainFile } from '../../../system/src/plainFile';
import { asStillPicture, hasNarrowGreys, rgbFromNarrowGrey } from './avif';
import { decodeBmp, readBmpHeader } from './bmp';
import { breathe } from '../util/breathe';
import { fileKind, type FileKind, type ReadableKind } from './fileKind';
import { decodeGif, readGifHeader } from './gif';
import { decodeHeic, MAX_HEIC_PIXELS } from './heic';
import { checkJpegMarkers } from './jpegMarkers';
import { PictureError } from './pictureError';
import { checkPngChunks } from './pngChunks';
import { countPdfPages, drawPdfPage, noSuchPage } from './pdf';
import { decodePnm, readPnmHeader } from './pnm';
import {
  isSampleDepth,
  rgbFromCmyk,
  rgbFromGrey,
  rgbFromYCbCr,
  rgbOf,
  samplesOf,
  type SampleDepth,
  type Samples,
} from './samples';
import type { Drawing } from './separateProcess';
import { drawSvg } from './svg';
import { decodeTga, readTgaHeader } from './tga';
import {
  compressions,
  isFax,
  keepPixelTags,
  photometrics,
  readTiffHeader,
  refuseUnreadTiff,
  type TiffHeader,
} from './tiffHeader';
import { countTiffPages, makeFirstPage } from './tiffPages';
import { joinTiles, tilesAsStrips, type TileGrid } from './tiffTiles';

/** A decoded picture. */
export interface RgbImage {
  /** RGB interleaved, rows top to bottom: `[heightPx, widthPx, 3]`. */
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the file's bytes, hexadecimal; of a page, see `pageIdentity`. */
  readonly sha256: string;
}

export interface LoadOptions {
  /** Apply the EXIF orientation, as every viewer does; the reference processor does not. Default true. */
  readonly orient?: boolean;
  /** Decoded before: answered again where the file's content is still the same. */
  readonly known?: RgbImage;
}

/** Most pixels of a picture: 16383 × 16383, the limit that sharp sets itself. */
export const MAX_PIXELS = 268_402_689;
/** With what tiles reach over the right and lower edges. */
const MAX_TILED_PIXELS = Math.floor(MAX_PIXELS * 1.25);
/** Longest side. Beyond it the squeeze to a square leaves nothing to see, and the resize tables grow without need. */
export const MAX_SIDE_PX = 1_000_000;
/** Bytes of all pixels in the depth of the file: four 8-bit channels at the limit of pixels. */
const MAX_DECODED_BYTES = 1024 ** 3;
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

const HASH_CHUNK_BYTES = 8_000_000;

/**
 * Reads a picture file, once, to RGB bytes equal to those of the reference (Pillow, `convert('RGB')`): colour profiles
 * ignored, alpha dropped without blending, CMYK and YCbCr by Pillow's formulas, first frame of an animation; of a
 * document the page that the fragment of the path names, or the first. It differs
 * on purpose for greys of more than 8 bits (see {@link rgbFromGrey}), and by its decoder for AVIF with less chroma.
 * SVG, which the reference does not know, is drawn in its own size on white; external references are never followed (no base address is given, and librsvg then takes
 * `data:` only) and entity bombs are refused by its parser. The size is checked in the header, before pixels are
 * allocated. Cancellable between reading and decoding, and between rows or at once where the decoder is not sharp.
 * @throws Failure `imageMissing`, `imageEmpty`, `imageUnreadable`, `imageUnsupported`, `imageTooLarge`; DOMException
 *   `AbortError`.
 */
export async function loadImage(imagePath: string, signal?: AbortSignal, options: LoadOptions = {}): Promise<RgbImage> {
  signal?.throwIfAborted();
  const { bytes, page, kind, sha256 } = await readPicture(imagePath, signal);
  if (options.known?.sha256 === sha256) return options.known;
  if (!kind.readable) throw notAPicture(imagePath, kind);
  try {
    choosePage(imagePath, bytes, kind.kind, page);
    const image = kind.kind === 'pdf'
      ? await drawPdfPage(imagePath, bytes, page, signal)
      : hasOwnDecoder(kind.kind)
      ? await loadByOwnDecoder(imagePath, bytes, kind.kind, signal)
      : await loadWithSharp(imagePath, bytes, kind.kind, options.orient ?? true, signal);
    signal?.throwIfAborted();
    return { ...image, sha256 };
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof Failure ? error : undecodable(imagePath, kind, error);
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

/** A picture as its file holds it. */
export interface PictureBytes {
  /** Of the whole file. */
  readonly bytes: Buffer;
  /** From 1. */
  readonly page: number;
  readonly kind: FileKind;
  /** As {@link RgbImage} has it. */
  readonly sha256: string;
}

/** @throws Failure `imageMissing`, `imageEmpty`, `imageUnreadable`, `imageTooLarge`; DOMException `AbortError`. */
export async function readPicture(imagePath: string, signal?: AbortSignal): Promise<PictureBytes> {
  const { file, page } = pageOfFile(imagePath);
  const bytes = await readFile(file, signal);
  const kind = fileKind(bytes);
  const fileSha256 = await hash(bytes, signal);
  const identity = pageIdentity(fileSha256, page, isPdfStart(bytes));
  return { bytes, page, kind, sha256: identity === undefined ? fileSha256 : await hash(Buffer.from(identity), signal) };
}

/** @throws Failure `imageMissing` where there is no such page; PictureError. */
export function choosePage(imagePath: string, bytes: Buffer, kind: ReadableKind, page: number): void {
  if (page === 1 || kind === 'pdf' || (kind === 'tiff' && makeFirstPage(bytes, page))) return;
  throw noSuchPage(pageOfFile(imagePath).file, kind === 'tiff' ? countTiffPages(bytes) : 1, page);
}

/**
 * How many pages a file has; a picture that is no document has one.
 * @throws Failure as {@link loadImage}; DOMException `AbortError`.
 */
export async function countPages(imagePath: string, signal?: AbortSignal): Promise<number> {
  const bytes = await readFile(pageOfFile(imagePath).file, signal);
  const kind = fileKind(bytes);
  if (!kind.readable) throw notAPicture(imagePath, kind);
  if (kind.kind === 'pdf') return countPdfPages(imagePath, bytes, signal);
  return kind.kind === 'tiff' ? countTiffPages(bytes) : 1;
}

async function readFile(filePath: string, signal?: AbortSignal): Promise<Buffer> {
  try {
    checkPictureFile(filePath, await stat(filePath));
    return await readPlainFile(filePath, MOST_PICTURE_BYTES, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof Failure ? error : unreadPicture(filePath, errorName(error), error);
  }
}

function errorName(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

async function hash(bytes: Buffer, signal?: AbortSignal): Promise<string> {
  const sha256 = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASH_CHUNK_BYTES) {
    sha256.update(bytes.subarray(at, at + HASH_CHUNK_BYTES));
    if (at + HASH_CHUNK_BYTES < bytes.length) await breathe(signal);
  }
  return sha256.digest('hex');
}

type OwnKind = 'bmp' | 'gif' | 'pnm' | 'tga';

/** Kinds that sharp's build of libvips cannot read, or not as Pillow does. */
export function hasOwnDecoder(kind: ReadableKind): kind is OwnKind {
  return kind === 'bmp' || kind === 'gif' || kind === 'pnm' || kind === 'tga';
}

function loadByOwnDecoder(imagePath: string, bytes: Buffer, kind: OwnKind, signal?: AbortSignal): Promise<Drawing> {
  switch (kind) {
    case 'bmp':
      return decoded(imagePath, readBmpHeader(bytes), header => decodeBmp(bytes, header, signal));
    case 'gif':
      return decoded(imagePath, readGifHeader(bytes), header => decodeGif(bytes, header, signal));
    case 'pnm':
      return decoded(imagePath, readPnmHeader(bytes), header => decodePnm(bytes, header, signal));
    case 'tga':
      return decoded(imagePath, readTgaHeader(bytes), header => decodeTga(bytes, header, signal));
  }
}

/** Looks at the size before pixels are allocated. */
async function decoded<H extends { readonly widthPx: number; readonly heightPx: number }>(
  imagePath: string,
  header: H,
  decode: (header: H) => Promise<Uint8Array>,
): Promise<Drawing> {
  const { widthPx, heightPx } = header;
  checkSize(imagePath, widthPx, heightPx);
  return { data: await decode(header), widthPx, heightPx };
}

async function loadWithSharp(
  imagePath: string,
  bytes: Buffer,
  kind: ReadableKind,
  orient: boolean,
  signal?: AbortSignal,
): Promise<Omit<RgbImage, 'sha256'>> {
  const header = await readImageHeader(imagePath, bytes, kind);
  signal?.throwIfAborted();
  const pixels = header.width * header.height;
  if (kind === 'svg') return drawSvg(imagePath, bytes, { maxPixels: MAX_PIXELS, pixels, signal });
  if (header.compression === 'hevc') {
    checkSize(imagePath, header.width, header.height, MAX_HEIC_PIXELS);
    return decodeHeic(imagePath, bytes, pixels, signal);
  }
  const tiff = kind === 'tiff' ? readTiffHeader(bytes) : undefined;
  const grid = tiff === undefined ? undefined : gridOf(bytes, tiff);
  const options = {
    limitInputPixels: MAX_TILED_PIXELS,
    limitInputChannels: false,
    failOn: failOn(kind, tiff),
    ignoreIcc: true,
  } as const;
  const picture = orient ? sharp(bytes, options).autoOrient() : sharp(bytes, options);
  const own = kind === 'heif' ? avifColours(header, bytes) : ownColours(header, tiff);
  const asRgb = own === undefined
    ? picture.removeAlpha().toColourspace('srgb')
    // Twice the space that the samples are in: they come as they stand in the file.
    : picture.pipelineColourspace(header.space).toColourspace(header.space);
  const { data, info } = await asRgb.raw({ depth: own?.depth ?? 'uchar' }).toBuffer({ resolveWithObject: true });
  const rgb = own === undefined ? rgbOf(data, info.channels) : own.toRgb(samplesOf(data, own.depth, info.channels));
  if (grid === undefined) return { data: rgb, widthPx: info.width, heightPx: info.height };
  const { widthPx, heightPx, orientation } = grid;
  const joined = { data: joinTiles(rgb, grid), widthPx, heightPx };
  return orient ? upright(joined, orientation) : joined;
}

function gridOf(bytes: Buffer, { compression }: TiffHeader): TileGrid | undefined {
  return compression === compressions.jpeg ? undefined : tilesAsStrips(bytes, MAX_TILED_PIXELS);
}

/** How a picture is mirrored, then turned, to be upright. Source: Exif 2.32, tag 0x0112; sharp mirrors first. */
const turns: Readonly<Record<number, (picture: Sharp) => Sharp>> = {
  2: picture => picture.flop(),
  3: picture => picture.rotate(180),
  4: picture => picture.flip(),
  5: picture => picture.rotate(270).flop(),
  6: picture => picture.rotate(90),
  7: picture => picture.rotate(90).flop(),
  8: picture => picture.rotate(270),
};

async function upright(image: Drawing, orientation: number): Promise<Drawing> {
  const turn = turns[orientation];
  if (turn === undefined) return image;
  const raw = { width: image.widthPx, height: image.heightPx, channels: 3 } as const;
  const { data, info } = await turn(sharp(image.data, { raw, limitInputPixels: false })).raw()
    .toBuffer({ resolveWithObject: true });
  return { data, widthPx: info.width, heightPx: info.height };
}

/**
 * What counts as a failure, kind by kind as Pillow has it: a damaged JPEG that has all its rows is shown as it is. To
 * libvips a strip or tile of a TIFF that cannot be decoded is a lesser fault than a file that is cut off, and black;
 * but a line of a fax that makes no sense is left out, and the page is read.
 * @param tiff For a TIFF only.
 */
export function failOn(kind: ReadableKind, tiff?: TiffHeader): NonNullable<SharpOptions['failOn']> {
  return kind === 'tiff' && !(tiff !== undefined && isFax(tiff)) ? 'error' : 'truncated';
}

interface OwnColours {
  readonly depth: SampleDepth;
  readonly toRgb: (samples: Samples) => Uint8Array;
}

function avifColours({ depth }: Metadata, bytes: Buffer): OwnColours | undefined {
  return depth === 'uchar' && hasNarrowGreys(bytes) ? { depth, toRgb: rgbFromNarrowGrey } : undefined;
}

/** For pictures whose samples libvips would not turn into RGB as Pillow does. @param tiff For these only. */
export function ownColours(header: Metadata, tiff?: TiffHeader): OwnColours | undefined {
  const { depth } = header;
  if (!isSampleDepth(depth)) return undefined;
  if (header.space === 'cmyk') return { depth, toRgb: rgbFromCmyk };
  if (header.channels === 1 && depth !== 'uchar') {
    return { depth, toRgb: samples => rgbFromGrey(samples, tiff?.maxSample) };
  }
  // libtiff turns what is compressed as JPEG into RGB, and what has fewer chroma samples into RGBA.
  if (
    tiff?.photometric !== photometrics.yCbCr || tiff.compression === compressions.jpeg || header.channels !== 3
  ) return undefined;
  return { depth, toRgb: samples => rgbFromYCbCr(samples, tiff, tiff.compression !== compressions.none) };
}

/**
 * The header of a picture that sharp reads, its size checked. Of a TIFF, `bytes` lose what does not concern its pixels;
 * of an AVIF that it is an animation.
 * @param maxStreamedPixels Limit for kinds whose rows pass through memory one after the other, for who only wants it
 *   small.
 * @throws Failure `imageTooLarge`; PictureError for a kind of TIFF that is not read; Error of sharp.
 */
export async function readImageHeader(
  imagePath: string,
  bytes: Buffer,
  kind: ReadableKind,
  maxStreamedPixels = MAX_PIXELS,
): Promise<Metadata> {
  const tiff = kind === 'tiff' ? readTiffHeader(bytes) : undefined;
  if (tiff !== undefined) {
    refuseUnreadTiff(tiff);
    keepPixelTags(bytes);
  }
  if (kind === 'jpeg') checkJpegMarkers(bytes);
  if (kind === 'png') checkPngChunks(bytes);
  if (kind === 'heif') asStillPicture(bytes);
  // Read without sharp's own limit, so that the sentence can name the size.
  const header = await sharp(bytes, { limitInputPixels: false, limitInputChannels: false, failOn: failOn(kind, tiff) })
    .metadata();
  const isStreamed = (header.format === 'png' || header.format === 'jpeg') && header.isProgressive !== true;
  checkSize(imagePath, header.width, header.height, isStreamed ? maxStreamedPixels : MAX_PIXELS);
  if (header.width * header.height > MAX_PIXELS) return header;
  // Some kinds (interlaced, progressive) are held whole while they are decoded, in their own depth.
  const decodedBytes = header.width * header.height * header.channels * (bytesOfDepth[header.depth] ?? 1);
  if (decodedBytes > MAX_DECODED_BYTES) {
    throw new Failure(
      'imageTooLarge',
      l10n.t(
        '“{0}” has {1} × {2} pixels of {3} × {4}, which take {5} MiB; up to {6} MiB are decoded. Save a smaller copy with 8 bits per channel.',
        imagePath,
        header.width,
        header.height,
        header.channels,
        header.depth,
        Math.round(decodedBytes / 2 ** 20),
        MAX_DECODED_BYTES / 2 ** 20,
      ),
    );
  }
  return header;
}

function checkSize(imagePath: string, width: number, height: number, maxPixels = MAX_PIXELS): void {
  if (width * height > maxPixels) {
    const side = Math.floor(Math.sqrt(maxPixels));
    throw new Failure(
      'imageTooLarge',
      l10n.t(
        '“{0}” has {1} × {2} pixels; up to {3} ({4} × {4}) are read. Save a smaller copy.',
        imagePath,
        width,
        height,
        maxPixels,
        side,
      ),
    );
  }
  if (Math.max(width, height) > MAX_SIDE_PX) {
    throw new Failure(
      'imageTooLarge',
      l10n.t(
        '“{0}” has {1} × {2} pixels; a side may have up to {3}. Cut it into parts.',
        imagePath,
        width,
        height,
        MAX_SIDE_PX,
      ),
    );
  }
}

function notAPicture(imagePath: string, kind: FileKind): Failure {
  // `.dib` is Windows' other name of BMP, which menus need not offer.
  const isNamedLikeOne = isImagePath(imagePath) || /\.dib$/i.test(imagePath);
  if (isNamedLikeOne && (kind.name === undefined || kind.name === 'text')) {
    return new Failure(
      'imageUnreadable',
      kind.name === 'text'
        ? l10n.t(
          '“{0}” is named like a picture, but it contains text. Save or download the picture again.',
          imagePath,
        )
        : l10n.t(
          '“{0}” is named like a picture, but it does not begin like one. Save or download the picture again.',
          imagePath,
        ),
    );
  }
  const what = kind.name === undefined
    ? l10n.t('“{0}” has an unknown type.', imagePath)
    : kind.name === 'text'
    ? l10n.t('“{0}” is a text file.', imagePath)
    : l10n.t('“{0}” is {1}.', imagePath, kind.name);
  return new Failure(
    'imageUnsupported',
    `${what} ${
      l10n.t('Choose or save it as a PNG, JPEG, WebP, GIF, TIFF, AVIF, HEIC, BMP, PPM, TGA or SVG picture, or as PDF.')
    }`,
  );
}

/** The decoder's own words follow in brackets: they name the broken part to those who know the format. */
export function undecodable(imagePath: string, kind: FileKind & { readable: true }, error: unknown): Failure {
  const detail = firstLine(error);
  if (error instanceof PictureError && error.fault === 'unsupported') {
    return new Failure(
      'imageUnsupported',
      l10n.t('“{0}” is a {1} picture of a kind that is not read: {2}. Save it as PNG.', imagePath, kind.name, detail),
      { cause: error },
    );
  }
  return new Failure(
    'imageUnreadable',
    l10n.t(
      '“{0}” is a {1} picture that is cut off or damaged ({2}). Save or download it again.',
      imagePath,
      kind.name,
      detail,
    ),
    { cause: error },
  );
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]?.trim() || 'no details';
}
