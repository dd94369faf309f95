/**
 * What libvips does not tell of a TIFF: how its samples are packed, and what they mean. Source: Adobe, TIFF Revision
 * 6.0; names from libtiff 4.7, `tiff.h`.
 */
import { damaged, unsupported } from './pictureError';
import { readDirectory, tiffTags } from './tiffDirectory';

/** What the directory says, with the defaults of the specification. */
export interface TiffHeader {
  readonly compression: number;
  readonly photometric: number;
  readonly bitsPerSample: number;
  readonly samplesPerPixel: number;
  readonly sampleFormat: number;
  readonly isTiled: boolean;
  /** Whether each channel lies in a plane of its own. */
  readonly hasPlanes: boolean;
  readonly hasColourMap: boolean;
  /** Shares of red, green and blue in the luma of YCbCr, 0…1. */
  readonly lumaShares: readonly number[];
  /** Codes of black and white for Y, Cb and Cr. */
  readonly blackWhite: readonly number[];
  /** The largest value that a sample may have, where the file says so. */
  readonly maxSample: number | undefined;
}

export const compressions = { none: 1, jpeg: 7 } as const;
export const photometrics = { rgb: 2, palette: 3, separated: 5, yCbCr: 6, whiteIsZero: 0, blackIsZero: 1 } as const;
const sampleFormats = { unsigned: 1, signed: 2, float: 3, undefined: 4 } as const;

/** Of those that are read, only to know them: none, CCITT, LZW, JPEG, Deflate, PackBits and WebP. */
const readCompressions = new Set([1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50001]);
const compressionNames: Readonly<Record<number, string>> = {
  6: 'JPEG of the old style',
  9: 'JBIG',
  10: 'JBIG',
  32766: 'NeXT',
  32809: 'ThunderScan',
  32909: 'PixarLog',
  34661: 'JBIG',
  34676: 'SGILog',
  34677: 'SGILog',
  33003: 'JPEG 2000',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG of a raw photograph',
  34925: 'LZMA',
  34933: 'PNG',
  34934: 'JPEG XR',
  50000: 'ZSTD',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};
const colourNames: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  8: 'CIELab',
  9: 'ICCLab',
  10: 'ITULab',
  32803: 'the raw mosaic of a camera',
  32844: 'LogL',
  32845: 'LogLuv',
  34892: 'linear raw values of a camera',
};

/** @returns undefined where there is no directory that could be read; the decoder then says what is wrong. */
export function readTiffHeader(file: Buffer): TiffHeader | undefined {
  return readDirectory(file, directory => {
    const first = (tag: number, otherwise: number) => directory.values(tag)?.[0] ?? otherwise;
    const bits = directory.values(tiffTags.bitsPerSample) ?? [1];
    const formats = directory.values(tiffTags.sampleFormat) ?? [sampleFormats.unsigned];
    const isMixed = [bits, formats].some(each => each.some(value => value !== each[0]));
    return {
      compression: first(tiffTags.compression, compressions.none),
      photometric: first(tiffTags.photometric, photometrics.whiteIsZero),
      bitsPerSample: isMixed ? NaN : bits[0] ?? 1,
      samplesPerPixel: first(tiffTags.samplesPerPixel, 1),
      sampleFormat: formats[0] ?? sampleFormats.unsigned,
      isTiled: directory.has(tiffTags.tileWidth),
      hasPlanes: first(tiffTags.planarConfiguration, 1) === 2 && first(tiffTags.samplesPerPixel, 1) > 1,
      hasColourMap: directory.has(tiffTags.colorMap),
      lumaShares: several(directory.values(tiffTags.yCbCrCoefficients), [0.299, 0.587, 0.114]),
      blackWhite: several(directory.values(tiffTags.referenceBlackWhite), [0, 255, 128, 255, 128, 255]),
      maxSample: directory.values(tiffTags.sMaxSampleValue)?.[0] ?? directory.values(tiffTags.maxSampleValue)?.[0],
    };
  });
}

/**
 * Takes out of the directory what has nothing to do with pixels: libtiff calls a unit or an orientation that does not
 * exist an error, as it does a strip that cannot be decoded.
 */
export function keepPixelTags(file: Buffer): void {
  readDirectory(file, directory => {
    directory.forgetOthers();
    const orientation = directory.values(tiffTags.orientation)?.[0] ?? 1;
    if (!(orientation >= 1 && orientation <= 8)) directory.forget(tiffTags.orientation);
  });
}

/** Whether it is compressed as faxes are (CCITT): there a fault costs a line, not the rest of the strip. */
export function isFax({ compression }: TiffHeader): boolean {
  return compression >= 2 && compression <= 4;
}

/** @throws PictureError `unsupported`, which names what is not read: libvips would show black or wrong colours. */
export function refuseUnreadTiff(header: TiffHeader): void {
  const { compression, photometric, sampleFormat, bitsPerSample } = header;
  if (!readCompressions.has(compression)) {
    throw unsupported(`its compression is ${compressionNames[compression] ?? `of kind ${compression}`}`);
  }
  const depths = depthsOf(header);
  if (depths === undefined) {
    throw unsupported(`its colours are ${colourNames[photometric] ?? `of kind ${photometric}`}`);
  }
  if (Number.isNaN(bitsPerSample)) throw unsupported('its channels have different depths');
  if (!depths.includes(bitsPerSample)) {
    const kind = sampleFormat === sampleFormats.float
      ? ' of floating point'
      : sampleFormat === sampleFormats.signed
      ? ', signed,'
      : '';
    const samples = header.samplesPerPixel === 1 ? '' : `${header.samplesPerPixel} × `;
    throw unsupported(`it has ${samples}${bitsPerSample} bits${kind} a pixel`);
  }
  refuseLackingChannels(header);
  refuseUnreadPlanes(header);
  if (photometric === photometrics.palette && !header.hasColourMap) throw damaged('its palette is missing');
}

/** Of planes libvips takes RGB and CMYK for what they are, but not in tiles of JPEG; it mixes up all others. */
function refuseUnreadPlanes({ hasPlanes, photometric, compression, isTiled }: TiffHeader): void {
  if (!hasPlanes) return;
  const isRead = photometric === photometrics.rgb || photometric === photometrics.separated;
  if (!isRead || (isTiled && compression === compressions.jpeg)) {
    throw unsupported('its channels lie in separate planes');
  }
}

/** @throws PictureError `unsupported` where colours have fewer channels than they need. */
function refuseLackingChannels({ photometric, samplesPerPixel }: TiffHeader): void {
  const needed = photometric === photometrics.separated
    ? 4
    : photometric === photometrics.rgb || photometric === photometrics.yCbCr
    ? 3
    : 1;
  if (samplesPerPixel < needed) throw unsupported(`its colours have ${samplesPerPixel} of ${needed} channels`);
}

/** Bits of a sample that are read; undefined: the colours are not. Source: Pillow 13.0, `TiffImagePlugin.OPEN_INFO`. */
function depthsOf({ photometric, sampleFormat }: TiffHeader): readonly number[] | undefined {
  const isUnsigned = sampleFormat === sampleFormats.unsigned || sampleFormat === sampleFormats.undefined;
  switch (photometric) {
    case photometrics.blackIsZero:
      if (sampleFormat === sampleFormats.signed) return [8, 16, 32];
      if (sampleFormat === sampleFormats.float) return [32];
      return isUnsigned ? [1, 2, 4, 8, 16, 32] : [];
    case photometrics.whiteIsZero:
      return isUnsigned ? [1, 2, 4, 8, 16] : [];
    case photometrics.palette:
      return isUnsigned ? [1, 2, 4, 8] : [];
    case photometrics.rgb:
    case photometrics.separated:
      return isUnsigned ? [8, 16] : [];
    case photometrics.yCbCr:
      return isUnsigned ? [8] : [];
    default:
      return undefined;
  }
}

function several(values: readonly number[] | undefined, otherwise: readonly number[]): readonly number[] {
  return values?.length === otherwise.length && values.every(Number.isFinite) ? values : otherwise;
}
