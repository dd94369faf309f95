import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseShallow } from '../../../paligemma/src/shallowJson';
import { growthFault } from '../../support/hostile/growth';

const nested = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);

test('a value is read as JSON has it, however long it is', () => {
  const values = [
    null,
    'a "quoted" \\ [text] {',
    { a: [1, { b: '\\"]' }] },
    Array.from({ length: 5000 }, (_, index) => ({ index, text: '[[{{"\\' })),
  ];
  for (const value of values) assert.deepEqual(parseShallow(JSON.stringify(value)), value);
  assert.deepEqual(parseShallow(nested(400)), JSON.parse(nested(400)));
  assert.deepEqual(parseShallow(JSON.stringify({ text: nested(10_000) })), { text: nested(10_000) });
  for (const text of ['', '{', 'x', '"', '"\\"', nested(3).slice(1)]) {
    assert.throws(() => parseShallow(text), SyntaxError);
  }
});

test('what is nested without end is no value', () => {
  for (const text of [nested(501), nested(200_000), `{"a":${nested(200_000)}}`, '{"a":'.repeat(200_000)]) {
    assert.throws(() => parseShallow(text), { name: 'SyntaxError', message: /too deep/ });
  }
});

test('time grows with the length', () => {
  for (const piece of ['[', '"', '\\', '"\\', '[]', '{}', '"[', '"\\\\"']) {
    const read = (text: string) => {
      try {
        return parseShallow(`[${text}`);
      } catch {
        return undefined;
      }
    };
    const make = (length: number) => '[],'.repeat(600) + piece.repeat(length / piece.length);
    assert.equal(growthFault(read, make, 1 << 16), undefined, piece);
  }
});
