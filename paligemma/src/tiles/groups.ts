/**
 * Items by key, in the order of the first of each: `Map.groupBy`, which the oldest Node.js that is supported lacks.
 */
export function groupedBy<T, Key>(items: readonly T[], keyOf: (item: T, index: number) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item, index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
