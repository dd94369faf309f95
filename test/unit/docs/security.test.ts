import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

/** Rows of the table of lines: number, line, tests. */
const rows = [...readFileSync(path.resolve('SECURITY.md'), 'utf8').matchAll(/^\| (\d+) \| (.+) \| ([^|]+) \|$/gm)];

test('the lines of the threat model are numbered, and each names tests that are there', () => {
  assert.ok(rows.length > 20);
  assert.deepEqual(rows.map(([, number]) => Number(number)), rows.map((_, index) => index + 1));
  for (const [, number, , tests = ''] of rows) {
    const names = [...tests.matchAll(/`([^`]+)`/g)].map(match => match[1] ?? '');
    assert.ok(names.length > 0, `line ${number}`);
    for (const name of names) {
      assert.ok(existsSync(path.resolve('test', `${name}.test.ts`)), `line ${number}: there is no test ${name}`);
    }
  }
});

test('the tests of the threat model say which of its lines they hold', () => {
  const held = new Map(rows.map(([, number, , tests = '']) => [Number(number), tests]));
  const claims = [...held].flatMap(([number, tests]) =>
    [...tests.matchAll(/`security\/(\w+)`/g)].map(match => ({ number, name: match[1] ?? '' }))
  );
  for (const { number, name } of claims) {
    const [first = ''] = readFileSync(path.resolve('test/security', `${name}.test.ts`), 'utf8').split('\n');
    assert.match(first, /^\/\/ Lines? \d/, name);
    const [head = ''] = first.split(':');
    const numbers = [...head.matchAll(/\d+(?: to \d+)?/g)].flatMap(([text]) => {
      const [from = 0, to = from] = text.split(' to ').map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    });
    assert.ok(numbers.includes(number), `test/security/${name} does not say that it holds line ${number}`);
  }
});
