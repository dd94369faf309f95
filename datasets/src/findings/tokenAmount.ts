/** How many tokens an example has. */

/** The new line behind the prefix, and `<eos>`. Source: big_vision 0127fb6, `configs/proj/paligemma/transfers/common.py`. */
const ADDED_TOKENS = 2;
/** UTF-8 bytes of a UTF-16 unit, at most; no token is shorter than a byte. */
const MOST_BYTES_PER_UNIT = 3;

/** Whether an example may have more tokens than `limit`, as far as its length tells: most have far fewer. */
export function mayBeLonger(prefix: string, suffix: string, limit: number): boolean {
  return (prefix.length + suffix.length) * MOST_BYTES_PER_UNIT + ADDED_TOKENS > limit;
}

/**
 * All tokens but those of the picture.
 * @returns undefined where it is not known, or surely not above `limit`.
 */
export function tokensOf(
  prefix: string,
  suffix: string,
  limit: number,
  count: (text: string) => number | undefined,
): number | undefined {
  if (!mayBeLonger(prefix, suffix, limit)) return undefined;
  const [before, behind] = [count(prefix), count(suffix)];
  return before === undefined || behind === undefined ? undefined : before + behind + ADDED_TOKENS;
}
