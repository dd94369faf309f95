import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemReport } from '../../../client/src/commands/problemReport';

const t = (message: string) => message;

test('a report has room for words and a row for each fact; what a value holds never breaks the table', () => {
  const report = problemReport([{ name: 'System', value: 'Linux 6.1, x64' }, { name: 'Odd', value: 'a | b\nc' }], t);
  const rows = report.split('\n').filter(line => line.startsWith('|'));
  assert.deepEqual(rows, ['| What | Value |', '|---|---|', '| System | Linux 6.1, x64 |', '| Odd | a \\| b c |']);
  assert.match(report, /^# A problem with PaliGemma 2\n\n## What I did, what I expected, what happened\n\n\n/);
});
