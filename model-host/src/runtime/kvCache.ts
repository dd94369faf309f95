/** Keys and values of sequences of equal length in two segments: the prompt's, fixed after the prefill, and the suffix's, which grows. */
import { floatTensor, releaseTensor, type Feeds, type Tensor } from './ort';
import { decoderNames } from '../graph/decoderNames';
import type { TensorOps } from './tensorOps';

export interface KvCacheShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Positions that the rotation tables reach. */
  readonly capacity: number;
}

interface LayerCache {
  readonly key: Tensor;
  readonly value: Tensor;
}

/** Where the tensors of a layer lie. */
export type OpsOfLayer = (layer: number) => TensorOps;

/** Owns the tensors that runs return to it and releases those that live on a device. */
export class KvCache {
  private prefix: LayerCache[];
  private suffix: LayerCache[];
  /** Positions of the prompt; 0 before the prefill. */
  private prefixLength_ = 0;
  private suffixLength = 0;
  private rows_ = 1;

  constructor(private readonly shape: KvCacheShape) {
    const { layers } = shape;
    // One unused position instead of none: some devices refuse tensors of length 0.
    this.prefix = Array.from({ length: layers }, () => this.empty(1));
    this.suffix = Array.from({ length: layers }, () => this.empty(0));
  }

  /**
   * Caches of equally long prompts, just prefilled, as the rows of one, in the given order. Those given are used up.
   * @throws RangeError where they do not fit each other.
   */
  static async join(caches: readonly KvCache[], ops: OpsOfLayer): Promise<KvCache> {
    const [first] = caches;
    if (first === undefined || caches.some(cache => cache.suffixLength > 0 || cache.prefixLength_ !== first.prefixLength_)) throw new RangeError('only caches of equally long prompts can be joined');
    if (caches.length === 1) return first;
    const joined = new KvCache(first.shape);
    joined.rows_ = caches.reduce((sum, cache) => sum + cache.rows_, 0);
    joined.prefixLength_ = first.prefixLength_;
    try {
      for (let layer = 0; layer < first.shape.layers; layer++) {
        const parts = caches.map(cache => cache.prefix[layer]!);
        joined.prefix[layer] = {
          key: await ops(layer).concat(parts.map(({ key }) => key), 0),
          value: await ops(layer).concat(parts.map(({ value }) => value), 0),
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

  get capacity(): number {
    return this.shape.capacity;
  }

  /** Sequences; 1 until caches are joined. */
  get rows(): number {
    return this.rows_;
  }

  /** Positions kept of each sequence; the image tokens count. */
  get length(): number {
    return this.prefixLength_ + this.suffixLength;
  }

  get prefixLength(): number {
    return this.prefixLength_;
  }

  get hasPrefix(): boolean {
    return this.prefixLength_ > 0;
  }

  /** Length of the prefix segment as the graph sees it. */
  get prefixSegment(): number {
    return Math.max(1, this.prefixLength_);
  }

  /** Length of the suffix segment before this run. */
  get suffixSegment(): number {
    return this.suffixLength;
  }

  feeds(firstLayer: number, endLayer: number): Feeds {
    const feeds: Record<string, Tensor> = {};
    for (let layer = firstLayer; layer < endLayer; layer++) {
      feeds[decoderNames.prefixKey(layer)] = this.prefix[layer]!.key;
      feeds[decoderNames.prefixValue(layer)] = this.prefix[layer]!.value;
      feeds[decoderNames.pastKey(layer)] = this.suffix[layer]!.key;
      feeds[decoderNames.pastValue(layer)] = this.suffix[layer]!.value;
    }
    return feeds;
  }

  /** Takes the grown suffix segments of some layers. */
  store(firstLayer: number, endLayer: number, outputs: Feeds): void {
    for (let layer = firstLayer; layer < endLayer; layer++) {
      const grown = { key: outputs[decoderNames.presentKey(layer)]!, value: outputs[decoderNames.presentValue(layer)]! };
      release(this.suffix[layer]!);
      this.suffix[layer] = grown;
    }
  }

  /** After all layers of a prefill: what it produced becomes the prefix segment. */
  endPrefill(positions: number): void {
    for (const layer of this.prefix) release(layer);
    this.prefix = this.suffix;
    this.suffix = this.prefix.map(() => this.empty(0));
    this.prefixLength_ = positions;
    this.suffixLength = 0;
  }

  /** After all layers of a one-token step. */
  endStep(): void {
    this.suffixLength++;
  }

  /** Keeps the sequences with these numbers, in this order. */
  async keepRows(rows: readonly number[], ops: OpsOfLayer): Promise<void> {
    const pick = async (layer: number, { key, value }: LayerCache): Promise<LayerCache> => {
      const picked = { key: await ops(layer).pick(key, rows), value: await ops(layer).pick(value, rows) };
      release({ key, value });
      return picked;
    };
    this.rows_ = rows.length;
    for (let layer = 0; layer < this.shape.layers; layer++) {
      this.prefix[layer] = await pick(layer, this.prefix[layer]!);
      this.suffix[layer] = this.suffixLength === 0 ? this.empty(0) : await pick(layer, this.suffix[layer]!);
    }
  }

  release(): void {
    for (const layer of [...this.prefix, ...this.suffix]) release(layer);
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
