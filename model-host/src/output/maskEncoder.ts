/** A 64 × 64 mask → sixteen codes: the encoder half of the mask codec. */
import * as l10n from '@vscode/l10n';
import { array, codecArrays, CODEBOOK, mismatch } from './codecArrays';
import { add, convolution, halvingConvolution, relu, type Convolution, type FeatureMap } from './convolution';
import { MASK_SIDE } from './maskDecoder';
import type { FloatArray } from './npz';

const HALVINGS = [0, 2, 4, 6] as const;
const RESIDUAL_BLOCKS = [8, 9] as const;
const LAST = 10;

export interface MaskEncoder {
  /**
   * @param levels `[64, 64]` of 8 bits: 255 inside the object, 0 outside.
   * @returns 16 codes, row by row. @throws RangeError for another size.
   */
  encode(levels: Uint8Array): number[];
}

/**
 * Loads the encoder from `vae-oid.npz`, or from a `.safetensors` file with the same names; all widths come from the arrays.
 * @throws Failure as `loadMaskDecoder`; DOMException `AbortError`.
 * Source: big_vision 0127fb6, `pp/proj/paligemma/segmentation.py`, `_encode`; Ning et al., "All in Tokens", arXiv 2301.02229.
 */
export async function loadMaskEncoder(file: string, signal?: AbortSignal): Promise<MaskEncoder> {
  const arrays = await codecArrays(file, name => name === CODEBOOK || name.startsWith('encoder.'), signal);
  return buildMaskEncoder(file, arrays);
}

/**
 *     mask ─ (halve, ReLU) × 4 ─ residual ─ residual ─ 1×1 ─ nearest row of the codebook
 *     residual: x + 1×1(ReLU(3×3(ReLU(3×3(x)))))
 */
function buildMaskEncoder(file: string, arrays: ReadonlyMap<string, FloatArray>): MaskEncoder {
  const steps: Convolution[] = [];
  const bias = (name: string, outputs: number) => array(file, arrays, `${name}.bias`, [outputs]).data;
  const plain = (name: string, inputs: number, kernel: number) => {
    const weight = array(file, arrays, `${name}.weight`, [undefined, inputs, kernel, kernel]);
    const outputs = weight.shape[0] ?? 0;
    return { outputs, run: convolution(weight.data, bias(name, outputs), inputs, kernel) };
  };
  let channels = 1;
  for (const index of HALVINGS) {
    const weight = array(file, arrays, `encoder.${index}.weight`, [undefined, channels, 4, 4]);
    const outputs = weight.shape[0] ?? 0;
    steps.push(halvingConvolution(weight.data, bias(`encoder.${index}`, outputs), channels), relu);
    channels = outputs;
  }
  for (const block of RESIDUAL_BLOCKS) {
    const inner = plain(`encoder.${block}.net.0`, channels, 3);
    const outer = plain(`encoder.${block}.net.2`, inner.outputs, 3);
    const last = plain(`encoder.${block}.net.4`, outer.outputs, 1);
    if (last.outputs !== channels) {
      const what = l10n.t('It has {0} channels, but they are added to {1}.', last.outputs, channels);
      throw mismatch(file, `encoder.${block}.net.4.weight`, what);
    }
    steps.push(x => add(last.run(relu(outer.run(relu(inner.run(x))))), x));
  }
  const end = plain(`encoder.${LAST}`, channels, 1);
  steps.push(end.run);
  const codebook = array(file, arrays, CODEBOOK, [undefined, end.outputs]).data;
  return {
    encode(levels) {
      if (levels.length !== MASK_SIDE * MASK_SIDE) throw new RangeError(`Not ${MASK_SIDE} × ${MASK_SIDE} levels.`);
      const data = Float32Array.from(levels, level => level / 127.5 - 1);
      const mask: FeatureMap = { side: MASK_SIDE, channels: 1, data };
      const map = steps.reduce((input, step) => step(input), mask);
      return nearestRows(map.data, codebook, end.outputs);
    },
  };
}

/** For each vector of `width` the row of the codebook at the least distance; of equal ones the first. */
function nearestRows(vectors: Float32Array, codebook: Float32Array, width: number): number[] {
  return Array.from({ length: vectors.length / width }, (_, cell) => {
    let [nearest, least] = [0, Infinity];
    for (let code = 0; code < codebook.length / width; code++) {
      let distance = 0;
      for (let i = 0; i < width; i++) distance += (vectors[cell * width + i]! - codebook[code * width + i]!) ** 2;
      if (distance < least) [nearest, least] = [code, distance];
    }
    return nearest;
  });
}
