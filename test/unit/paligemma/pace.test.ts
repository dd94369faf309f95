import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace, timeLeftText } from '../../../paligemma/src/pace';

const t = (message: string, ...args: (string | number | boolean)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));

function paceAt(ends: readonly number[]): (total: number) => number | undefined {
  let now = 0;
  const pace = new Pace(() => now);
  return total => {
    let left: number | undefined;
    ends.forEach((end, index) => {
      now = end;
      left = pace.secondsLeft(index + 1, total);
    });
    return left;
  };
}

test('the wait for the model before the first picture is not taken for the pace', () => {
  assert.equal(paceAt([60_000, 62_000, 64_000, 66_000])(104), 200);
});

test('nothing is told before three pictures tell it', () => {
  assert.equal(paceAt([1000, 2000, 3000])(100), undefined);
  assert.equal(paceAt([])(100), undefined);
});

test('what was known already does not make the rest look quick for ever', () => {
  const known = Array.from({ length: 50 }, () => 0);
  const asked = Array.from({ length: 24 }, (_, index) => 1000 * (index + 1));
  assert.equal(paceAt([...known, ...asked])(174), 100);
});

test('progress that comes several times a picture changes nothing', () => {
  let now = 0;
  const pace = new Pace(() => now);
  for (const [at, done] of [[0, 1], [10, 1], [1000, 2], [1500, 2], [2000, 3], [3000, 4], [3900, 4]] as const) {
    now = at;
    pace.secondsLeft(done, 10);
  }
  assert.equal(pace.secondsLeft(4, 10), 6);
});

test('it is told in minutes and hours', () => {
  assert.deepEqual([5, 59, 60, 719, 5399, 9000].map(seconds => timeLeftText(seconds, t)), [
    'less than a minute left',
    'less than a minute left',
    '1 min left',
    '12 min left',
    '90 min left',
    '2.5 h left',
  ]);
});
