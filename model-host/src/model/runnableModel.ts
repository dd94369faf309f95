/** What the engine needs of a model, whatever form it has on disk. */
import type { PaliGemmaConfig } from '../checkpoint/config';
import type { WeightType } from '../../../paligemma/src/facts';
import type { Manifest } from '../manifest/manifest';
import type { MaskDecoder } from '../output/maskDecoder';
import type { Prediction, RunHooks } from '../runtime/prediction';
import type { Device } from '../runtime/ort';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { PictureFeatures } from './pictureFeatures';

/** Keys and values of one sequence; whoever made it releases it. */
export interface SequenceCache {
  /** Positions that it can hold, and those that it holds; the image tokens count. */
  readonly capacity: number;
  readonly length: number;
  release(): void;
}

/** Each cache goes back to the decoder that made it. Contracts of the methods: `runtime/decoder.ts`. */
export interface SequenceDecoder {
  newCache(): SequenceCache;
  /**
   * `imageFeatures`: [N, D] float32, as `vision` of the same model gave them. @throws Failure promptTooLong;
   * AbortError.
   */
  prefill(
    cache: SequenceCache,
    imageFeatures: Float32Array,
    textIds: readonly number[],
    hooks: RunHooks,
  ): Promise<Prediction>;
  decode(cache: SequenceCache, id: number, hooks: RunHooks): Promise<Prediction>;
}

/** A decoder that runs the next tokens of several sequences in one step, which costs little more than those of one. */
export interface RowDecoder {
  /** Bytes of keys and values of one position of one sequence. */
  readonly bytesPerPosition: number;
  joinCaches(caches: readonly SequenceCache[]): Promise<SequenceCache>;
  keepRows(cache: SequenceCache, rows: readonly number[]): Promise<void>;
  decodeRows(cache: SequenceCache, ids: readonly number[], hooks: RunHooks): Promise<readonly Prediction[]>;
  decodeDraft(cache: SequenceCache, ids: readonly number[], hooks: RunHooks): Promise<readonly Prediction[]>;
  discard(cache: SequenceCache, count: number): void;
}

/** The facts of a manifest that a run asks for. */
export type ModelFacts = Pick<Manifest, 'name'> & {
  readonly weights: WeightType;
  readonly config: Pick<PaliGemmaConfig, 'vision' | 'eosTokenIds'>;
};

/** A model that is open on one device. */
export interface RunnableModel extends Pick<PictureFeatures, 'knownFeatures' | 'keepFeatures'> {
  readonly device: Device;
  readonly manifest: ModelFacts;
  readonly tokenizer: Tokenizer;
  /**
   * `pixelValues`: [3, R, R] float32 → [N, D] float32, in one native run or several, with a chance to stop in between.
   */
  readonly vision: { features(pixelValues: Float32Array, hooks?: Partial<RunHooks>): Promise<Float32Array> };
  readonly decoder: SequenceDecoder;
  /** The decoder again, where it can decode pictures together. */
  readonly rowDecoder?: RowDecoder;
  readonly maskDecoder: MaskDecoder | undefined;
  release(): Promise<void>;
}

/** What opening a model tells, and what ends it. */
export interface LoadHooks {
  readonly signal: AbortSignal;
  /** Graphs opened, of all. */
  readonly onProgress: (done: number, total: number) => void;
  /** Why a device was not taken; a warning unless it says otherwise. */
  readonly onNote: (note: string, level?: 'info' | 'warn') => void;
}
