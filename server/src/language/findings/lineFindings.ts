/** Findings about lines: what a backslash joins, and `=>` lines that stand in the wrong place. */
import * as l10n from '@vscode/l10n';
import type { Range } from 'vscode-languageserver-types';
import type { DiagnosticCode } from './diagnosticCodes';
import { diagnosticCodes } from './diagnosticCodes';
import { linesRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import type { Finding, Fix } from './findings';
import type { ExpectationNode, PromptNode } from '../syntax/parser';
import { isSpace } from '../syntax/scanner';

/** Findings about the lines of one prompt and of its expectations. */
export function promptLineFindings(document: PromptDocument, prompt: PromptNode): Finding[] {
  const findings: Finding[] = [];
  if (mayJoin(document, prompt)) findings.push(...joinFindings(document, prompt));
  if (prompt.text.startsWith('=>')) findings.push(...arrowFindings(document, prompt));
  for (const expectation of prompt.expectations) {
    if (mayJoin(document, expectation)) findings.push(...joinFindings(document, expectation));
  }
  return findings;
}

export function strayExpectations(document: PromptDocument): Finding[] {
  return document.strayExpectations.map(expectation =>
    finding('stray-expectation', linesRange(document, expectation.line, expectation.endLine), [])
  );
}

function finding(code: DiagnosticCode, range: Range, fixes: readonly Fix[], ...parts: string[]): Finding {
  return { code, range, message: diagnosticCodes[code].message(...parts), fixes };
}

/** A quick no for the many nodes of one line that ends with a letter. */
function mayJoin(document: PromptDocument, node: PromptNode | ExpectationNode): boolean {
  if (node.parts.length > 1) return true;
  const text = document.lines[node.endLine]?.text ?? '';
  return text.endsWith('\\') || (text.length > 0 && isSpace(text, text.length - 1));
}

function joinFindings(document: PromptDocument, node: PromptNode | ExpectationNode): Finding[] {
  const last = document.lines[node.endLine];
  if (last === undefined) return [];
  const findings: Finding[] = [];
  const end = last.text.length;
  if (last.joinsNext) {
    const range = { start: { line: node.endLine, character: end - 1 }, end: { line: node.endLine, character: end } };
    findings.push(
      finding('dangling-backslash', range, [{
        title: l10n.t('Remove the backslash'),
        edits: [{ range, newText: '' }],
        isPreferred: true,
      }]),
    );
  } else if (!('isLiteral' in node && node.isLiteral) && last.text.trimEnd().endsWith('\\') && last.end > last.start) {
    const range = {
      start: { line: node.endLine, character: last.text.trimEnd().length },
      end: { line: node.endLine, character: end },
    };
    // In an expectation the space is how a backslash at the end is kept.
    if ('isLiteral' in node && range.start.character < end) {
      findings.push(
        finding('space-after-backslash', range, [{
          title: l10n.t('Remove the white space'),
          edits: [{ range, newText: '' }],
          isPreferred: true,
        }]),
      );
    }
  }
  for (let line = node.line + 1; line <= node.endLine; line++) {
    const what = looksLike(document.lines[line]?.text ?? '');
    if (what === undefined) continue;
    const above = document.lines[line - 1]?.text.length ?? 0;
    const backslash = { start: { line: line - 1, character: above - 1 }, end: { line: line - 1, character: above } };
    const fix: Fix = {
      title: l10n.t('Remove the backslash above'),
      edits: [{ range: backslash, newText: '' }],
      isPreferred: true,
    };
    findings.push(finding('joined-line', linesRange(document, line, line), [fix], what));
  }
  return findings;
}

/** What a joined line would be if it were not joined. */
function looksLike(text: string): 'empty' | 'comment' | 'directive' | 'expectation' | undefined {
  const trimmed = text.trimStart();
  if (trimmed === '') return 'empty';
  if (trimmed.startsWith('#') && (trimmed[1] === ' ' || trimmed[1] === undefined)) return 'comment';
  if (/^@(?:model|image|set)\b/.test(trimmed)) return 'directive';
  return trimmed.startsWith('=>') ? 'expectation' : undefined;
}

/** A prompt that begins with `=>` at the start of the line. */
function arrowFindings(document: PromptDocument, prompt: PromptNode): Finding[] {
  if (prompt.isLiteral) return [];
  const at = { line: prompt.line, character: prompt.parts[0]?.start ?? 0 };
  const range = linesRange(document, prompt.line, prompt.line);
  return [
    finding('unindented-expectation', range, [{
      title: l10n.t('Indent it'),
      edits: [{ range: { start: at, end: at }, newText: '  ' }],
      isPreferred: true,
    }]),
  ];
}
