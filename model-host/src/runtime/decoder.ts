/** The loaded decoder: its groups of layers run one after the other, with a chance to stop between them. */
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TextConfig } from '../checkpoint/config';
import { HostError } from '../contract/errors';
import type { Manifest, ManifestGroup } from '../convert/manifest';
import { decoderNames } from '../graph/decoderNames';
import { KvCache } from './kvCache';
import { PieceRunner } from './pieceRunner';
import { booleanTensor, floatTensor, floatsOf, integersOf, integerTensor, openSession, releaseTensor, type Device, type Feeds, type GraphSession, type Tensor } from './ort';
import { TensorOps } from './tensorOps';

/** What one run of all groups gives for one sequence: the greedy choice, and the logits on request. */
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

interface OpenGroup extends ManifestGroup {
  readonly device: Device;
  readonly session: GraphSession;
  /** The next group runs on the same device and takes the hidden states from there. */
  readonly keepsHidden: boolean;
  /** Runs a prompt in pieces where all of it at once would take too long. */
  readonly byPieces: PieceRunner | undefined;
}

/** Masked scores: low enough that softmax gives exactly 0, finite so that nothing becomes NaN. */
const MASKED = -1e30;

export class Decoder {
  private readonly ops = new Map<Device, TensorOps>();

  private constructor(
    private readonly config: TextConfig, private readonly groups: readonly OpenGroup[],
    private readonly isSliding: boolean, private readonly keepsLogits: boolean,
  ) {}

  /**
   * Opens all groups; `onGroup` counts them.
   * @param devices One for all groups, or one for each.
   * @param keepsLogits Every prediction carries its logits: for comparisons with the reference.
   */
  static async open(folder: string, manifest: Manifest, devices: Device | readonly Device[], { signal, onGroup }: RunHooks, keepsLogits = false): Promise<Decoder> {
    const deviceOf = (index: number) => (typeof devices === 'string' ? devices : devices[index]);
    const groups: OpenGroup[] = [];
    try {
      for (const [index, group] of manifest.groups.entries()) {
        signal.throwIfAborted();
        const device = deviceOf(index) ?? 'cpu';
        const keepsHidden = deviceOf(index + 1) === device && index + 1 < manifest.groups.length;
        const session = await openSession(path.join(folder, group.file), device, [...cacheOutputs(group), ...(keepsHidden ? [decoderNames.hiddenOut] : [])]);
        groups.push({ ...group, device, session, keepsHidden, byPieces: undefined });
        groups[index] = { ...groups[index]!, byPieces: await PieceRunner.open(folder, group, device, session, manifest.config.text) };
        onGroup?.(groups.length, manifest.groups.length);
        await nextTurn();
      }
    } catch (error) {
      await Promise.allSettled(groups.map(releaseGroup));
      throw error;
    }
    return new Decoder(manifest.config.text, groups, manifest.attention === 'sliding', keepsLogits);
  }

  /** An empty cache for one sequence; the caller releases it. */
  newCache(): KvCache {
    const { layers, kvHeads, headDim, maxPositions } = this.config;
    return new KvCache({ layers, kvHeads, headDim, capacity: maxPositions });
  }

  get bytesPerPosition(): number {
    const { layers, kvHeads, headDim } = this.config;
    return 2 * layers * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
  }

  /**
   * Caches of equally long prompts, just prefilled, as the rows of one for {@link decodeRows}. Those given are used up.
   * @throws RangeError where they do not fit each other.
   */
  joinCaches(caches: readonly KvCache[]): Promise<KvCache> {
    return KvCache.join(caches, layer => this.opsOfLayer(layer));
  }

  /** Keeps the rows with these numbers, in this order. */
  keepRows(cache: KvCache, rows: readonly number[]): Promise<void> {
    return cache.keepRows(rows, layer => this.opsOfLayer(layer));
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
    const [prediction] = await this.run(cache, floatTensor(imageFeatures, [imageTokens, this.config.hiddenSize]), textIds, positions, hooks);
    cache.endPrefill(length);
    return prediction!;
  }

  /** Runs one token and appends its keys and values. The cache must have room for it. */
  async decode(cache: KvCache, id: number, hooks: RunHooks): Promise<Prediction> {
    const [prediction] = await this.decodeRows(cache, [id], hooks);
    return prediction!;
  }

  /** Runs the next token of each row of the cache, and answers in the same order. */
  async decodeRows(cache: KvCache, ids: readonly number[], hooks: RunHooks): Promise<Prediction[]> {
    if (ids.length !== cache.rows) throw new RangeError(`${ids.length} tokens for ${cache.rows} rows`);
    const predictions = await this.run(cache, floatTensor(new Float32Array(0), [0, this.config.hiddenSize]), ids, [cache.length], hooks);
    cache.endStep();
    return predictions;
  }

  async release(): Promise<void> {
    await Promise.allSettled([...this.groups.map(releaseGroup), ...[...this.ops.values()].map(ops => ops.release())]);
  }

  private async run(cache: KvCache, imageFeatures: Tensor, ids: readonly number[], positions: readonly number[], { signal, onGroup }: RunHooks): Promise<Prediction[]> {
    const common = this.commonFeeds(cache, positions);
    let carried: Record<string, Tensor> = { [decoderNames.inputIds]: integerTensor(ids), [decoderNames.imageFeatures]: imageFeatures };
    for (const [index, group] of this.groups.entries()) {
      signal.throwIfAborted();
      const isLast = index === this.groups.length - 1;
      const wanted = isLast ? [decoderNames.nextId, decoderNames.nextProbability, ...(this.keepsLogits ? [decoderNames.logits] : [])] : [decoderNames.hiddenOut];
      const kept = isLast ? { [decoderNames.firstKeptRow]: integerTensor([-cache.rows]) } : {};
      const isLong = !cache.hasPrefix && group.byPieces !== undefined && positions.length > group.byPieces.positions;
      const outputs = isLong
        ? await group.byPieces.run(carried, positions.length, wanted, this.isSliding, this.opsOfLayer(group.firstLayer), signal)
        : await group.session.run({ ...carried, ...common, ...kept, ...cache.feeds(group.firstLayer, group.endLayer) }, [...wanted, ...cacheOutputs(group)]);
      releaseHidden(carried);
      cache.store(group.firstLayer, group.endLayer, outputs);
      onGroup?.(index + 1, this.groups.length);
      carried = isLast ? {} : { [decoderNames.hidden]: outputs[decoderNames.hiddenOut]! };
      // A native run blocks the thread: only here can a cancel be heard.
      await nextTurn();
      if (isLast) return this.predictions(outputs);
      if (signal.aborted) releaseHidden(carried);
    }
    throw new RangeError('a decoder has at least one group');
  }

  private commonFeeds(cache: KvCache, positions: readonly number[]): Feeds {
    const { heads, kvHeads, headDim } = this.config;
    const { rows } = cache;
    return {
      [decoderNames.positionIds]: integerTensor(Array.from({ length: rows }, () => positions).flat(), [rows, positions.length]),
      [decoderNames.hasPrefix]: booleanTensor(cache.hasPrefix),
      [decoderNames.segmentLengths]: integerTensor([cache.prefixSegment, cache.suffixSegment + positions.length]),
      [decoderNames.queryShape]: integerTensor([rows, positions.length, heads, headDim]),
      [decoderNames.keyShape]: integerTensor([rows, positions.length, kvHeads, headDim]),
      ...(this.isSliding ? { [decoderNames.windowBias]: this.windowBias(cache, positions.length) } : {}),
    };
  }

  private predictions(outputs: Feeds): Prediction[] {
    const probabilities = floatsOf(outputs[decoderNames.nextProbability]);
    if (!probabilities.every(Number.isFinite)) throw new HostError('nonFiniteLogits', 'The model produced numbers that are not finite; its weights may be damaged. Verify the model, or choose the weight type f32.');
    const logits = this.keepsLogits ? floatsOf(outputs[decoderNames.logits]) : undefined;
    const width = (logits?.length ?? 0) / probabilities.length;
    return integersOf(outputs[decoderNames.nextId]).map((id, row) => {
      const prediction = { id, probability: probabilities[row] ?? NaN };
      return logits === undefined ? prediction : { ...prediction, logits: logits.subarray(row * width, (row + 1) * width) };
    });
  }

  /** 0 for the last `slidingWindow` positions, the new one included; the prefill is not windowed. */
  private windowBias(cache: KvCache, newPositions: number): Tensor {
    const total = cache.prefixSegment + cache.suffixSegment + newPositions;
    const bias = new Float32Array(total);
    if (cache.hasPrefix) bias.fill(MASKED, 0, Math.max(0, total - this.config.slidingWindow));
    return floatTensor(bias, [1, 1, 1, 1, total]);
  }

  private opsOfLayer(layer: number): TensorOps {
    const device = this.groups.find(group => layer < group.endLayer)?.device ?? 'cpu';
    const known = this.ops.get(device);
    if (known !== undefined) return known;
    const ops = new TensorOps(device);
    this.ops.set(device, ops);
    return ops;
  }
}

function cacheOutputs({ firstLayer, endLayer }: ManifestGroup): string[] {
  const names: string[] = [];
  for (let layer = firstLayer; layer < endLayer; layer++) names.push(decoderNames.presentKey(layer), decoderNames.presentValue(layer));
  return names;
}

function releaseHidden(carried: Feeds): void {
  const hidden = carried[decoderNames.hidden];
  if (hidden !== undefined) releaseTensor(hidden);
}

async function releaseGroup({ session, byPieces }: OpenGroup): Promise<void> {
  await session.release();
  await byPieces?.release();
}
