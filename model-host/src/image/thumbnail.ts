import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { Failure } from '../../../paligemma/src/failures';
import { makeFolder } from '../../../system/src/makeFolder';
import type { Region } from '../../../paligemma/src/facts';
import type { ThumbnailParams, ThumbnailResult } from '../contract/protocol';
import { thumbnailStem } from '../contract/thumbnails';
import type { ReadableKind } from './fileKind';
import {
  choosePage,
  failOn,
  hasOwnDecoder,
  loadGreyPng,
  loadImage,
  MAX_PIXELS,
  ownColours,
  readImageHeader,
  readPicture,
  undecodable,
} from './load';
import { writeOverlay } from './overlay';
import { greyPng } from './png';
import type { Drawing } from './separateProcess';
import { drawSvg } from './svg';
import { readTiffHeader } from './tiffHeader';
import { writeAtomically } from '../util/writeAtomically';

const MIN_SIDE_PX = 16;
const MAX_SIDE_PX = 2048;
/** Of kinds whose rows pass through memory one after the other: 32768 × 32768. Others lie in it as a whole. */
const MAX_STREAMED_PIXELS = 1_073_741_824;
const MIN_LABEL_PX = 8;
const MAX_LABEL_PX = 200;

interface SmallPicture {
  readonly png: Buffer;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sha256: string;
}

/**
 * Writes a small PNG of a picture under `<cache>/thumbnails`, or finds the one that lies there already: upright, in
 * sRGB, on white, first frame of an animation. JPEG and WebP are shrunk while they are decoded; SVG is drawn in its
 * small size.
 * @throws Failure as {@link loadImage}; `badArgument`; `diskFull`, `fileUnwritable`; DOMException `AbortError`.
 *   Nothing is left half-written.
 */
export async function writeThumbnail(
  { imagePath, maxSidePx, regions = [], labelPx }: ThumbnailParams,
  cachePath: string,
  signal?: AbortSignal,
): Promise<ThumbnailResult> {
  if (!Number.isInteger(maxSidePx) || maxSidePx < MIN_SIDE_PX || maxSidePx > MAX_SIDE_PX) {
    throw new Failure(
      'badArgument',
      l10n.t('A thumbnail’s longest side is {0} to {1} pixels, not {2}.', MIN_SIDE_PX, MAX_SIDE_PX, maxSidePx),
    );
  }
  if (labelPx !== undefined && !(labelPx >= MIN_LABEL_PX && labelPx <= MAX_LABEL_PX)) {
    throw new Failure(
      'badArgument',
      l10n.t('The letters of a thumbnail are {0} to {1} pixels high, not {2}.', MIN_LABEL_PX, MAX_LABEL_PX, labelPx),
    );
  }
  const small = await shrink(imagePath, maxSidePx, signal);
  const { widthPx, heightPx, sha256 } = small;
  const plain = path.join(cachePath, `${thumbnailStem(sha256, { maxSidePx }, sha256Of)}.png`);
  await makeThumbnailFolder(path.dirname(plain));
  if (!await exists(plain)) await writeAtomically(plain, small.png, signal);
  if (regions.length === 0) return { path: plain, widthPx, heightPx, sha256 };
  const drawn = path.join(cachePath, `${thumbnailStem(sha256, { maxSidePx, regions, labelPx }, sha256Of)}.png`);
  if (!await exists(drawn)) {
    await writeOverlay(plain, await scaledRegions(regions, small, maxSidePx), drawn, signal, labelPx);
  }
  return { path: drawn, widthPx, heightPx, sha256 };
}

async function shrink(imagePath: string, maxSidePx: number, signal?: AbortSignal): Promise<SmallPicture> {
  const quick = await shrinkWithSharp(imagePath, maxSidePx, signal).catch((error: unknown) => {
    // What was refused for its size, or for what it asks of us, is not tried a second time.
    if (error instanceof Failure) throw error;
  });
  signal?.throwIfAborted();
  if (quick !== undefined) return quick;
  // What the quick way cannot read is either of a kind that only the loader knows, or the loader says what is wrong
  // with it.
  const image = await loadImage(imagePath, signal);
  const { widthPx, heightPx, sha256 } = image;
  return { png: await toPng(fromRgb(image), maxSidePx), widthPx, heightPx, sha256 };
}

/** A thumbnail shows white behind a transparent GIF, as sharp has it, while the model sees its hidden colours. */
function isReadBySharp(kind: ReadableKind): boolean {
  return kind === 'gif' || !(kind === 'pdf' || hasOwnDecoder(kind));
}

function fromRgb({ data, widthPx, heightPx }: Drawing): Sharp {
  return sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 }, limitInputPixels: false });
}

async function shrinkWithSharp(
  imagePath: string,
  maxSidePx: number,
  signal?: AbortSignal,
): Promise<SmallPicture | undefined> {
  // Read once: the hash and the picture must be of the same bytes.
  const { bytes, page, kind, sha256 } = await readPicture(imagePath, signal);
  if (!kind.readable || !isReadBySharp(kind.kind)) return undefined;
  choosePage(imagePath, bytes, kind.kind, page);
  const tiff = kind.kind === 'tiff' ? readTiffHeader(bytes) : undefined;
  const options = { limitInputPixels: MAX_STREAMED_PIXELS, failOn: failOn(kind.kind, tiff) } as const;
  const header = await readImageHeader(imagePath, bytes, kind.kind, MAX_STREAMED_PIXELS);
  const { autoOrient: { width, height } } = header;
  // The loader has another decoder for HEIC, and tells what is wrong with tiles.
  if (header.compression === 'hevc' || tiff?.isTiled === true) return undefined;
  // CMYK is read by its profile here, as a viewer shows it.
  if (header.space !== 'cmyk' && ownColours(header, tiff) !== undefined) return undefined;
  signal?.throwIfAborted();
  const picture = kind.kind !== 'svg'
    ? sharp(bytes, options).autoOrient()
    : fromRgb(
      await drawSvg(imagePath, bytes, {
        maxPixels: MAX_PIXELS,
        pixels: header.width * header.height,
        maxSidePx,
        signal,
      }).catch((error: unknown) => {
        signal?.throwIfAborted();
        // Drawing it again in its full size would not end better.
        throw error instanceof Failure ? error : undecodable(imagePath, kind, error);
      }),
    );
  const png = await toPng(picture, maxSidePx);
  return { png, widthPx: width, heightPx: height, sha256 };
}

function toPng(picture: Sharp, maxSidePx: number): Promise<Buffer> {
  return picture.resize({ width: maxSidePx, height: maxSidePx, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: 'white' }).toColourspace('srgb').png().toBuffer();
}

/** The overlay wants regions in the pixels of the picture that it draws on. */
async function scaledRegions(
  regions: readonly Region[],
  { png, widthPx, heightPx }: SmallPicture,
  maxSidePx: number,
): Promise<Region[]> {
  if (Math.max(widthPx, heightPx) <= maxSidePx) return [...regions];
  const { width, height } = await sharp(png).metadata();
  const across = width / widthPx;
  const down = height / heightPx;
  return Promise.all(regions.map(async ({ label, box, mask }) => ({
    label,
    box: { x1: box.x1 * across, y1: box.y1 * down, x2: box.x2 * across, y2: box.y2 * down },
    ...(mask === undefined ? {} : { mask: { width, height, png: await scaledMask(label, mask.png, width, height) } }),
  })));
}

async function scaledMask(label: string, base64: string, width: number, height: number): Promise<string> {
  try {
    const mask = await loadGreyPng(Buffer.from(base64, 'base64'));
    const small = await sharp(mask.data, {
      raw: { width: mask.widthPx, height: mask.heightPx, channels: 1 },
      limitInputPixels: false,
    })
      .resize({ width, height, fit: 'fill', kernel: 'nearest' }).toColourspace('b-w').raw().toBuffer();
    return (await greyPng(small, width, height)).toString('base64');
  } catch (error) {
    throw new Failure(
      'badArgument',
      l10n.t('The mask of “{0}” is not a PNG picture in base64. Use the regions of a run unchanged.', label),
      { cause: error },
    );
  }
}

async function makeThumbnailFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new Failure(
        'diskFull',
        l10n.t(
          'There is no room on the disk for “{0}”. Free some space, or set PALIGEMMA_CACHE to a folder on a larger disk.',
          folder,
        ),
        { cause: error },
      );
    }
    throw new Failure(
      'fileUnwritable',
      l10n.t(
        'The cache folder “{0}” cannot be created ({1}). Check its permissions, or set PALIGEMMA_CACHE to another folder.',
        folder,
        String(code),
      ),
      { cause: error },
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(() => true, () => false);
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
