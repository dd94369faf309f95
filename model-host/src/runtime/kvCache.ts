/** Keys and values of one sequence in two segments: the prompt's, fixed after the prefill, and the suffix's, which grows. */
import { floatTensor, type Feeds, type Tensor } from './ort';
import { decoderNames } from '../graph/decoderNames';

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

/** Owns the tensors that runs return to it and releases those that live on a device. */
export class KvCache {
  private prefix: LayerCache[];
  private suffix: LayerCache[];
  /** Positions of the prompt; 0 before the prefill. */
  private prefixLength_ = 0;
  private suffixLength = 0;

  constructor(private readonly shape: KvCacheShape) {
    const { layers } = shape;
    // One unused position instead of none: some devices refuse tensors of length 0.
    this.prefix = Array.from({ length: layers }, () => this.empty(1));
    this.suffix = Array.from({ length: layers }, () => this.empty(0));
  }

  get capacity(): number {
    return this.shape.capacity;
  }

  /** Positions kept; the image tokens count. */
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

  release(): void {
    for (const layer of [...this.prefix, ...this.suffix]) release(layer);
  }

  private empty(length: number): LayerCache {
    const { kvHeads, headDim } = this.shape;
    const size = kvHeads * headDim * length;
    return {
      key: floatTensor(new Float32Array(size), [1, kvHeads, headDim, length]),
      value: floatTensor(new Float32Array(size), [1, kvHeads, length, headDim]),
    };
  }
}

function release({ key, value }: LayerCache): void {
  for (const tensor of [key, value]) if (tensor.location !== 'cpu') tensor.dispose();
}
