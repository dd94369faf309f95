/** What a result looks like on standard output: a contract for scripts. */
import * as l10n from '@vscode/l10n';
import { failureJson, jsonText, resultJson } from '../../../../paligemma/src/answers/json';
import { readAnswer, type KindName } from '../../../../paligemma/src/kinds/kinds';
import { tameText } from '../../../../paligemma/src/plainText';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { Failure } from '../../../../paligemma/src/failures';

/**
 * One line: the suffix, after its path and a tab where there are or may be several pictures. Control characters, marks that turn
 * the direction of text, and backslashes are written as in a JSON string (`\n`, `\t`, `\\`, `\u001b`), so that a line stays a line and nothing is lost.
 */
export function textLine(imagePath: string, result: RunResult, hasPath: boolean): string {
  return hasPath ? `${escapeLine(imagePath)}\t${escapeLine(result.suffix)}` : escapeLine(result.suffix);
}

/**
 * An answer with regions for a person: a line each with label, left, top, right and bottom in whole pixels, in columns;
 * then what the answer says beside them. Only for terminals: scripts read {@link textLine}.
 */
export function regionLines(imagePath: string, result: RunResult, hasPath: boolean): readonly string[] {
  const { regions, text, suffix } = result;
  const start = hasPath ? `${tameText(imagePath)}  ` : '';
  if (regions.length === 0) return [start + (tameText(suffix.trim()) || 'nothing found')];
  const rows = regions.map(({ label, box: { x1, y1, x2, y2 } }) => ({
    label: tameText(label.trim()) || '-',
    sides: [x1, y1, x2, y2].map(side => String(Math.round(side))),
  }));
  const labelWidth = Math.max(...rows.map(({ label }) => label.length));
  const sideWidth = Math.max(...rows.flatMap(({ sides }) => sides.map(side => side.length)));
  const rest = tameText(text.trim());
  return [
    ...rows.map(({ label, sides }) =>
      [label.padEnd(labelWidth), ...sides.map(side => side.padStart(sideWidth))].join('  ')
    ),
    ...(rest === '' ? [] : [rest]),
  ].map(line => start + line);
}

export interface Printing {
  /** The path stands before each line. */
  readonly hasPath: boolean;
  /** What the person wants the answer to be; undefined: what it looks like. */
  readonly show: KindName | undefined;
  /** As the model wrote it. */
  readonly isRaw: boolean;
  readonly isReadByPerson: boolean;
  /** Whether the verb's answers are regions. */
  readonly givesRegions: boolean;
}

/**
 * The lines of an answer as what it is: where that was asked for, or where a person reads it and it is clearly more than
 * text. Else, for programs, it is {@link textLine}.
 */
export function answerLines(imagePath: string, result: RunResult, printing: Printing): readonly string[] {
  const { hasPath, show, isRaw, isReadByPerson, givesRegions } = printing;
  const line = () => [textLine(imagePath, result, hasPath)];
  if (isRaw || (show === undefined && !isReadByPerson)) return line();
  const answer = readAnswer(result, show, l10n.t);
  if (isRegions(answer.kind) ? show !== undefined || givesRegions : show === undefined && givesRegions) {
    return regionLines(imagePath, result, hasPath);
  }
  if (show === undefined && answer.isPlain) return line();
  const start = hasPath ? tameText(imagePath) + (isReadByPerson ? '  ' : '\t') : '';
  // A TAB parts the columns of music, which are wanted as they are.
  return answer.text().split('\n').map(text => start + text.split('\t').map(tameText).join('\t'));
}

/** What is not as it should be with an answer that is printed as what it is, in sentences; none for text and regions. */
export function answerFaults(result: RunResult, { show, isRaw, isReadByPerson }: Printing): readonly string[] {
  if (isRaw || (show === undefined && !isReadByPerson)) return [];
  const { isPlain, faults } = readAnswer(result, show, l10n.t);
  return show === undefined && isPlain ? [] : faults.map(({ message }) => message);
}

function isRegions(kind: KindName): boolean {
  return kind === 'boxes' || kind === 'masks';
}

/** One object on one line. `imagePath`: as it was given. */
export function jsonLine(imagePath: string, result: RunResult, show?: KindName): string {
  return jsonText(resultJson(imagePath, result, l10n.t, show));
}

/** A failed picture; `imagePath` is absent where the failure belongs to none. */
export function jsonFailure(imagePath: string | undefined, { code, kind, message }: Failure): string {
  return jsonText(failureJson(imagePath, { code, kind, message }));
}

/** The same for a person, on standard error. */
export function textFailure(subject: string | undefined, { code, message }: Failure): string {
  return `paligemma: ${subject === undefined ? '' : `${escapeLine(subject)}: `}${tameText(message)} (error ${code})`;
}

export function escapeLine(text: string): string {
  return jsonText(text).slice(1, -1).replaceAll('\\"', '"');
}
