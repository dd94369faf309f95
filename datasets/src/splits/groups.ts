/** Things that belong together, found by pairs. */
export class Groups {
  private readonly parents: Int32Array;

  constructor(count: number) {
    this.parents = Int32Array.from({ length: count }, (_, index) => index);
  }

  join(a: number, b: number): void {
    const [first, second] = [this.of(a), this.of(b)];
    // The lower number names the group, so that the order of the pairs does not matter.
    this.parents[Math.max(first, second)] = Math.min(first, second);
  }

  /** The lowest member of the group. */
  of(member: number): number {
    let root = member;
    for (let above = this.parents[root] ?? root; above !== root; above = this.parents[root] ?? root) root = above;
    for (let at = member; at !== root;) {
      const next = this.parents[at] ?? root;
      this.parents[at] = root;
      at = next;
    }
    return root;
  }
}
