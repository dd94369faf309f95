/** The loaded decoder: its groups of layers run one after the other, with a chance to stop between them. */
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TextConfig } from '../checkpoint/config';
import { HostError } from '../contract/errors';
import type { Manifest, ManifestGroup } from '../convert/manifest';
import { decoderNames } from '../graph/decoderNames';
import { KvCache } from './kvCache';
import { booleanTensor, floatTensor, floatsOf, integerOf, integerTensor, openSession, type Device, type GraphSession, type Tensor } from './ort';

/** What one run of all groups gives: the greedy choice, and the logits on request. */
export interface Prediction {
  /** Best id that may be picked; the lowest where several are equal. */
  readonly id: number;
  /** Its probability among all ids, 0…1. */
  readonly probability: number;
  /** [V] float32 after the final soft cap; only where asked for. */
  readonly logits?: Float32Array;
}

export interface RunHooks {
  readonly signal: AbortSignal;
  /** Groups of layers done, of all. */
  readonly onGroup?: (done: number, total: number) => void;
}

/** Masked scores: low enough that softmax gives exactly 0, finite so that nothing becomes NaN. */
const MASKED = -1e30;

export class Decoder {
  private constructor(
    private readonly config: TextConfig, private readonly groups: readonly (ManifestGroup & { readonly session: GraphSession })[],
    private readonly isSliding: boolean, private readonly keepsLogits: boolean,
  ) {}

  /**
   * Opens all groups; `onGroup` counts them.
   * @param keepsLogits Every prediction carries its logits: for comparisons with the reference.
   */
  static async open(folder: string, manifest: Manifest, device: Device, { signal, onGroup }: RunHooks, keepsLogits = false): Promise<Decoder> {
    const groups: (ManifestGroup & { session: GraphSession })[] = [];
    try {
      for (const group of manifest.groups) {
        signal.throwIfAborted();
        const session = await openSession(path.join(folder, group.file), device, cacheOutputs(group));
        groups.push({ ...group, session });
        onGroup?.(groups.length, manifest.groups.length);
        await nextTurn();
      }
    } catch (error) {
      await Promise.allSettled(groups.map(group => group.session.release()));
      throw error;
    }
    return new Decoder(manifest.config.text, groups, manifest.attention === 'sliding', keepsLogits);
  }

  /** An empty cache for one sequence; the caller releases it. */
  newCache(): KvCache {
    const { layers, kvHeads, headDim, maxPositions } = this.config;
    return new KvCache({ layers, kvHeads, headDim, capacity: maxPositions });
  }

  /**
   * Runs the whole prompt. `imageFeatures`: [N, D] float32 row-major, N ≥ 0; `textIds`: `<bos>`, prefix, newline.
   * @throws HostError promptTooLong; DOMException AbortError between groups.
   */
  async prefill(cache: KvCache, imageFeatures: Float32Array, textIds: readonly number[], hooks: RunHooks): Promise<Prediction> {
    const imageTokens = imageFeatures.length / this.config.hiddenSize;
    const length = imageTokens + textIds.length;
    if (length > cache.capacity) {
      throw new HostError('promptTooLong', `The prompt has ${textIds.length} tokens; beside ${imageTokens} image tokens this model takes ${cache.capacity - imageTokens}. Shorten the prompt.`);
    }
    const positions = Array.from({ length }, (_, position) => position);
    const prediction = await this.run(cache, floatTensor(imageFeatures, [imageTokens, this.config.hiddenSize]), textIds, positions, hooks);
    cache.endPrefill(length);
    return prediction;
  }

  /** Runs one token and appends its keys and values. The cache must have room for it. */
  async decode(cache: KvCache, id: number, hooks: RunHooks): Promise<Prediction> {
    const prediction = await this.run(cache, floatTensor(new Float32Array(0), [0, this.config.hiddenSize]), [id], [cache.length], hooks);
    cache.endStep();
    return prediction;
  }

  async release(): Promise<void> {
    await Promise.allSettled(this.groups.map(group => group.session.release()));
  }

  private async run(cache: KvCache, imageFeatures: Tensor, ids: readonly number[], positions: readonly number[], { signal, onGroup }: RunHooks): Promise<Prediction> {
    const common = {
      [decoderNames.positionIds]: integerTensor(positions, [1, positions.length]),
      [decoderNames.hasPrefix]: booleanTensor(cache.hasPrefix),
      [decoderNames.segmentLengths]: integerTensor([cache.prefixSegment, cache.suffixSegment + positions.length]),
      ...(this.isSliding ? { [decoderNames.windowBias]: this.windowBias(cache, positions.length) } : {}),
    };
    let carried: Record<string, Tensor> = { [decoderNames.inputIds]: integerTensor(ids), [decoderNames.imageFeatures]: imageFeatures };
    for (const [index, group] of this.groups.entries()) {
      signal.throwIfAborted();
      const isLast = index === this.groups.length - 1;
      const wanted = isLast ? [decoderNames.nextId, decoderNames.nextProbability, ...(this.keepsLogits ? [decoderNames.logits] : [])] : [decoderNames.hiddenOut];
      const outputs = await group.session.run({ ...carried, ...common, ...cache.feeds(group.firstLayer, group.endLayer) }, [...wanted, ...cacheOutputs(group)]);
      cache.store(group.firstLayer, group.endLayer, outputs);
      onGroup?.(index + 1, this.groups.length);
      // A native run blocks the thread: only here can a cancel be heard.
      await nextTurn();
      if (isLast) return this.prediction(outputs);
      carried = { [decoderNames.hidden]: outputs[decoderNames.hiddenOut]! };
    }
    throw new RangeError('a decoder has at least one group');
  }

  private prediction(outputs: Readonly<Record<string, Tensor>>): Prediction {
    const [probability = NaN] = floatsOf(outputs[decoderNames.nextProbability]);
    if (!Number.isFinite(probability)) throw new HostError('nonFiniteLogits', 'The model produced numbers that are not finite; its weights may be damaged. Verify the model, or choose the weight type f32.');
    const id = integerOf(outputs[decoderNames.nextId]);
    return this.keepsLogits ? { id, probability, logits: floatsOf(outputs[decoderNames.logits]) } : { id, probability };
  }

  /** 0 for the last `slidingWindow` positions, the new one included; the prefill is not windowed. */
  private windowBias(cache: KvCache, newPositions: number): Tensor {
    const total = cache.prefixSegment + cache.suffixSegment + newPositions;
    const bias = new Float32Array(total);
    if (cache.hasPrefix) bias.fill(MASKED, 0, Math.max(0, total - this.config.slidingWindow));
    return floatTensor(bias, [1, 1, 1, total]);
  }
}

function cacheOutputs({ firstLayer, endLayer }: ManifestGroup): string[] {
  const names: string[] = [];
  for (let layer = firstLayer; layer < endLayer; layer++) names.push(decoderNames.presentKey(layer), decoderNames.presentValue(layer));
  return names;
}
