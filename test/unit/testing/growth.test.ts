// The measure of growth that other tests judge by: it takes lines for lines and squares for squares, whatever the machine
// is busy with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthFault } from '../../support/hostile/growth';
import { seededRandom } from '../../support/seededRandom';

/** Judges work of so many milliseconds, on a machine that takes up to four times as long at any moment. */
function judged(msOf: (size: number) => number, size = 1_000): string | undefined {
  const random = seededRandom(11);
  const spent = { ms: 0 };
  return growthFault(
    (input: number) => {
      spent.ms += msOf(input) * (1 + random.below(3) * random.below(2));
    },
    input => input,
    size,
    work => {
      const before = spent.ms;
      work();
      return spent.ms - before;
    },
  );
}

test('work that grows with its input is fair, and so is what stays the same', () => {
  assert.equal(judged(size => size / 10), undefined);
  assert.equal(judged(size => size * Math.log2(size)), undefined);
  assert.equal(judged(() => 500), undefined);
});

test('work that grows with the square of its input, or faster, is not', () => {
  assert.match(judged(size => size * size / 1e3) ?? 'fair', /^a size of 16000 took .* a quarter of it/);
  assert.match(judged(size => size ** 3 / 1e6) ?? 'fair', /^a size of 16000 took/);
});

test('work that looks ahead up to a bound is fair, also where the bound is farther than the input is long', () => {
  assert.equal(judged(size => size * Math.min(size, 1_000)), undefined);
});

test('the real measure is that of the processor', () => {
  const turn = (count: number) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum = (sum * 31 + index) | 0;
    return sum;
  };
  assert.equal(growthFault((size: number) => turn(size), size => size, 10_000_000), undefined);
});
