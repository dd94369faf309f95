/** Quick fixes, "fix all", and rewrites of prompts. */
import * as l10n from '@vscode/l10n';
import { tameText } from '../../../../paligemma/src/plainText';
import { CodeActionKind } from 'vscode-languageserver-types';
import type { CodeAction, Diagnostic, Range, TextEdit } from 'vscode-languageserver-types';
import { FIX_ALL_KIND, wantsKind } from '../findings/actionKinds';
import { RUN_ALL_PROMPTS, RUN_PROMPT } from './commands';
import type { FileArguments, PromptArguments } from './commands';
import type { LanguageContext } from '../knowledge/context';
import { diagnosticCodes } from '../findings/diagnosticCodes';
import type { DiagnosticRow } from '../findings/diagnosticCodes';
import { findAll, toDiagnostic } from '../findings/diagnostics';
import { linesRange, promptsBetween, shapeOf, withEdits } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { acceptResultEdits } from '../knowledge/expectations';
import { fixesOf, rangesMeet } from '../findings/findings';
import type { Finding } from '../findings/findings';

export const codeActionKinds: readonly string[] = [
  CodeActionKind.QuickFix,
  CodeActionKind.RefactorRewrite,
  FIX_ALL_KIND,
];

const MAX_ROUNDS = 5;

export interface CodeActionRequest {
  /** What the client shows in the range: a fix names the diagnostic that it solves. */
  readonly diagnostics: readonly Diagnostic[];
  /** Kinds that are asked for; undefined: all but "fix all" on save. */
  readonly only?: readonly string[];
}

export function codeActions(
  document: PromptDocument,
  range: Range,
  request: CodeActionRequest,
  context: LanguageContext,
): CodeAction[] {
  const actions: CodeAction[] = [];
  const wants = (kind: string) => wantsKind(request.only, kind);
  const needsFindings = wants(CodeActionKind.QuickFix) || wants(FIX_ALL_KIND);
  const findings = needsFindings ? findAll(document, context) : [];
  if (wants(CodeActionKind.QuickFix)) {
    for (const finding of findings) {
      if (rangesMeet(finding.range, range)) {
        actions.push(...quickFixes(document, finding, request.diagnostics, context));
      }
    }
  }
  if (wants(FIX_ALL_KIND)) actions.push(...fixAll(document, findings, request.only !== undefined, context));
  if (wants(CodeActionKind.RefactorRewrite)) actions.push(...rewrites(document, range, context));
  if (request.only === undefined && !context.client.codeLenses) actions.push(...runActions(document, range));
  return actions;
}

/**
 * The edits of "fix all". One fix may make room for another (`Detect a;b`), so the file is looked at again until
 * nothing is left; then one edit covers everything between the first and the last change.
 */
function fixAllEdits(
  document: PromptDocument,
  findings: readonly Finding[],
  context: LanguageContext,
): TextEdit[] {
  const first = mechanicalEdits(findings);
  let current = document;
  let edits = first;
  for (let round = 0; edits.length > 0 && round < MAX_ROUNDS; round++) {
    current = withEdits(current, edits);
    edits = mechanicalEdits(findAll(current, context));
    if (edits.length === 0 && round === 0) return first;
  }
  return first.length === 0 ? [] : [differenceOf(document, current)];
}

/** The preferred fix of every mechanical finding, those that overlap an earlier one left out. */
function mechanicalEdits(findings: readonly Finding[]): TextEdit[] {
  const edits: TextEdit[] = [];
  const taken = new Map<number, Range[]>();
  for (const finding of findings) {
    const row: DiagnosticRow = diagnosticCodes[finding.code];
    const fix = row.isMechanical === true ? fixesOf(finding).find(candidate => candidate.isPreferred) : undefined;
    if (
      fix === undefined
      || fix.edits.some(edit =>
        linesOf(edit.range).some(line => taken.get(line)?.some(other => overlaps(edit.range, other)) === true)
      )
    ) continue;
    for (const edit of fix.edits) {
      edits.push(edit);
      for (const line of linesOf(edit.range)) taken.set(line, [...taken.get(line) ?? [], edit.range]);
    }
  }
  return edits;
}

/** One edit of whole lines. */
function differenceOf(before: PromptDocument, after: PromptDocument): TextEdit {
  let from = 0;
  while (from < before.lines.length - 1 && before.lines[from]?.text === after.lines[from]?.text) from++;
  let same = 0;
  const limit = Math.min(before.lines.length, after.lines.length) - from;
  while (same < limit - 1 && before.lines.at(-1 - same)?.text === after.lines.at(-1 - same)?.text) same++;
  const kept = after.lines.slice(from, after.lines.length - same);
  const newText = kept.map((line, index) => line.text + (index < kept.length - 1 ? line.eol : '')).join('');
  return { range: linesRange(before, from, before.lines.length - 1 - same), newText };
}

function linesOf(range: Range): number[] {
  return Array.from({ length: range.end.line - range.start.line + 1 }, (_, index) => range.start.line + index);
}

function quickFixes(
  document: PromptDocument,
  finding: Finding,
  shown: readonly Diagnostic[],
  context: LanguageContext,
): CodeAction[] {
  const own = shown.filter(diagnostic => diagnostic.code === finding.code && isEqual(diagnostic.range, finding.range));
  const diagnostics = own.length > 0 ? own : [toDiagnostic(document, finding, context)];
  return fixesOf(finding).filter(fix => fix.edits.length > 0).map(fix => ({
    title: tameText(fix.title),
    kind: CodeActionKind.QuickFix,
    diagnostics: [...diagnostics],
    ...(fix.isPreferred ? { isPreferred: true } : {}),
    edit: { changes: { [document.uri]: [...fix.edits] } },
  }));
}

function fixAll(
  document: PromptDocument,
  findings: readonly Finding[],
  isAsked: boolean,
  context: LanguageContext,
): CodeAction[] {
  const amount = mechanicalEdits(findings).length;
  // One finding is solved by its own fix; the menu need not offer the same twice.
  if (amount < (isAsked ? 1 : 2)) return [];
  const edits = fixAllEdits(document, findings, context);
  return [{
    title: amount === 1
      ? l10n.t('Fix the slip in this file')
      : l10n.t('Fix all {0} slips in this file', amount),
    kind: FIX_ALL_KIND,
    edit: { changes: { [document.uri]: edits } },
  }];
}

/** For clients that show no lenses. */
function runActions(document: PromptDocument, range: Range): CodeAction[] {
  const [prompt] = promptsBetween(document, range.start.line, range.end.line);
  const all = {
    title: l10n.t('Run all prompts in this file'),
    command: RUN_ALL_PROMPTS,
    arguments: [{ uri: document.uri } satisfies FileArguments],
  };
  const one = prompt === undefined
    ? []
    : [{
      title: l10n.t('Run this prompt'),
      command: RUN_PROMPT,
      arguments: [{ uri: document.uri, line: prompt.line } satisfies PromptArguments],
    }];
  return document.prompts.length === 0 ? [] : [...one, all].map(command => ({ title: command.title, command }));
}

function rewrites(document: PromptDocument, range: Range, context: LanguageContext): CodeAction[] {
  const actions: CodeAction[] = [];
  const prompts = promptsBetween(document, range.start.line, range.end.line);
  const add = (title: string, edits: TextEdit[]) => {
    if (edits.length > 0) {
      actions.push({ title, kind: CodeActionKind.RefactorRewrite, edit: { changes: { [document.uri]: edits } } });
    }
  };
  const [prompt] = prompts;
  if (prompt !== undefined && prompts.length === 1) {
    const shape = shapeOf(document, prompt);
    const labels = shape.objects.map(object => object.text).filter(text => text !== '');
    if (labels.length > 1 && shape.task !== undefined && prompt.expectations.length === 0) {
      const eol = document.lines[prompt.line]?.eol || '\n';
      const newText = labels.map(label => `${shape.task?.word ?? ''} ${label}`).join(eol);
      add(l10n.t('Split into one prompt for each object'), [{
        range: linesRange(document, prompt.line, prompt.endLine),
        newText,
      }]);
    }
    add(
      prompt.expectations.length === 0
        ? l10n.t('Expect this result from now on')
        : l10n.t('Accept the new result as expected'),
      acceptResultEdits(document, prompt, context),
    );
  }
  if (prompts.length > 1) {
    add(
      l10n.t('Expect the results of these prompts from now on'),
      prompts.flatMap(each => acceptResultEdits(document, each, context)),
    );
  }
  return [...actions, ...joinObjects(document, prompts)];
}

/** Several `detect` lines, or several `segment` lines, as one prompt. */
function joinObjects(document: PromptDocument, prompts: ReturnType<typeof promptsBetween>): CodeAction[] {
  const [first] = prompts;
  if (first === undefined || prompts.length < 2) return [];
  const shapes = prompts.map(prompt => shapeOf(document, prompt));
  const word = shapes[0]?.task?.word;
  const canJoin =
    shapes.every(shape =>
      shape.task?.word === word && shape.task?.parameters[0] === 'objects' && shape.form === 'exact'
    )
    && prompts.every(prompt => prompt.state === first.state && prompt.expectations.length === 0 && !prompt.isLiteral);
  const last = prompts.at(-1);
  if (!canJoin || word === undefined || last === undefined) return [];
  const labels = [...new Set(shapes.flatMap(shape => shape.objects.map(object => object.text)))].filter(text =>
    text !== ''
  );
  const edit = { range: linesRange(document, first.line, last.endLine), newText: `${word} ${labels.join(' ; ')}` };
  return [{
    title: l10n.t('Join into one prompt'),
    kind: CodeActionKind.RefactorRewrite,
    edit: { changes: { [document.uri]: [edit] } },
  }];
}

function overlaps(a: Range, b: Range): boolean {
  return isBefore(a.start, b.end) && isBefore(b.start, a.end) || isEqual(a, b);
}

function isBefore(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

function isEqual(a: Range, b: Range): boolean {
  return a.start.line === b.start.line && a.start.character === b.start.character && a.end.line === b.end.line
    && a.end.character === b.end.character;
}
