/** The page that diagnostics link to has a heading for each code, and none too many. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { DiagnosticSeverity } from 'vscode-languageserver-types';
import { diagnosticCodes, type DiagnosticRow } from '../../../server/src/language/findings/diagnosticCodes';
import { linkCodes } from '../../../server/src/lsp/imageLinks/linkFindings';

const codes: Readonly<Record<string, Omit<DiagnosticRow, 'message'>>> = { ...diagnosticCodes, ...linkCodes };
const page = readFileSync(path.resolve('docs/diagnostics.md'), 'utf8');
const sections = new Map([...page.matchAll(/^### (\S+)\n\n(.+)$/gm)].map(match => [match[1] ?? '', match[2] ?? '']));
const severityNames = {
  [DiagnosticSeverity.Error]: 'Error',
  [DiagnosticSeverity.Warning]: 'Warning',
  [DiagnosticSeverity.Information]: 'Information',
  [DiagnosticSeverity.Hint]: 'Hint',
};

test('each code has its section', () => {
  assert.deepEqual([...sections.keys()].sort(), Object.keys(codes).sort());
});

test('severity and "fix all" are those of the table', () => {
  for (const [code, row] of Object.entries(codes)) {
    const text = sections.get(code) ?? '';
    assert.ok(text.startsWith(severityNames[row.severity]), `${code}: ${text}`);
    assert.equal(/^\w+, all\./.test(text), row.isMechanical === true, code);
    assert.equal(/^\w+, faded\./.test(text), row.isUnnecessary === true, code);
  }
});
