/** Light bulbs: what mends a finding, here and through the file. */
import * as l10n from '@vscode/l10n';
import {
  CodeActionKind,
  type CodeAction,
  type Diagnostic,
  type Range,
  type TextEdit,
} from 'vscode-languageserver-types';
import type { Finding, LineFix } from '../../../../datasets/src/findings/finding';
import { lineFindings } from '../../../../datasets/src/findings/lineFindings';
import { mendLine } from '../../../../datasets/src/findings/mendLine';
import { tameText } from '../../../../paligemma/src/plainText';
import { MEND_SET, type MendSetArguments } from '../../contract/dataSets';
import { FIX_ALL_KIND } from '../findings/actionKinds';
import { diagnosticSource } from '../findings/diagnostics';
import type { SetDocument } from './setDocument';
import { findingsOf } from './setDiagnostics';
import { rangeIn } from './setPlace';

/** Lines of one selection that are looked through. */
const MOST_LINES = 200;

export const setActionKinds: readonly string[] = [CodeActionKind.QuickFix, FIX_ALL_KIND];

export interface SetActionOptions {
  readonly diagnostics: readonly Diagnostic[];
  /** Whether the client takes edits that a command makes. */
  readonly appliesEdits: boolean;
}

export function setActions(document: SetDocument, range: Range, options: SetActionOptions): CodeAction[] {
  const actions: CodeAction[] = [];
  const offered = new Set<string>();
  const last = Math.min(range.end.line, range.start.line + MOST_LINES);
  for (let number = range.start.line; number <= last; number++) {
    const verdict = document.lines[number]?.verdict;
    for (const finding of verdict === undefined ? [] : findingsOf(verdict)) {
      if (finding.fix === undefined || !meets(rangeIn(number, finding), range)) continue;
      const told = options.diagnostics.filter(each => isOf(each, number, finding));
      actions.push(fixOf(document, number, finding.fix, told));
      if (!options.appliesEdits || offered.has(finding.code)) continue;
      offered.add(finding.code);
      actions.push(mendAll(document, finding.code, told));
    }
  }
  return actions;
}

/** What mends findings of a line that `isMeant` takes; undefined where nothing does. */
export function mendEdit(
  number: number,
  text: string,
  findings: readonly Finding[],
  isMeant: (code: string) => boolean,
): TextEdit | undefined {
  // A fix may bring the next fault to light.
  const { text: mended } = mendLine(
    text,
    now => (now === text ? findings : lineFindings(now)).filter(({ code }) => isMeant(code)),
  );
  return mended === text ? undefined : { range: rangeIn(number, { start: 0, end: text.length }), newText: mended };
}

function fixOf(document: SetDocument, number: number, fix: LineFix, diagnostics: Diagnostic[]): CodeAction {
  const edits = fix.edits.map(({ start, end, text }): TextEdit => ({
    range: rangeIn(number, { start, end }),
    newText: text,
  }));
  return {
    title: tameText(fix.title),
    kind: CodeActionKind.QuickFix,
    diagnostics,
    isPreferred: true,
    edit: { changes: { [document.uri]: edits } },
  };
}

function mendAll({ uri }: SetDocument, code: string, diagnostics: Diagnostic[]): CodeAction {
  const title = l10n.t('Mend all of this kind in the file ({0})', code);
  const argument: MendSetArguments = { uri, code };
  return {
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics,
    command: { title, command: MEND_SET, arguments: [argument] },
  };
}

function isOf({ code, source, range }: Diagnostic, number: number, finding: Finding): boolean {
  return source === diagnosticSource && code === finding.code && range.start.line === number
    && range.start.character === finding.start;
}

function meets(a: Range, b: Range): boolean {
  const isBefore = (end: Range['end'], start: Range['start']) =>
    end.line < start.line || (end.line === start.line && end.character < start.character);
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}
