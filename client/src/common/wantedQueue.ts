/** Makes what is wanted, a few at a time; what is not wanted any more before its turn is not made. Free of the editor. */
export class WantedQueue {
  private wanted: number[] = [];
  /** All of the last wish, those under way too. */
  private inSight: ReadonlySet<number> = new Set();
  private readonly underWay = new Map<number, AbortController>();

  /**
   * @param make Never rejects. False: given up since `signal` said that it is not wanted any more.
   * @param together How many are made at once.
   */
  constructor(
    private readonly make: (index: number, signal: AbortSignal) => Promise<boolean>,
    private readonly together: number,
  ) {}

  /** These instead of those wanted before, the first one first. */
  want(indices: readonly number[]): void {
    this.inSight = new Set(indices);
    for (const [index, work] of this.underWay) if (!this.inSight.has(index)) work.abort();
    this.wanted = indices.filter(index => !this.underWay.has(index));
    this.begin();
  }

  private begin(): void {
    while (this.underWay.size < this.together) {
      const index = this.wanted.shift();
      if (index === undefined) return;
      const work = new AbortController();
      this.underWay.set(index, work);
      void this.make(index, work.signal).then(isMade => {
        this.underWay.delete(index);
        // It came back into sight while it was being given up.
        if (!isMade && this.inSight.has(index)) this.wanted.unshift(index);
        this.begin();
      });
    }
  }
}
