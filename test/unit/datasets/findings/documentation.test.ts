import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { findingCodes, type FindingRow } from '../../../../datasets/src/findings/findingCodes';

const page = readFileSync(path.resolve('docs/data-set-diagnostics.md'), 'utf8');
const sections = new Map(
  page.split(/^### /m).slice(1).map(section => {
    const [code = '', ...lines] = section.split(/^## /m)[0]?.split('\n') ?? [];
    return [code, lines.join('\n').trim()] as const;
  }),
);
const codes: Readonly<Record<string, FindingRow>> = findingCodes;

test('each code of a data set has its section, which says what a fix does', () => {
  assert.deepEqual([...sections.keys()].sort(), Object.keys(codes).sort());
  for (const [code, text] of sections) {
    assert.notEqual(text, '', code);
    assert.equal(text.includes('**Fix:**'), codes[code]?.isMended === true, code);
  }
});
