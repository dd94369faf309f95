/** The arrays of a mask codec, from `vae-oid.npz` or from a `.safetensors` file with the same names. */
import * as l10n from '@vscode/l10n';
import { FileRefused, checkPlainFile, readPlainFile } from '../../../system/src/plainFile';
import { TensorReader, readSafetensorsHeader } from '../checkpoint/safetensors';
import { Failure } from '../../../paligemma/src/failures';
import { readNpz, type FloatArray } from './npz';

/** `[codes, width]`. */
export const CODEBOOK = '_vq_vae._embedding';
/** The published file has 8.5 MB; far more is no mask codec. */
const MAX_FILE_BYTES = 256 * 2 ** 20;

type Wants = (name: string) => boolean;

/** @throws Failure `weightsMissing`, `weightsCorrupt`; DOMException `AbortError`. */
export async function codecArrays(
  file: string,
  wants: Wants,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, FloatArray>> {
  signal?.throwIfAborted();
  const arrays = file.endsWith('.safetensors')
    ? await fromSafetensors(file, wants)
    : await fromNpz(file, wants, signal);
  signal?.throwIfAborted();
  return arrays;
}

async function fromNpz(file: string, wants: Wants, signal?: AbortSignal): Promise<Map<string, FloatArray>> {
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

async function fromSafetensors(file: string, wants: Wants): Promise<Map<string, FloatArray>> {
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

/** @throws Failure `tensorMissing`, `tensorMismatch`. The array of that name, its sides checked; `undefined` is any side of at least 1. */
export function array(
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

export function mismatch(file: string, name: string, what: string): Failure {
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
