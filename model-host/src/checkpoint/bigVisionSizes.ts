/** The sizes of a big_vision checkpoint, which its arrays alone tell: it brings no config. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import { shown } from '../../../paligemma/src/shown';
import { MOST, type CheckpointConfig, type TextConfig, type VisionConfig } from './config';
import type { NpyArray } from './npzArchive';

export interface BigVisionSizes {
  readonly config: CheckpointConfig;
  readonly vocabularySize: number;
}

/** The one published size whose queries are scaled by width per head. Source: big_vision `models/ppp/gemma.py`, gemma2_27b. */
const PER_HEAD = { hiddenSize: 4608, heads: 32 } as const;

/**
 * What sizes do not tell is that of every PaliGemma 2: soft caps, rotation, and no sliding window, which big_vision does not
 * have.
 * @param arrays By name without `params/`.
 * @throws Failure tensorMissing, tensorMismatch; modelUnsupported for the first PaliGemma.
 * Source: big_vision 0127fb6, `models/ppp/gemma.py`, `models/vit.py`; Gemma 2 (arXiv 2408.00118).
 */
export function bigVisionSizes(file: string, arrays: ReadonlyMap<string, NpyArray>): BigVisionSizes {
  const block = 'img/Transformer/encoderblock';
  const side = (name: string, axes: number, axis: number) => sideOf(file, arrays, name, axes, axis);
  const patchSizePx = side('img/embedding/kernel', 4, 0);
  const imageTokens = side('img/pos_embedding', 3, 1);
  const heads = side('llm/layers/attn/q_einsum/w', 4, 1);
  const headDim = side('llm/layers/attn/q_einsum/w', 4, 3);
  const textHidden = side('llm/embedder/input_embedding', 2, 1);
  const vocabularySize = side('llm/embedder/input_embedding', 2, 0);
  const patchesPerSide = Math.sqrt(imageTokens);
  const vision: VisionConfig = {
    imageSizePx: patchesPerSide * patchSizePx,
    patchSizePx,
    imageTokens,
    hiddenSize: side('img/embedding/kernel', 4, 3),
    intermediateSize: side(`${block}/MlpBlock_0/Dense_0/kernel`, 3, 2),
    layers: side(`${block}/MlpBlock_0/Dense_0/kernel`, 3, 0),
    heads: side(`${block}/MultiHeadDotProductAttention_0/query/kernel`, 4, 2),
    layerNormEpsilon: 1e-6,
  };
  const layers = side('llm/layers/attn/q_einsum/w', 4, 0);
  const isPerHead = textHidden === PER_HEAD.hiddenSize && heads === PER_HEAD.heads;
  const text: TextConfig = {
    hiddenSize: textHidden,
    intermediateSize: side('llm/layers/mlp/gating_einsum', 4, 3),
    layers,
    heads,
    kvHeads: side('llm/layers/attn/kv_einsum/w', 5, 2),
    headDim,
    queryPreAttnScalar: isPerHead ? textHidden / heads : headDim,
    attentionSoftCap: 50,
    finalSoftCap: 30,
    ropeTheta: 10_000,
    rmsNormEpsilon: 1e-6,
    maxPositions: 8192,
    slidingWindow: 4096,
    slidingLayers: Array.from({ length: Math.min(layers, MOST.layers) }, () => false),
  };
  if (!arrays.has('llm/layers/post_attention_norm/scale')) throw firstPaliGemma(file);
  if (!areSizes(vision, text)) {
    throw new Failure(
      'tensorMismatch',
      l10n.t('The sizes of the arrays in {0} are not those of a PaliGemma 2. Download the archive again.', file),
    );
  }
  return {
    config: {
      vision,
      text,
      // The row behind the last one, as in the vocabulary of transformers.
      imageTokenId: vocabularySize,
      eosTokenIds: [1],
      tiesHead: true,
      vocabularySize,
    },
    vocabularySize,
  };
}

function areSizes(vision: VisionConfig, text: TextConfig): boolean {
  const limits: readonly (readonly [number, number])[] = [
    [vision.imageSizePx, MOST.sidePx],
    [vision.imageTokens, MOST.imageTokens],
    [Math.max(vision.layers, text.layers), MOST.layers],
    [Math.max(vision.heads, text.heads), MOST.heads],
    [Math.max(vision.hiddenSize, text.hiddenSize), MOST.width],
    [Math.max(vision.intermediateSize, text.intermediateSize), MOST.inner],
    [text.headDim, MOST.headDim],
  ];
  return limits.every(([size, most]) => size <= most) && Number.isInteger(vision.imageSizePx / vision.patchSizePx)
    && text.heads % text.kvHeads === 0 && text.headDim % 2 === 0 && vision.hiddenSize % vision.heads === 0;
}

function sideOf(
  file: string,
  arrays: ReadonlyMap<string, NpyArray>,
  name: string,
  axes: number,
  axis: number,
): number {
  const array = arrays.get(name);
  if (array === undefined) throw arrayMissing(file, name);
  const side = array.shape.length === axes ? array.shape[axis] ?? 0 : 0;
  if (side === 0) throw arrayMismatch(file, array);
  return side;
}

function firstPaliGemma(file: string): Failure {
  return new Failure(
    'modelUnsupported',
    l10n.t(
      '{0} holds a PaliGemma whose text model is the first Gemma; only PaliGemma 2 can be run. Choose a checkpoint whose name begins with paligemma2.',
      file,
    ),
  );
}

export function arrayMissing(file: string, name: string): Failure {
  return new Failure(
    'tensorMissing',
    l10n.t(
      'The archive {0} has no array {1}, so it is no PaliGemma 2 of big_vision, or not all of it. Download it again.',
      file,
      `params/${name}`,
    ),
  );
}

export function arrayMismatch(file: string, { name, shape }: Pick<NpyArray, 'name' | 'shape'>): Failure {
  return new Failure(
    'tensorMismatch',
    l10n.t(
      'The array {0} in {1} has the shape {2}, which does not fit the other arrays. Download the archive again.',
      shown(name),
      file,
      shown(shape),
    ),
  );
}
