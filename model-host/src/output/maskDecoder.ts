/** Sixteen codes → a 64 × 64 mask: the decoder half of the mask codec. */
import * as l10n from '@vscode/l10n';
import { FileRefused, checkPlainFile, readPlainFile } from '../../../system/src/plainFile';
import { TensorReader, readSafetensorsHeader } from '../checkpoint/safetensors';
import { Failure } from '../../../paligemma/src/failures';
import { CODES_PER_MASK } from '../../../paligemma/src/facts';
import { add, convolution, doublingConvolution, relu, type Convolution, type FeatureMap } from './convolution';
import { readNpz, type FloatArray } from './npz';

/** Side of a decoded mask in pixels, before it is fitted into its box. */
export const MASK_SIDE = 64;
/** The codes are a grid of 4 × 4, row by row; four doublings make it 64 × 64. Source: see {@link loadMaskDecoder}. */
const GRID_SIDE = 4;
const DOUBLINGS = [4, 6, 8, 10] as const;
const RESIDUAL_BLOCKS = [2, 3] as const;
const CODEBOOK = '_vq_vae._embedding';
/** The published file has 8.5 MB; far more is no mask decoder. */
const MAX_FILE_BYTES = 256 * 2 ** 20;

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
  signal?.throwIfAborted();
  const arrays = file.endsWith('.safetensors') ? await fromSafetensors(file) : await fromNpz(file, signal);
  signal?.throwIfAborted();
  return buildMaskDecoder(file, arrays);
}

const wants = (name: string) => name === CODEBOOK || name.startsWith('decoder.');

async function fromNpz(file: string, signal?: AbortSignal): Promise<Map<string, FloatArray>> {
  let bytes: Buffer;
  try {
    bytes = await readPlainFile(file, MAX_FILE_BYTES);
  } catch (error) {
    if (error instanceof FileRefused) throw corrupt(file, error.message, error);
    throw new Failure(
      'weightsMissing',
      l10n.t(
        'The mask decoder “{0}” cannot be read ({1}). Put vae-oid.npz from big_vision there.',
        file,
        (error as NodeJS.ErrnoException).code ?? String(error),
      ),
      { cause: error },
    );
  }
  signal?.throwIfAborted();
  try {
    return readNpz(bytes, wants, MAX_FILE_BYTES);
  } catch (error) {
    throw corrupt(
      file,
      l10n.t('It cannot be unpacked ({0}).', error instanceof Error ? error.message : String(error)),
      error,
    );
  }
}

async function fromSafetensors(file: string): Promise<Map<string, FloatArray>> {
  const reader = new TensorReader();
  try {
    await checkPlainFile(file, MAX_FILE_BYTES).catch((error: unknown) => {
      if (error instanceof FileRefused) throw corrupt(file, error.message, error);
    });
    const arrays = new Map<string, FloatArray>();
    for (const tensor of (await readSafetensorsHeader(file)).tensors) {
      if (wants(tensor.name)) arrays.set(tensor.name, { shape: tensor.shape, data: await reader.all(tensor) });
    }
    return arrays;
  } finally {
    await reader.close();
  }
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

/** The array of that name, its sides checked; `undefined` is any side of at least 1. */
function array(
  file: string,
  arrays: ReadonlyMap<string, FloatArray>,
  name: string,
  shape: readonly (number | undefined)[],
): FloatArray {
  const found = arrays.get(name);
  if (found === undefined) {
    throw new Failure(
      'tensorMissing',
      l10n.t(
        'The mask decoder “{0}” lacks the array {1}. Use vae-oid.npz from big_vision, or a file with the same names.',
        file,
        name,
      ),
    );
  }
  const fits = found.shape.length === shape.length
    && shape.every((side, i) => found.shape[i]! >= 1 && (side === undefined || side === found.shape[i]));
  if (!fits) {
    throw mismatch(
      file,
      name,
      l10n.t(
        'It has the shape {0}, but {1} is needed.',
        found.shape.join(' × '),
        shape.map(side => side ?? '*').join(' × '),
      ),
    );
  }
  return found;
}

function mismatch(file: string, name: string, what: string): Failure {
  return new Failure(
    'tensorMismatch',
    l10n.t(
      'The array {1} in the mask decoder “{0}” does not fit. {2} Use vae-oid.npz from big_vision, or a file of the same structure.',
      file,
      name,
      what,
    ),
  );
}

function corrupt(file: string, what: string, cause?: unknown): Failure {
  return new Failure(
    'weightsCorrupt',
    l10n.t('The mask decoder “{0}” is damaged or is something else. {1} Download it again.', file, what),
    { cause },
  );
}
