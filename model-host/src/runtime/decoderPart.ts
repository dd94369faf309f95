/**
 * Consecutive groups of layers on one device and in one thread: they run one after the other, with a chance to stop
 * between them.
 */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { TextConfig } from '../checkpoint/config';
import { Failure } from '../../../paligemma/src/failures';
import type { Manifest, ManifestGroup } from '../manifest/manifest';
import { decoderNames } from '../graph/decoderNames';
import { collectTensors } from './freeMemory';
import { KvCache } from './kvCache';
import {
  booleanTensor,
  floatTensor,
  floatsOf,
  integersOf,
  integerTensor,
  openSession,
  releaseTensor,
  type Device,
  type Feeds,
  type GraphSession,
  type Tensor,
} from './ort';
import { PieceRunner } from './pieceRunner';
import { hearMessages, type Prediction, type RunHooks } from './prediction';
import { TensorOps } from './tensorOps';

/** Names the keys and values of some sequences in every part; never used again. */
export type CacheId = number;

/** What goes into a part: the hidden states [n, D] that the part before gave, or what the first part makes them of. */
export type PartInput =
  | { readonly hidden: Float32Array }
  /** `imageFeatures`: [N, D] float32 row-major, N ≥ 0. */
  | { readonly ids: readonly number[]; readonly imageFeatures: Float32Array };

/**
 * Hidden states for the next part; the last part predicts: of a prompt what follows it, of a step what follows each
 * token.
 */
export type PartOutput = { readonly hidden: Float32Array } | { readonly predictions: readonly Prediction[] };

export interface DecoderPart {
  /** Groups of layers in this part; its hooks count them. */
  readonly groups: number;
  /** Runs a prompt, whose keys and values become `cache`. @throws DOMException AbortError between native runs. */
  prefill(cache: CacheId, input: PartInput, hooks: RunHooks): Promise<PartOutput>;
  /**
   * Runs one position of each row of `cache`, or several of its only row, and appends their keys and values. @throws as
   * `prefill`.
   */
  step(cache: CacheId, input: PartInput, hooks: RunHooks): Promise<PartOutput>;
  /** Makes one cache of several just prefilled, with their sequences as its rows; those given are used up. */
  join(caches: readonly CacheId[], joined: CacheId): Promise<void>;
  /** Takes the last `count` positions back. */
  discard(cache: CacheId, count: number): void;
  /** Keeps the rows with these numbers, in this order. */
  keepRows(cache: CacheId, rows: readonly number[]): Promise<void>;
  /** Frees a cache; one that is not there is none's fault. */
  drop(cache: CacheId): void;
  release(): Promise<void>;
}

/** Which groups of the manifest a part has, and how it runs them. */
export interface PartSpec {
  readonly firstGroup: number;
  readonly endGroup: number;
  readonly device: Device;
  /** Every prediction carries its logits: for comparisons with the reference. */
  readonly keepsLogits: boolean;
}

interface OpenGroup extends ManifestGroup {
  readonly session: GraphSession;
  /** Runs a prompt in pieces where all of it at once would take too long. */
  readonly byPieces: PieceRunner | undefined;
  readonly isLast: boolean;
}

/** Masked scores: low enough that softmax gives exactly 0, finite so that nothing becomes NaN. */
const MASKED = -1e30;

/** A part in the calling thread, which its native runs block. */
export class LocalPart implements DecoderPart {
  private readonly ops: TensorOps;
  private readonly caches = new Map<CacheId, KvCache>();

  private constructor(
    private readonly config: TextConfig,
    private readonly isSliding: boolean,
    private readonly open: readonly OpenGroup[],
    private readonly spec: PartSpec,
  ) {
    this.ops = new TensorOps(spec.device);
  }

  /**
   * @throws Failure deviceUnavailable, convertedModelCorrupt, outOfMemory; DOMException AbortError between groups.
   */
  static async open(
    folder: string,
    manifest: Manifest,
    spec: PartSpec,
    { signal, onGroup }: RunHooks,
  ): Promise<LocalPart> {
    const { firstGroup, endGroup, device } = spec;
    const open: OpenGroup[] = [];
    try {
      for (const group of manifest.groups.slice(firstGroup, endGroup)) {
        signal.throwIfAborted();
        // The next group of the part takes the hidden states from the device.
        const keepsHidden = firstGroup + open.length + 1 < endGroup;
        const session = await openSession(path.join(folder, group.file), device, [
          ...cacheOutputs(group),
          ...(keepsHidden ? [decoderNames.hiddenOut] : []),
        ]);
        const isLast = firstGroup + open.length + 1 === manifest.groups.length;
        open.push({ ...group, session, isLast, byPieces: undefined });
        open[open.length - 1] = {
          ...open.at(-1)!,
          byPieces: await PieceRunner.open(folder, group, device, session, manifest.config.text),
        };
        onGroup?.(open.length, endGroup - firstGroup);
        await hearMessages();
      }
    } catch (error) {
      await Promise.allSettled(open.map(releaseGroup));
      throw error;
    }
    return new LocalPart(manifest.config.text, manifest.attention === 'sliding', open, spec);
  }

  get groups(): number {
    return this.open.length;
  }

  async prefill(id: CacheId, input: PartInput, hooks: RunHooks): Promise<PartOutput> {
    const { kvHeads, headDim, hiddenSize } = this.config;
    const cache = new KvCache({
      firstLayer: this.open[0]!.firstLayer,
      endLayer: this.open.at(-1)!.endLayer,
      kvHeads,
      headDim,
    });
    this.caches.set(id, cache);
    const length = positionsOf(input, hiddenSize);
    const output = await this.run(cache, input, Array.from({ length }, (_, position) => position), hooks);
    cache.endPrefill(length);
    return output;
  }

  async step(id: CacheId, input: PartInput, hooks: RunHooks): Promise<PartOutput> {
    const cache = this.cacheOf(id);
    const count = positionsOf(input, this.config.hiddenSize) / cache.rows;
    const positions = Array.from({ length: count }, (_, index) => cache.length + index);
    const output = await this.run(cache, input, positions, hooks);
    cache.endStep(positions);
    return output;
  }

  discard(id: CacheId, count: number): void {
    this.cacheOf(id).discard(count);
  }

  async join(ids: readonly CacheId[], joined: CacheId): Promise<void> {
    this.caches.set(joined, await KvCache.join(ids.map(id => this.cacheOf(id)), this.ops));
    for (const id of ids) this.caches.delete(id);
    collectTensors();
  }

  keepRows(id: CacheId, rows: readonly number[]): Promise<void> {
    return this.cacheOf(id).keepRows(rows, this.ops);
  }

  drop(id: CacheId): void {
    const cache = this.caches.get(id);
    if (cache === undefined) return;
    cache.release();
    this.caches.delete(id);
    collectTensors();
  }

  async release(): Promise<void> {
    for (const id of this.caches.keys()) this.drop(id);
    await Promise.allSettled([...this.open.map(releaseGroup), this.ops.release()]);
  }

  private cacheOf(id: CacheId): KvCache {
    const cache = this.caches.get(id);
    if (cache === undefined) throw new RangeError(`there is no cache ${id}`);
    return cache;
  }

  private async run(
    cache: KvCache,
    input: PartInput,
    positions: readonly number[],
    { signal, onGroup }: RunHooks,
  ): Promise<PartOutput> {
    const common = this.commonFeeds(cache, positions);
    let carried = this.inputFeeds(input);
    for (const [index, group] of this.open.entries()) {
      signal.throwIfAborted();
      const wanted = group.isLast
        ? [decoderNames.nextId, decoderNames.nextProbability, ...(this.spec.keepsLogits ? [decoderNames.logits] : [])]
        : [decoderNames.hiddenOut];
      const kept = group.isLast
        ? { [decoderNames.firstKeptRow]: integerTensor([-cache.rows * (cache.hasPrefix ? positions.length : 1)]) }
        : {};
      const isLong = !cache.hasPrefix && group.byPieces !== undefined && positions.length > group.byPieces.positions;
      const outputs = isLong
        ? await group.byPieces.run(
          { carried, length: positions.length, wanted, isSliding: this.isSliding },
          this.ops,
          signal,
        )
        : await group.session.run(
          { ...carried, ...common, ...kept, ...cache.feeds(group.firstLayer, group.endLayer) },
          [...wanted, ...cacheOutputs(group)],
        );
      releaseHidden(carried);
      cache.store(group.firstLayer, group.endLayer, outputs);
      onGroup?.(index + 1, this.open.length);
      await hearMessages();
      if (group.isLast) return { predictions: this.predictions(outputs) };
      carried = { [decoderNames.hidden]: outputs[decoderNames.hiddenOut]! };
      if (index === this.open.length - 1) return { hidden: floatsOf(outputs[decoderNames.hiddenOut]) };
      if (signal.aborted) releaseHidden(carried);
    }
    throw new RangeError('a part has at least one group');
  }

  private inputFeeds(input: PartInput): Feeds {
    const { hiddenSize } = this.config;
    const rows = (values: Float32Array) => floatTensor(values, [values.length / hiddenSize, hiddenSize]);
    if ('hidden' in input) return { [decoderNames.hidden]: rows(input.hidden) };
    return {
      [decoderNames.inputIds]: integerTensor(input.ids),
      [decoderNames.imageFeatures]: rows(input.imageFeatures),
    };
  }

  private commonFeeds(cache: KvCache, positions: readonly number[]): Feeds {
    const { rows } = cache;
    return {
      [decoderNames.positionIds]: integerTensor(Array.from({ length: rows }, () => positions).flat(), [
        rows,
        positions.length,
      ]),
      [decoderNames.hasPrefix]: booleanTensor(cache.hasPrefix),
      [decoderNames.segmentLengths]: integerTensor([cache.prefixSegment, cache.suffixSegment + positions.length]),
      [decoderNames.sequenceShape]: integerTensor([rows, positions.length, -1]),
      [decoderNames.stepBias]: stepBias(cache, positions),
      ...(this.isSliding ? { [decoderNames.windowBias]: stepBias(cache, positions, this.config.slidingWindow) } : {}),
    };
  }

  private predictions(outputs: Feeds): Prediction[] {
    const probabilities = floatsOf(outputs[decoderNames.nextProbability]);
    if (!probabilities.every(Number.isFinite)) {
      throw new Failure(
        'nonFiniteLogits',
        l10n.t(
          'The model produced numbers that are not finite; its weights may be damaged. Verify the model, or choose the weight type f32.',
        ),
      );
    }
    const logits = this.spec.keepsLogits ? floatsOf(outputs[decoderNames.logits]) : undefined;
    const width = (logits?.length ?? 0) / probabilities.length;
    return integersOf(outputs[decoderNames.nextId]).map((id, row) => {
      const prediction = { id, probability: probabilities[row] ?? NaN };
      return logits === undefined
        ? prediction
        : { ...prediction, logits: logits.subarray(row * width, (row + 1) * width) };
    });
  }
}

function positionsOf(input: PartInput, hiddenSize: number): number {
  return 'hidden' in input
    ? input.hidden.length / hiddenSize
    : input.imageFeatures.length / hiddenSize + input.ids.length;
}

/**
 * What each new position may not see: places given back, new positions behind it and, with a `window`, all but the last
 * `window` positions, itself included. The prefill reads no bias.
 */
function stepBias(cache: KvCache, positions: readonly number[], window = Infinity): Tensor {
  if (!cache.hasPrefix) return floatTensor(new Float32Array(1), [1, 1, 1, 1, 1]);
  const places = [...cache.places, ...positions];
  const bias = new Float32Array(positions.length * places.length);
  positions.forEach((query, row) =>
    places.forEach((key, place) => {
      if (key === undefined || key > query || key <= query - window) bias[row * places.length + place] = MASKED;
    })
  );
  return floatTensor(bias, [1, 1, 1, positions.length, places.length]);
}

function cacheOutputs({ firstLayer, endLayer }: ManifestGroup): string[] {
  const names: string[] = [];
  for (let layer = firstLayer; layer < endLayer; layer++) {
    names.push(decoderNames.presentKey(layer), decoderNames.presentValue(layer));
  }
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
