/**
 * How the layers of a model are cut into graphs. A native run cannot be interrupted, so none may be long: each graph
 * gets as much work as two cores do in about one and a half seconds. Work is counted in multiplications.
 */
import type { PaliGemmaConfig, TextConfig, VisionConfig } from '../checkpoint/config';
import type { LayerGroup } from '../graph/decoderWeights';

/** Layers of one decoder graph at most. */
const LAYERS_PER_GROUP = 7;
/** Of one native run in the prefill: two cores do some 65 billion a second with 4-bit weights. */
const PREFILL_PRODUCTS = 1e11;
/** Of one native run of the vision tower: with its 8-bit weights two cores do some 40 billion a second. */
const VISION_PRODUCTS = 6.5e10;
/** Decoder graphs at least, where there are layers enough. */
const MIN_GROUPS = 2;

/** Layers whose prefill of a picture with a short prompt is one tolerably short run; at least 1. */
export function layersPerGroup({ text, vision }: PaliGemmaConfig, products = PREFILL_PRODUCTS): number {
  return Math.max(1, Math.min(LAYERS_PER_GROUP, Math.floor(products / layerProducts(text, vision.imageTokens))));
}

/**
 * Positions of the prompt that a prefill may run through one layer at a time, where all of them would take too long
 * even for a single layer; undefined where they would not.
 */
export function positionsPerRun({ text, vision }: PaliGemmaConfig, products = PREFILL_PRODUCTS): number | undefined {
  const runs = Math.ceil(layerProducts(text, vision.imageTokens) / products);
  return runs < 2 ? undefined : Math.ceil(vision.imageTokens / runs);
}

/** Even groups of at most `limit` layers. */
export function layerGroups(layers: number, limit: number): LayerGroup[] {
  const count = Math.max(Math.min(MIN_GROUPS, layers), Math.ceil(layers / limit));
  return evenly(layers, count).map(([firstLayer, endLayer], index) => ({
    firstLayer,
    endLayer,
    isFirst: index === 0,
    isLast: index === count - 1,
  }));
}

/** Blocks `[firstBlock, endBlock)` of the tower, an attention and an MLP by turns: blocks 2l and 2l + 1 are layer l. */
export interface VisionGroup {
  readonly firstBlock: number;
  readonly endBlock: number;
}

/** The tower in graphs of tolerably short runs: whole layers, or single blocks where one layer is too much. */
export function visionGroups(vision: VisionConfig, products = VISION_PRODUCTS): VisionGroup[] {
  const { hiddenSize: width, intermediateSize, imageTokens: tokens, layers } = vision;
  const attention = tokens * (4 * width ** 2 + 2 * tokens * width);
  const mlp = tokens * 2 * width * intermediateSize;
  const perGroup = Math.floor(products / (attention + mlp));
  const groups = perGroup >= 1
    ? evenly(layers, Math.max(1, Math.ceil(layers / perGroup))).map(([first, end]) => [2 * first, 2 * end] as const)
    : evenly(2 * layers, 2 * layers);
  return groups.map(([firstBlock, endBlock]) => ({ firstBlock, endBlock }));
}

function evenly(items: number, count: number): (readonly [first: number, end: number])[] {
  return Array.from(
    { length: count },
    (_, index) => [Math.floor((index * items) / count), Math.floor(((index + 1) * items) / count)] as const,
  );
}

function layerProducts(
  { hiddenSize, intermediateSize, heads, kvHeads, headDim }: TextConfig,
  positions: number,
): number {
  const weights = hiddenSize * (headDim * (2 * heads + 2 * kvHeads) + 3 * intermediateSize);
  return positions * (weights + 2 * positions * heads * headDim);
}
