/** A finding with its fixes, before it becomes a diagnostic or a code action. */
import type { DiagnosticSeverity, Range, TextEdit } from 'vscode-languageserver-types';
import type { DiagnosticCode } from './diagnosticCodes';
import { lineEndOf, linesRange, rangeOf, spanRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import type { PromptNode } from '../syntax/parser';
import type { TextSpan } from '../syntax/promptShape';

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** The one that most people want; of a mechanical finding it belongs to "fix all". */
  readonly isPreferred: boolean;
}

export interface Finding {
  readonly code: DiagnosticCode;
  readonly range: Range;
  readonly message: string;
  /** Other than the table says. */
  readonly severity?: DiagnosticSeverity;
  readonly related?: readonly { readonly range: Range; readonly message: string }[];
  /** A function where finding them takes long: it is called only when somebody asks for fixes. */
  readonly fixes?: readonly Fix[] | (() => readonly Fix[]);
}

export function fixesOf(finding: Finding): readonly Fix[] {
  return typeof finding.fixes === 'function' ? finding.fixes() : finding.fixes ?? [];
}

/**
 * A finding that depends on the text of a prompt and the kind of its checkpoint alone, with offsets into that text, so
 * that it is found once for as long as the text stays.
 */
export interface TextFinding {
  readonly code: DiagnosticCode;
  readonly span: TextSpan;
  /** Arguments of the message. */
  readonly parts: readonly string[];
  readonly severity?: DiagnosticSeverity;
  readonly fixes?: readonly TextFix[];
}

/** A fix of the prompt's text, of the whole prompt by others, or of the model that is asked. */
export type TextFix =
  | { readonly title: string; readonly edits: readonly SpanEdit[]; readonly isPreferred?: boolean }
  | { readonly title: string; readonly prompts: readonly string[] }
  | { readonly title: string; readonly model: string };

/** `newText` may hold `\n`: it becomes a joined line. */
export interface SpanEdit extends TextSpan {
  readonly newText: string;
}

/** The fix in the document; undefined where the document has no place for it. */
export function placeFix(document: PromptDocument, prompt: PromptNode, fix: TextFix): Fix | undefined {
  const eol = lineEndOf(document);
  if ('edits' in fix) {
    const edits = fix.edits.map(edit => ({
      range: rangeOf(prompt.parts, edit),
      newText: edit.newText.replaceAll('\n', `\\${eol}`),
    }));
    return { title: fix.title, edits, isPreferred: fix.isPreferred ?? false };
  }
  if ('prompts' in fix) {
    return {
      title: fix.title,
      edits: [{ range: linesRange(document, prompt.line, prompt.endLine), newText: fix.prompts.join(eol) }],
      isPreferred: false,
    };
  }
  const directive = prompt.state.model;
  if (directive !== undefined) {
    return { title: fix.title, edits: [{ range: spanRange(directive.value), newText: fix.model }], isPreferred: false };
  }
  const start = { line: prompt.line, character: 0 };
  return {
    title: fix.title,
    edits: [{ range: { start, end: start }, newText: `@model ${fix.model}${eol}` }],
    isPreferred: false,
  };
}

/** Ranges touch or overlap. */
export function rangesMeet(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
