/** Work that overlaps, a bounded amount of it at once. */
export class Pipeline {
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly limit: number) {}

  /** Starts `work` once there is room. @throws the failure of any earlier work. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.running.size >= this.limit && this.failure === undefined) await Promise.race(this.running);
    this.throwFailure();
    const promise = work().catch((error: unknown) => {
      this.failure ??= { error };
    }).finally(() => this.running.delete(promise));
    this.running.add(promise);
  }

  /** Waits for all work. @throws the first failure. */
  async drain(): Promise<void> {
    await this.settle();
    this.throwFailure();
  }

  /** Waits for all work, whatever comes of it. */
  async settle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}
