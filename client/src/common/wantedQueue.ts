/** Makes what is wanted, a few at a time; what is not wanted any more before its turn is not made. Free of the editor. */
export class WantedQueue {
  private wanted: number[] = [];
  private readonly underWay = new Set<number>();

  /** @param make Never rejects. @param together How many are made at once. */
  constructor(private readonly make: (index: number) => Promise<void>, private readonly together: number) {}

  /** These instead of those wanted before, the first one first. */
  want(indices: readonly number[]): void {
    this.wanted = indices.filter(index => !this.underWay.has(index));
    this.begin();
  }

  private begin(): void {
    while (this.underWay.size < this.together) {
      const index = this.wanted.shift();
      if (index === undefined) return;
      this.underWay.add(index);
      void this.make(index).then(() => {
        this.underWay.delete(index);
        this.begin();
      });
    }
  }
}
