/** What a model of a given size needs to run, estimated before anything is downloaded. */
import { weightTypes, type WeightType } from '../../../../paligemma/src/facts';
import type { ModelSize } from '../../contract/protocol';

interface SizeFacts {
  /** Text decoder with its embedding. */
  readonly textParameters: number;
  readonly projectorParameters: number;
  /** Key and value entries of one position: 2 · layers · kv heads · head dim. */
  readonly cacheValues: number;
  /** `text_config.hidden_size`. */
  readonly hiddenSize: number;
}

/** Source: shapes of the published configs; the sums equal the parameter counts of the keras-hub presets. */
const facts: Readonly<Record<ModelSize, SizeFacts>> = {
  '3b': {
    textParameters: 2_617_143_552,
    projectorParameters: 2_656_512,
    cacheValues: 2 * 26 * 4 * 256,
    hiddenSize: 2304,
  },
  '10b': {
    textParameters: 9_246_064_128,
    projectorParameters: 4_132_352,
    cacheValues: 2 * 42 * 8 * 256,
    hiddenSize: 3584,
  },
  '28b': {
    textParameters: 27_232_731_648,
    projectorParameters: 5_313_024,
    cacheValues: 2 * 46 * 16 * 128,
    hiddenSize: 4608,
  },
};

/** SigLIP So400m/14 without its position table of imageTokens × 1152. Source: as above. */
const VISION_PARAMETERS = 412_442_352 - 256 * 1152;
const VISION_WIDTH = 1152;
const VISION_HEADS = 16;

/**
 * Bits of one weight, with the 32-bit scale that 64 of them share; twice as many do in the 4-bit MLPs, which leaves up
 * to 4 % to spare.
 */
const bits: Readonly<Record<WeightType, number>> = { int4: 4.5, int8: 8.5, f16: 16, f32: 32 };
/** The vision tower is never stored in less than 8 bits. */
const visionBits: Readonly<Record<WeightType, number>> = { ...bits, int4: bits.int8 };

/** Positions kept for prompt and answer beside the image tokens: the longest that the training used. */
const TEXT_POSITIONS = 512;
/** Program, runtime and decoded picture. Source: measured, 0.6 GB at 448 px with a decoder of a few megabytes. */
const BASE_BYTES = 450_000_000;
/** Part of the machine's memory that a model may take; the rest is the system's and the editor's. */
const USABLE_PART = 0.8;

/** Bytes of the converted model, on disk and in memory: parameters · bits / 8. */
export function weightBytes(size: ModelSize, resolutionPx: number, weights: WeightType): number {
  const { textParameters, projectorParameters } = facts[size];
  const vision = VISION_PARAMETERS + imageTokens(resolutionPx) * VISION_WIDTH + projectorParameters;
  return Math.round((textParameters * bits[weights] + vision * visionBits[weights]) / 8);
}

/**
 * Bytes of memory for one run: weights, keys and values of the whole prompt in 32 bits, the attention scores of one
 * layer of the vision tower (16 heads · N² · 4 bytes, the largest single intermediate), and 0.45 GB for program and
 * runtime.
 */
export function memoryNeeded(size: ModelSize, resolutionPx: number, weights: WeightType): number {
  const tokens = imageTokens(resolutionPx);
  return weightBytes(size, resolutionPx, weights) + (tokens + TEXT_POSITIONS) * facts[size].cacheValues * 4
    + VISION_HEADS * tokens ** 2 * 4 + BASE_BYTES;
}

export function memoryByWeights(size: ModelSize, resolutionPx: number): Readonly<Record<WeightType, number>> {
  const needed = (weights: WeightType) => memoryNeeded(size, resolutionPx, weights);
  return { int4: needed('int4'), int8: needed('int8'), f16: needed('f16'), f32: needed('f32') };
}

/** The weight types that a machine with `totalBytes` of memory can run. */
export function fittingWeights(
  memoryBytes: Readonly<Record<WeightType, number>>,
  totalBytes: number,
): readonly WeightType[] {
  return weightTypes.filter(weights => memoryBytes[weights] <= totalBytes * USABLE_PART);
}

/** Which of the published sizes a text decoder of this width is; undefined for any other. */
export function sizeOfWidth(hiddenSize: unknown): ModelSize | undefined {
  return modelSizes.find(size => facts[size].hiddenSize === hiddenSize);
}

export const modelSizes = ['3b', '10b', '28b'] as const satisfies readonly ModelSize[];

function imageTokens(resolutionPx: number): number {
  return Math.floor(resolutionPx / 14) ** 2;
}
