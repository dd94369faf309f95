/** Findings of lines as a client shows them, no more than it can take. */
import * as l10n from '@vscode/l10n';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';
import type { Finding, Severity } from '../../../../datasets/src/findings/finding';
import { tameText } from '../../../../paligemma/src/plainText';
import { diagnosticSource } from '../findings/diagnostics';
import type { DocumentLine, LineVerdict, SetDocument } from './setDocument';
import { rangeIn } from './setPlace';

/** More are not read one by one, and each of them is sent again after every change. */
export const MOST_SHOWN = 500;
/** Of lines that the person looks at, in front of all others. */
const MOST_NEAR = 300;

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
};

export function findingsOf({ own = [], pictures, among, length }: LineVerdict): readonly Finding[] {
  return [...own, ...pictures, ...among, ...length];
}

/**
 * Those of the lines in view first, then from the beginning of the file; the last one says how many others there are.
 * @param near Lines in view.
 */
export function setDiagnostics(
  document: SetDocument,
  near: { readonly from: number; readonly to: number },
  documentationUri: string,
): Diagnostic[] {
  if (document.isTooLong) return [tooLong(documentationUri)];
  const shown = new Shown(documentationUri);
  const { lines } = document;
  const [from, to] = [Math.max(0, near.from), Math.min(near.to, lines.length)];
  for (let number = from; number < to; number++) shown.add(number, lines[number], MOST_NEAR);
  for (let number = 0; number < lines.length; number++) {
    if (number < from || number >= to) shown.add(number, lines[number], MOST_SHOWN);
  }
  return shown.all();
}

class Shown {
  private readonly diagnostics: Diagnostic[] = [];
  private more = 0;

  constructor(private readonly documentationUri: string) {}

  add(number: number, line: DocumentLine | undefined, most: number): void {
    const verdict = line?.verdict;
    if (verdict === undefined || verdict.amount === 0) return;
    const room = verdict.own === undefined ? 0 : Math.max(0, most - this.diagnostics.length);
    const told = room === 0 ? [] : findingsOf(verdict).slice(0, room);
    for (const finding of told) this.diagnostics.push(diagnosticOf(number, finding, this.documentationUri));
    this.more += verdict.amount - told.length;
  }

  all(): Diagnostic[] {
    if (this.more === 0) return this.diagnostics;
    const more: Diagnostic = {
      range: rangeIn(0, { start: 0, end: 0 }),
      severity: DiagnosticSeverity.Information,
      source: diagnosticSource,
      code: 'more-findings',
      codeDescription: { href: `${this.documentationUri}#more-findings` },
      message: this.more === 1
        ? l10n.t('There is 1 more finding in this file. “paligemma data check” lists them all.')
        : l10n.t('There are {0} more findings in this file. “paligemma data check” lists them all.', this.more),
    };
    return [...this.diagnostics, more];
  }
}

export function diagnosticOf(number: number, finding: Finding, documentationUri: string): Diagnostic {
  const { code, severity, message, start, end } = finding;
  return {
    range: rangeIn(number, { start, end }),
    severity: severities[severity],
    source: diagnosticSource,
    code,
    codeDescription: { href: `${documentationUri}#${code}` },
    // Findings quote the line.
    message: tameText(message),
  };
}

function tooLong(documentationUri: string): Diagnostic {
  return {
    range: rangeIn(0, { start: 0, end: 0 }),
    severity: DiagnosticSeverity.Information,
    source: diagnosticSource,
    code: 'file-too-large',
    codeDescription: { href: `${documentationUri}#file-too-large` },
    message: l10n.t(
      'This file is too large to be read while you write. “paligemma data check” checks it, in little memory.',
    ),
  };
}
