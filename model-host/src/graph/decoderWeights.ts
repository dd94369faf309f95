/** What the graphs of the decoder are made of. */
import type { ExternalData } from './graphBuilder';
import type { Matrix, Vector } from './weights';

export interface DecoderLayerWeights {
  /** Norm vectors hold 1 + w. */
  readonly inputNorm: Vector;
  /** Query, key and value below each other: [(H + 2K)·h, D]. */
  readonly qkv: Matrix;
  readonly out: Matrix;
  readonly postAttentionNorm: Vector;
  readonly preMlpNorm: Vector;
  /** [F, D] each: two products, as one of both would have to be copied apart again. */
  readonly gate: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
  readonly postMlpNorm: Vector;
}

export interface DecoderSharedWeights {
  /** [V, D]: rows for the tokens of the prompt. */
  readonly embedding: Matrix;
  /** [V, D]: makes the logits. The embedding again, the same bytes, unless the checkpoint unties them. */
  readonly head: Matrix;
  /** [maxPositions, h / 2] float32 each. */
  readonly ropeCos: ExternalData;
  readonly ropeSin: ExternalData;
  readonly finalNorm: Vector;
  /** [V]: 0, or a large negative number for ids that must never be picked. */
  readonly tokenBias: Vector;
}

/** Layers `[firstLayer, endLayer)` of the decoder; the first group embeds, the last one picks the next token. */
export interface LayerGroup {
  readonly firstLayer: number;
  readonly endLayer: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}
