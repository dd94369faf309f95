/** What was tried and how it ended, printed as a table at the end of a test file. */

export class Tally {
  private readonly groups = new Map<string, { readonly outcomes: Map<string, number>; slowestMs: number }>();

  add(group: string, { outcome, elapsedMs }: { readonly outcome: string; readonly elapsedMs: number }): void {
    const entry = this.groups.get(group) ?? { outcomes: new Map<string, number>(), slowestMs: 0 };
    this.groups.set(group, entry);
    entry.outcomes.set(outcome, (entry.outcomes.get(outcome) ?? 0) + 1);
    entry.slowestMs = Math.max(entry.slowestMs, elapsedMs);
  }

  get total(): number {
    return [...this.groups.values()].flatMap(({ outcomes }) => [...outcomes.values()]).reduce(
      (sum, count) => sum + count,
      0,
    );
  }

  print(): void {
    for (const [group, { outcomes, slowestMs }] of this.groups) {
      const counts = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${outcome} ${count}`).join(
        ', ',
      );
      console.log(`  ${group}: ${counts}; slowest ${slowestMs} ms`);
    }
    console.log(`  ${this.total} cases`);
  }
}
