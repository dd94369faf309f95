/** The steps of one sequence, or of several together, on the decoder of a model. */
import type { DraftableSteps } from '../generation/draftedSteps';
import type { Prediction } from '../runtime/prediction';
import type { RunnableModel, SequenceCache } from '../model/runnableModel';

export class RowSteps implements DraftableSteps {
  /** One per sequence until they are joined. */
  private caches: readonly SequenceCache[];

  /** @param caches At least one; several need the model's `rowDecoder`. */
  constructor(
    caches: readonly SequenceCache[],
    private readonly model: RunnableModel,
    private readonly signal: AbortSignal,
  ) {
    this.caches = caches;
  }

  /** Makes one cache of all. */
  async join(): Promise<void> {
    if (this.caches.length > 1) this.caches = [await this.rows.joinCaches(this.caches)];
  }

  get free(): number {
    return this.cache.capacity - this.cache.length;
  }

  async decode(ids: readonly number[]): Promise<readonly Prediction[]> {
    const { decoder, rowDecoder } = this.model;
    if (rowDecoder === undefined) return [await decoder.decode(this.cache, ids[0]!, { signal: this.signal })];
    return rowDecoder.decodeRows(this.cache, ids, { signal: this.signal });
  }

  decodeDraft(ids: readonly number[]): Promise<readonly Prediction[]> {
    return this.rows.decodeDraft(this.cache, ids, { signal: this.signal });
  }

  discard(count: number): void {
    this.rows.discard(this.cache, count);
  }

  async keep(rows: readonly number[]): Promise<void> {
    await this.rows.keepRows(this.cache, rows);
  }

  release(): void {
    for (const cache of this.caches) cache.release();
  }

  private get cache(): SequenceCache {
    const [cache] = this.caches;
    if (cache === undefined || this.caches.length > 1) throw new RangeError('the caches are not joined');
    return cache;
  }

  private get rows(): NonNullable<RunnableModel['rowDecoder']> {
    const rows = this.model.rowDecoder;
    if (rows === undefined) throw new RangeError('this model decodes one sequence at a time');
    return rows;
  }
}
