/**
 * Keys and values of sequences of equal length, of some layers, in two segments: the prompt's, fixed after the prefill,
 * and the suffix's, which grows.
 */
import { floatTensor, releaseTensor, type Feeds, type Tensor } from './ort';
import { decoderNames } from '../graph/decoderNames';
import type { TensorOps } from './tensorOps';

export interface KvCacheShape {
  /** Layers `[firstLayer, endLayer)`. */
  readonly firstLayer: number;
  readonly endLayer: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

interface LayerCache {
  readonly key: Tensor;
  readonly value: Tensor;
}

/** Owns the tensors that runs return to it and releases those that live on a device. */
export class KvCache {
  private prefix: LayerCache[];
  private suffix: LayerCache[];
  /** Positions of the prompt; 0 before the prefill. */
  private prefixLength = 0;
  /** Position of each place of the suffix segment; undefined where it was given back. */
  private suffixPositions: (number | undefined)[] = [];
  private rows_ = 1;

  constructor(private readonly shape: KvCacheShape) {
    const layers = shape.endLayer - shape.firstLayer;
    // One unused position instead of none: some devices refuse tensors of length 0.
    this.prefix = Array.from({ length: layers }, () => this.empty(1));
    this.suffix = Array.from({ length: layers }, () => this.empty(0));
  }

  /**
   * Caches of equally long prompts, just prefilled, as the rows of one, in the given order. Those given are used up.
   * @throws RangeError where they do not fit each other.
   */
  static async join(caches: readonly KvCache[], ops: TensorOps): Promise<KvCache> {
    const [first] = caches;
    if (
      first === undefined || caches.some(cache => cache.suffixSegment > 0 || cache.prefixLength !== first.prefixLength)
    ) throw new RangeError('only caches of equally long prompts can be joined');
    if (caches.length === 1) return first;
    const joined = new KvCache(first.shape);
    joined.rows_ = caches.reduce((sum, cache) => sum + cache.rows_, 0);
    joined.prefixLength = first.prefixLength;
    try {
      for (const layer of first.prefix.keys()) {
        const parts = caches.map(cache => cache.prefix[layer]!);
        joined.prefix[layer] = {
          key: await ops.concat(parts.map(({ key }) => key), 0),
          value: await ops.concat(parts.map(({ value }) => value), 0),
        };
        joined.suffix[layer] = joined.empty(0);
        // Layer by layer, so that never more than one layer is there twice.
        for (const cache of caches) cache.drop(layer);
      }
      return joined;
    } catch (error) {
      joined.release();
      throw error;
    }
  }

  /** Sequences; 1 until caches are joined. */
  get rows(): number {
    return this.rows_;
  }

  /** Positions kept of each sequence; the image tokens count. */
  get length(): number {
    return this.prefixLength + this.suffixPositions.filter(position => position !== undefined).length;
  }

  get hasPrefix(): boolean {
    return this.prefixLength > 0;
  }

  /** Length of the prefix segment as the graph sees it. */
  get prefixSegment(): number {
    return Math.max(1, this.prefixLength);
  }

  /** Length of the suffix segment before this run. */
  get suffixSegment(): number {
    return this.suffixPositions.length;
  }

  /** Position of each place that a step sees, in both segments; undefined where nothing may be seen. */
  get places(): readonly (number | undefined)[] {
    return [...Array.from({ length: this.prefixSegment }, (_, position) => position), ...this.suffixPositions];
  }

  feeds(firstLayer: number, endLayer: number): Feeds {
    const feeds: Record<string, Tensor> = {};
    for (let layer = firstLayer; layer < endLayer; layer++) {
      const place = layer - this.shape.firstLayer;
      feeds[decoderNames.prefixKey(layer)] = this.prefix[place]!.key;
      feeds[decoderNames.prefixValue(layer)] = this.prefix[place]!.value;
      feeds[decoderNames.pastKey(layer)] = this.suffix[place]!.key;
      feeds[decoderNames.pastValue(layer)] = this.suffix[place]!.value;
    }
    return feeds;
  }

  /** Takes the grown suffix segments of some layers. */
  store(firstLayer: number, endLayer: number, outputs: Feeds): void {
    for (let layer = firstLayer; layer < endLayer; layer++) {
      const grown = {
        key: outputs[decoderNames.presentKey(layer)]!,
        value: outputs[decoderNames.presentValue(layer)]!,
      };
      const place = layer - this.shape.firstLayer;
      release(this.suffix[place]!);
      this.suffix[place] = grown;
    }
  }

  /** After all layers of a prefill: what it produced becomes the prefix segment. */
  endPrefill(positions: number): void {
    for (const layer of this.prefix) release(layer);
    this.prefix = this.suffix;
    this.suffix = this.prefix.map(() => this.empty(0));
    this.prefixLength = positions;
    this.suffixPositions = [];
  }

  /** After all layers of a step. */
  endStep(positions: readonly number[]): void {
    this.suffixPositions.push(...positions);
  }

  /**
   * Takes back the last `count` positions: their places stay and are not seen any more, which costs less than to move
   * the rest.
   */
  discard(count: number): void {
    for (let place = this.suffixPositions.length - 1, left = count; left > 0 && place >= 0; place--) {
      if (this.suffixPositions[place] === undefined) continue;
      this.suffixPositions[place] = undefined;
      left--;
    }
  }

  /** Keeps the sequences with these numbers, in this order. */
  async keepRows(rows: readonly number[], ops: TensorOps): Promise<void> {
    const pick = async ({ key, value }: LayerCache): Promise<LayerCache> => {
      const picked = { key: await ops.pick(key, rows), value: await ops.pick(value, rows) };
      release({ key, value });
      return picked;
    };
    this.rows_ = rows.length;
    for (const layer of this.prefix.keys()) {
      this.prefix[layer] = await pick(this.prefix[layer]!);
      this.suffix[layer] = this.suffixSegment === 0 ? this.empty(0) : await pick(this.suffix[layer]!);
    }
  }

  release(): void {
    for (const layer of [...this.prefix, ...this.suffix]) release(layer);
    this.prefix = [];
    this.suffix = [];
  }

  private drop(layer: number): void {
    release(this.prefix[layer]!);
    release(this.suffix[layer]!);
    this.prefix[layer] = this.empty(1);
    this.suffix[layer] = this.empty(0);
  }

  private empty(length: number): LayerCache {
    const { kvHeads, headDim } = this.shape;
    const size = this.rows_ * kvHeads * headDim * length;
    return {
      key: floatTensor(new Float32Array(size), [this.rows_, kvHeads, 1, headDim, length]),
      value: floatTensor(new Float32Array(size), [this.rows_, kvHeads, 1, length, headDim]),
    };
  }
}

function release({ key, value }: LayerCache): void {
  releaseTensor(key);
  releaseTensor(value);
}
