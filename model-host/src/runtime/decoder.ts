/** The loaded decoder: its parts run one after the other, each where its layers lie. */
import type { TextConfig } from '../checkpoint/config';
import type { CacheId, DecoderPart, PartInput } from './decoderPart';
import type { Prediction, RunHooks } from './prediction';
import { checkPromptLength } from './promptLength';

/** Keys and values of sequences of equal length, in all parts of one decoder; whoever made it releases it. */
export class DecoderCache {
  private length_ = 0;
  private isUsedUp = false;

  /** @param capacity Positions that the rotation tables reach. */
  constructor(
    readonly id: CacheId,
    readonly capacity: number,
    private readonly drop: () => void,
    private rows_ = 1,
    private prefixLength_ = 0,
  ) {
    this.length_ = prefixLength_;
  }

  /** Sequences; 1 until caches are joined. */
  get rows(): number {
    return this.rows_;
  }

  /** Positions kept of each sequence; the image tokens count. */
  get length(): number {
    return this.length_;
  }

  get prefixLength(): number {
    return this.prefixLength_;
  }

  endPrefill(positions: number): void {
    this.prefixLength_ = positions;
    this.length_ = positions;
  }

  endStep(positions: number): void {
    this.length_ += positions;
  }

  endDiscard(positions: number): void {
    this.length_ -= positions;
  }

  endKeep(rows: number): void {
    this.rows_ = rows;
  }

  /** Its keys and values went into another cache. */
  useUp(): void {
    this.isUsedUp = true;
  }

  release(): void {
    if (!this.isUsedUp) this.drop();
    this.isUsedUp = true;
  }
}

export class Decoder {
  private caches = 0;

  /** @param parts At least one, in the order of their layers; the decoder releases them. */
  constructor(private readonly config: TextConfig, private readonly parts: readonly DecoderPart[]) {}

  /** An empty cache for one sequence. */
  newCache(): DecoderCache {
    return this.cacheOf(1, 0);
  }

  get bytesPerPosition(): number {
    const { layers, kvHeads, headDim } = this.config;
    return 2 * layers * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
  }

  /**
   * Caches of equally long prompts, just prefilled, as the rows of one for {@link decodeRows}. Those given are used up.
   * @throws RangeError where they do not fit each other.
   */
  async joinCaches(caches: readonly DecoderCache[]): Promise<DecoderCache> {
    const [first] = caches;
    if (
      first === undefined
      || caches.some(({ length, prefixLength }) => length > prefixLength || prefixLength !== first.prefixLength)
    ) throw new RangeError('only caches of equally long prompts can be joined');
    if (caches.length === 1) return first;
    const joined = this.cacheOf(caches.reduce((sum, { rows }) => sum + rows, 0), first.prefixLength);
    try {
      for (const part of this.parts) await part.join(caches.map(({ id }) => id), joined.id);
    } catch (error) {
      for (const cache of [joined, ...caches]) cache.release();
      throw error;
    }
    for (const cache of caches) cache.useUp();
    return joined;
  }

  /** Keeps the rows with these numbers, in this order. */
  async keepRows(cache: DecoderCache, rows: readonly number[]): Promise<void> {
    for (const part of this.parts) await part.keepRows(cache.id, rows);
    cache.endKeep(rows.length);
  }

  /**
   * Runs the whole prompt. `imageFeatures`: [N, D] float32 row-major, N ≥ 0; `textIds`: `<bos>`, prefix, newline.
   * @throws Failure promptTooLong; DOMException AbortError between native runs.
   */
  async prefill(
    cache: DecoderCache,
    imageFeatures: Float32Array,
    textIds: readonly number[],
    hooks: RunHooks,
  ): Promise<Prediction> {
    const imageTokens = imageFeatures.length / this.config.hiddenSize;
    checkPromptLength(textIds.length, imageTokens, cache.capacity);
    const [prediction] = await this.run('prefill', cache, { ids: textIds, imageFeatures }, hooks);
    cache.endPrefill(imageTokens + textIds.length);
    return prediction!;
  }

  /** Runs one token and appends its keys and values. The cache must have room for it. */
  async decode(cache: DecoderCache, id: number, hooks: RunHooks): Promise<Prediction> {
    const [prediction] = await this.decodeRows(cache, [id], hooks);
    return prediction!;
  }

  /** Runs the next token of each row of the cache, and answers in the same order. */
  async decodeRows(cache: DecoderCache, ids: readonly number[], hooks: RunHooks): Promise<readonly Prediction[]> {
    if (ids.length !== cache.rows) throw new RangeError(`${ids.length} tokens for ${cache.rows} rows`);
    const predictions = await this.run('step', cache, { ids, imageFeatures: new Float32Array(0) }, hooks);
    cache.endStep(1);
    return predictions;
  }

  /**
   * Runs several tokens that may follow, of the only row of the cache, and predicts what comes behind each of them:
   * little more than a step of one, since both read every weight once. Those that turn out wrong are to be taken back
   * by {@link discard}.
   */
  async decodeDraft(cache: DecoderCache, ids: readonly number[], hooks: RunHooks): Promise<readonly Prediction[]> {
    if (cache.rows !== 1) throw new RangeError(`a draft for ${cache.rows} rows`);
    const predictions = await this.run('step', cache, { ids, imageFeatures: new Float32Array(0) }, hooks);
    cache.endStep(ids.length);
    return predictions;
  }

  /** Takes the last `count` positions of the suffix back. */
  discard(cache: DecoderCache, count: number): void {
    for (const part of this.parts) part.discard(cache.id, count);
    cache.endDiscard(count);
  }

  async release(): Promise<void> {
    await Promise.allSettled(this.parts.map(part => part.release()));
  }

  private async run(
    kind: 'prefill' | 'step',
    { id }: DecoderCache,
    input: PartInput,
    { signal, onGroup }: RunHooks,
  ): Promise<readonly Prediction[]> {
    const total = this.parts.reduce((sum, { groups }) => sum + groups, 0);
    let carried = input;
    let before = 0;
    for (const part of this.parts) {
      signal.throwIfAborted();
      const first = before;
      const output = await part[kind](id, carried, {
        signal,
        ...(onGroup === undefined ? {} : { onGroup: done => onGroup(first + done, total) }),
      });
      if ('predictions' in output) return output.predictions;
      carried = output;
      before += part.groups;
    }
    throw new RangeError('the last part of a decoder has its last layer');
  }

  private cacheOf(rows: number, prefixLength: number): DecoderCache {
    const id = this.caches++;
    return new DecoderCache(
      id,
      this.config.maxPositions,
      () => {
        for (const part of this.parts) part.drop(id);
      },
      rows,
      prefixLength,
    );
  }
}
