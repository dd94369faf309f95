import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedLines, type TextChange } from '../../../../client/src/dataSet/changedLines';
import { seededRandom } from '../../../support/seededRandom';

const change = (start: number, end: number, text: string): TextChange => ({
  range: { start: { line: start }, end: { line: end } },
  text,
});

test('a change within a line is about that line, and a line end that comes or goes about its neighbours', () => {
  assert.deepEqual(changedLines([change(2, 2, 'x')], 5), { first: 2, before: 1, after: 1 });
  assert.deepEqual(changedLines([change(2, 2, 'x\r\ny')], 5), { first: 2, before: 1, after: 2 });
  assert.deepEqual(changedLines([change(2, 3, '')], 5), { first: 2, before: 2, after: 1 });
});

test('lines outside of the stretch are as they were, whatever changes came one after the other', () => {
  const random = seededRandom(21);
  for (let round = 0; round < 300; round++) {
    const before = Array.from({ length: 1 + random.below(8) }, (_, at) => `${round} ${at}`);
    let lines = [...before];
    const changes = Array.from({ length: 1 + random.below(4) }, (_, step) => {
      const start = random.below(lines.length);
      const end = start + random.below(lines.length - start);
      const fresh = Array.from({ length: 1 + random.below(3) }, (__, at) => `new ${step} ${at}`);
      lines = [...lines.slice(0, start), ...fresh, ...lines.slice(end + 1)];
      return change(start, end, fresh.join(random.pick(['\n', '\r\n'])));
    });
    const stretch = changedLines(changes, before.length);
    const now = lines.slice(stretch.first, stretch.first + stretch.after);
    assert.deepEqual(
      [...before.slice(0, stretch.first), ...now, ...before.slice(stretch.first + stretch.before)],
      lines,
    );
  }
});
