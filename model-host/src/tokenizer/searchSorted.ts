/** Index in `start`…`end` − 1 at which the ascending `valueAt` is `value`, or −1. */
export function searchSorted(start: number, end: number, value: number, valueAt: (index: number) => number): number {
  let low = start;
  let high = end - 1;
  while (low <= high) {
    const middle = low + Math.floor((high - low) / 2);
    const candidate = valueAt(middle);
    if (candidate === value) return middle;
    if (candidate < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
