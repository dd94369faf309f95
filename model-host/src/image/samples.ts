/** Samples as they stand in a file, turned into RGB as Pillow's `convert('RGB')` does it. */
import type { TiffHeader } from './tiffHeader';

/** Interleaved samples in the depth of the file: `[pixels, channels]`. */
export interface Samples {
  readonly data: SampleArray;
  readonly channels: number;
}

export type SampleArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;

/** Depths as libvips names them. */
const arrays = {
  uchar: Uint8Array,
  char: Int8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
} as const;

export type SampleDepth = keyof typeof arrays;

export function isSampleDepth(depth: string): depth is SampleDepth {
  return Object.hasOwn(arrays, depth);
}

/** The bytes of libvips, which are in the order of this machine, as numbers. */
export function samplesOf(bytes: Buffer, depth: SampleDepth, channels: number): Samples {
  const type = arrays[depth];
  const isAligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isAligned ? bytes : new Uint8Array(bytes);
  const length = Math.floor(bytes.length / type.BYTES_PER_ELEMENT);
  return { data: new type(buffer as ArrayBuffer, byteOffset, length), channels };
}

/** Colours or greys of 8 bits, whatever follows them in a pixel left out. @returns `data` itself where it is RGB. */
export function rgbOf(data: Uint8Array, channels: number): Uint8Array {
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
 * CMYK of 8 bits, or of 16, of which the high byte counts: (255 − K) − C · (255 − K) / 255 rounded, for each colour.
 * Source: Pillow 13.0, `src/libImaging/Convert.c`, `cmyk2rgb`, `MULDIV255`; `Unpack.c`, `unpackCMYK16L`.
 */
export function rgbFromCmyk({ data, channels }: Samples): Uint8Array {
  const shift = data instanceof Uint16Array ? 8 : 0;
  const rgb = new Uint8ClampedArray(data.length / channels * 3);
  for (let from = 0, to = 0; from < data.length; from += channels, to += 3) {
    const light = 255 - (data[from + 3]! >> shift);
    for (let channel = 0; channel < 3; channel++) {
      const product = (data[from + channel]! >> shift) * light + 128;
      rgb[to + channel] = light - (((product >> 8) + product) >> 8);
    }
  }
  return new Uint8Array(rgb.buffer);
}

/**
 * YCbCr of a TIFF, all three for each pixel. Pillow converts what is not compressed by itself, and leaves the rest to
 * libtiff: their results are up to one level apart.
 */
export function rgbFromYCbCr({ data, channels }: Samples, header: TiffHeader, isCompressed: boolean): Uint8Array {
  const { luma, redOfCr, greenOfCb, greenOfCr, blueOfCb, bits } = isCompressed
    ? libtiffTables(header)
    : pillowTables();
  const rgb = new Uint8ClampedArray(data.length / channels * 3);
  for (let from = 0, to = 0; from < data.length; from += channels, to += 3) {
    const [y, cb, cr] = [luma[data[from]!]!, data[from + 1]!, data[from + 2]!];
    rgb[to] = y + (redOfCr[cr]! >> bits);
    rgb[to + 1] = y + ((greenOfCb[cb]! + greenOfCr[cr]!) >> bits);
    rgb[to + 2] = y + (blueOfCb[cb]! >> bits);
  }
  return new Uint8Array(rgb.buffer);
}

interface YCbCrTables {
  /** Levels by Y. */
  readonly luma: Int32Array;
  /** What each chroma code adds, in fixed point with `bits` bits behind the point. */
  readonly redOfCr: Int32Array;
  readonly greenOfCb: Int32Array;
  readonly greenOfCr: Int32Array;
  readonly blueOfCb: Int32Array;
  readonly bits: number;
}

const table = (levelOf: (code: number) => number) => Int32Array.from({ length: 256 }, (_, code) => levelOf(code));

/** Source: Pillow 13.0, `src/libImaging/ConvertYCbCr.c`: its printed tables follow from these formulas. */
function pillowTables(): YCbCrTables {
  const share = (factor: number) => table(code => Math.trunc(factor * (code - 128) * 64 + 0.5));
  return {
    luma: table(code => code),
    redOfCr: share(1.402),
    greenOfCb: share(-0.34414),
    greenOfCr: share(-0.71414),
    blueOfCb: share(1.772),
    bits: 6,
  };
}

/** Source: libtiff 4.7, `tif_color.c`, `TIFFYCbCrToRGBInit`. */
function libtiffTables({ lumaShares, blackWhite }: TiffHeader): YCbCrTables {
  const [red, green, blue] = lumaShares as [number, number, number];
  const fixed = (factor: number) => Math.trunc(factor * 65536 + 0.5);
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  const [redShare, blueShare] = [2 - 2 * red, 2 - 2 * blue];
  const ofRed = fixed(within(redShare, 0, 2));
  const ofGreenCr = -fixed(within(red * redShare / green, 0, 2));
  const ofBlue = fixed(within(blueShare, 0, 2));
  const ofGreenCb = -fixed(within(blue * blueShare / green, 0, 2));
  const [black, white, cbBlack, cbWhite, crBlack, crWhite] = blackWhite as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const chroma = (code: number, from: number, to: number) => {
    const span = to - from === 0 ? 1 : to - from;
    return Math.trunc(within((code - 128 - (from - 128)) * 127 / span, -128 * 32, 128 * 32));
  };
  const half = 32768;
  return {
    luma: table(code => Math.trunc(within((code - black) * 255 / (white - black || 1), -128 * 32, 128 * 32))),
    redOfCr: table(code => ofRed * chroma(code, crBlack, crWhite) + half),
    greenOfCb: table(code => ofGreenCb * chroma(code, cbBlack, cbWhite) + half),
    greenOfCr: table(code => ofGreenCr * chroma(code, crBlack, crWhite)),
    blueOfCb: table(code => ofBlue * chroma(code, cbBlack, cbWhite) + half),
    bits: 16,
  };
}

/** Greys below this value are of a device with up to 12 bits: their high byte would be black to the eye. */
const FAINT_BELOW = 4096;
const bitsOf = (value: number) => 32 - Math.clz32(value);

/**
 * Greys of more than 8 bits, and signed ones. As Pillow has it, values outside of 0…255 are clipped, but for two kinds
 * that would then be white or black nearly everywhere: of 16 bits without a sign the high 8 of the bits in use count,
 * and floating point that stays within 0…1 becomes 0…255. In use are those of `maxSample` where it is 2ⁿ − 1, else 16;
 * where no value reaches 4096, only those that the largest one needs.
 */
export function rgbFromGrey({ data, channels }: Samples, maxSample?: number): Uint8Array {
  const levels = new Uint8Array(data.length / channels);
  const level = levelOf(data, maxSample);
  for (let i = 0; i < levels.length; i++) levels[i] = level(data[i * channels]!);
  return rgbOf(levels, 1);
}

function levelOf(data: SampleArray, maxSample: number | undefined): (value: number) => number {
  if (data instanceof Uint16Array) {
    const shift = Math.max(0, (declaredBits(maxSample) ?? bitsInUse(data)) - 8);
    return value => Math.min(255, value >>> shift);
  }
  // Pillow takes signed bytes for unsigned ones, and whole numbers of 32 bits for signed ones.
  if (data instanceof Int8Array) return value => value & 255;
  if (data instanceof Uint32Array) return value => Math.min(255, Math.max(0, value | 0));
  if (data instanceof Float32Array && isWithinUnit(data)) return value => Math.round(value * 255);
  return value => (value > 0 ? Math.min(255, Math.trunc(value)) : 0);
}

/** Some programs tell the largest value that occurs instead: that says nothing of the device. */
function declaredBits(maxSample: number | undefined): number | undefined {
  return maxSample !== undefined && maxSample > 0 && maxSample <= 0xffff && (maxSample & (maxSample + 1)) === 0
    ? bitsOf(maxSample)
    : undefined;
}

function bitsInUse(data: Uint16Array): number {
  let most = 0;
  for (const value of data) if (value > most) most = value;
  return most < FAINT_BELOW ? bitsOf(most) : 16;
}

function isWithinUnit(data: Float32Array): boolean {
  return data.every(value => value >= 0 && value <= 1);
}
