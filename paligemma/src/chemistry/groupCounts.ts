/** `R1`, `2 Ph`: each name once. */
export function groupCounts(groups: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of groups) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} ${name}`));
}
