/** Sixteen codes → a 64 × 64 mask: the decoder half of the mask codec. */
import * as l10n from '@vscode/l10n';
import { CODES_PER_MASK } from '../../../paligemma/src/facts';
import { array, codecArrays, CODEBOOK, mismatch } from './codecArrays';
import { add, convolution, doublingConvolution, relu, type Convolution, type FeatureMap } from './convolution';
import type { FloatArray } from './npz';

/** Side of a decoded mask in pixels, before it is fitted into its box. */
export const MASK_SIDE = 64;
/** The codes are a grid of 4 × 4, row by row; four doublings make it 64 × 64. Source: see {@link loadMaskDecoder}. */
const GRID_SIDE = 4;
const DOUBLINGS = [4, 6, 8, 10] as const;
const RESIDUAL_BLOCKS = [2, 3] as const;

export interface MaskDecoder {
  /** Codes in the codebook; 128 in every known one. */
  readonly codes: number;
  /**
   * @param codes 16 of them, 0…`codes` − 1.
   * @returns `[64, 64] float32`, about −1…1; above 0 is inside. Takes some tens of milliseconds for the published
   *   widths.
   * @throws RangeError for other codes.
   */
  decode(codes: readonly number[]): Float32Array;
}

/**
 * Loads the decoder from `vae-oid.npz`, or from a `.safetensors` file with the same names. All widths come from the
 * arrays; the encoder's arrays and the codebook's statistics, where present, are not read.
 * @throws Failure `weightsMissing`, `weightsCorrupt`, `tensorMissing`, `tensorMismatch`; DOMException `AbortError`.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/segmentation.py`, `_get_reconstruct_masks`; Ning et
 * al., "All in Tokens", arXiv 2301.02229.
 */
export async function loadMaskDecoder(file: string, signal?: AbortSignal): Promise<MaskDecoder> {
  const arrays = await codecArrays(file, name => name === CODEBOOK || name.startsWith('decoder.'), signal);
  return buildMaskDecoder(file, arrays);
}

/**
 *     codes ─ codebook ─ 1×1, ReLU ─ residual ─ residual ─ (double, ReLU) × 4 ─ 1×1 ─ mask
 *     residual: x + 1×1(ReLU(3×3(ReLU(3×3(x)))))
 */
function buildMaskDecoder(file: string, arrays: ReadonlyMap<string, FloatArray>): MaskDecoder {
  const codebook = array(file, arrays, CODEBOOK, [undefined, undefined]);
  const [codes, width] = codebook.shape as [number, number];
  const steps: Convolution[] = [];
  const plain = (name: string, channels: number, kernel: number) => {
    const weight = array(file, arrays, `${name}.weight`, [undefined, channels, kernel, kernel]);
    return {
      outputs: weight.shape[0]!,
      run: convolution(weight.data, array(file, arrays, `${name}.bias`, [weight.shape[0]]).data, channels, kernel),
    };
  };
  const first = plain('decoder.0', width, 1);
  steps.push(first.run, relu);
  let channels = first.outputs;
  for (const block of RESIDUAL_BLOCKS) {
    const inner = plain(`decoder.${block}.net.0`, channels, 3);
    const outer = plain(`decoder.${block}.net.2`, inner.outputs, 3);
    const last = plain(`decoder.${block}.net.4`, outer.outputs, 1);
    if (last.outputs !== channels) {
      throw mismatch(
        file,
        `decoder.${block}.net.4.weight`,
        l10n.t('It has {0} channels, but they are added to {1}.', last.outputs, channels),
      );
    }
    steps.push(x => add(last.run(relu(outer.run(relu(inner.run(x))))), x));
  }
  for (const index of DOUBLINGS) {
    const weight = array(file, arrays, `decoder.${index}.weight`, [channels, undefined, 4, 4]);
    channels = weight.shape[1]!;
    steps.push(
      doublingConvolution(weight.data, array(file, arrays, `decoder.${index}.bias`, [channels]).data, weight.shape[0]!),
      relu,
    );
  }
  const end = plain('decoder.12', channels, 1);
  if (end.outputs !== 1) {
    throw mismatch(file, 'decoder.12.weight', l10n.t('It has {0} channels instead of 1.', end.outputs));
  }
  steps.push(end.run);
  return {
    codes,
    decode: chosen => steps.reduce((map, step) => step(map), grid(chosen, codebook.data, codes, width)).data,
  };
}

function grid(chosen: readonly number[], codebook: Float32Array, codes: number, width: number): FeatureMap {
  if (chosen.length !== CODES_PER_MASK || chosen.some(code => !Number.isInteger(code) || code < 0 || code >= codes)) {
    throw new RangeError(`Not ${CODES_PER_MASK} codes below ${codes}: ${chosen.join(', ')}`);
  }
  const data = new Float32Array(CODES_PER_MASK * width);
  chosen.forEach((code, cell) => data.set(codebook.subarray(code * width, (code + 1) * width), cell * width));
  return { side: GRID_SIDE, channels: width, data };
}
