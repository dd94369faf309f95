/** Finds out whether a published decoder sees the whole prompt from every position, as the model was trained. */
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { OnnxDecoder } from './onnxDecoder';
import type { PublishedGraph } from './publishedGraph';

/**
 * What a graph needs to hide positions without being given a mask: an attention of its own, a triangle, or a comparison
 * of positions.
 */
const suspects = [
  'GroupQueryAttention',
  'Attention',
  'Trilu',
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'If',
];

/**
 * True where a later prompt token changes nothing for an earlier one: prompts "a b" and "a c" leave the same keys of
 * "a" in the last layer. Two short runs, and none for a graph without mask.
 */
export async function hidesLaterTokens(
  graph: PublishedGraph,
  decoder: OnnxDecoder,
  { specials }: Tokenizer,
  signal: AbortSignal,
): Promise<boolean> {
  if (!graph.inputs.has('attention_mask') && !suspects.some(op => graph.ops.has(op))) return false;
  const [first, second] = [
    await decoder.firstPosition([specials.bos, specials.newline], signal),
    await decoder.firstPosition([specials.bos, specials.eos], signal),
  ];
  return first.length > 0 && first.every((value, index) => value === second[index]);
}
