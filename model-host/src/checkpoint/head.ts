/** Whether the output matrix is the embedding again, or a matrix of its own. */
import { EMBEDDING, HEAD } from './modelTensors';
import type { Checkpoint } from './checkpoint';
import type { ModelTensor, TensorReader } from './safetensors';

/** Values of one piece at most. */
const MAX_VALUES = 2 ** 20;

/**
 * True where logits are not the product with the embedding: another matrix is stored, or an adapter changes one of the
 * two. A stored copy of the embedding, as trainers write it, is none.
 * @param isAdapted By canonical name. @throws Failure weightsCorrupt.
 * Source: transformers 5.23 `modeling_utils.py`, tie_weights: where both are stored and differ, they are not tied.
 */
export async function hasOwnHead(
  checkpoint: Checkpoint,
  reader: TensorReader,
  isAdapted: (name: string) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  if (isAdapted(HEAD) || isAdapted(EMBEDDING)) return true;
  if (!checkpoint.hasHead) return false;
  const shape = [checkpoint.vocabularySize, checkpoint.config.text.hiddenSize];
  return !(await areEqual(checkpoint.tensor(HEAD, shape), checkpoint.tensor(EMBEDDING, shape), reader, signal));
}

/** By value; the two may be stored in different types. */
async function areEqual(
  a: ModelTensor,
  b: ModelTensor,
  reader: TensorReader,
  signal: AbortSignal,
): Promise<boolean> {
  const [rows = 0, columns = 1] = a.shape;
  const step = Math.max(1, Math.floor(MAX_VALUES / columns));
  for (let start = 0; start < rows; start += step) {
    signal.throwIfAborted();
    const count = Math.min(step, rows - start);
    const [one, other] = await Promise.all([reader.rows(a, start, count), reader.rows(b, start, count)]);
    if (!one.every((value, at) => value === other[at])) return false;
  }
  return true;
}
