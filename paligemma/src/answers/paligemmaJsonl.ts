import type { ExportSource } from './exportSource';

/**
 * One line of training data: image, prefix, suffix. The suffix is the whole answer as the model wrote it.
 * Source: big_vision 0127fb6, `datasets/jsonl.py` (one JSON object a line) and the fields of its
 * `configs/proj/paligemma/transfers/forkme.py`.
 */
export function paligemmaJsonLine({ fileName, prompt, suffix }: ExportSource): string {
  return `${JSON.stringify({ image: fileName, prefix: prompt, suffix })}\n`;
}
