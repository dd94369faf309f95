/** What is wrong with one line of a data set, seen by itself. Pure; never throws; time grows with the length only. */
import { visit } from 'jsonc-parser';
import { isRecord } from '../../../paligemma/src/checks';
import { isDeep } from '../../../paligemma/src/shallowJson';
import { LineText, type Span } from '../lines/lineText';
import { readSetLine, type SetLine } from '../lines/setLine';
import type { LineFault, SetText } from '../lines/setText';
import { askedFaults, askedObjects } from './askedObjects';
import { answerFaults, runFaults } from './boxFaults';
import type { Finding } from './finding';
import { LineReport } from './lineReport';
import { placeTokens, tokenFaults, tokenRuns } from './placeTokens';
import { textFaults } from './textFaults';
import { tokensOf } from './tokenAmount';
import * as l10n from '@vscode/l10n';

export type ReadLine = ReturnType<typeof readSetLine>;

/** What whoever reads the file knows of the line and of the model; what is left out is not looked at. */
export interface LineOptions {
  /** By the model's own tokenizer, nothing added; undefined where it was not asked. */
  readonly countTokens?: (text: string) => number | undefined;
  /** Tokens that the model takes for prefix, suffix and what the trainer adds to them. */
  readonly textLimit?: number;
  /** Of one picture. */
  readonly imageTokens?: number;
  readonly isFirst?: boolean;
  /** Whether the file's byte order mark stands in front of it. */
  readonly hasMark?: boolean;
  readonly end?: '\n' | '\r\n' | '';
}

/**
 * @param text The line without its end. @param read What it says, where that is known already.
 * @returns In the order of their places.
 */
export function lineFindings(
  text: string,
  options: LineOptions = {},
  read: ReadLine = readSetLine(text),
): readonly Finding[] {
  const line = new LineText(text);
  const report = new LineReport(line);
  if (options.hasMark === true) report.add('byte-order-mark', [], { start: 0, end: Math.min(1, text.length) });
  if (options.isFirst === true && options.end === '\r\n') {
    report.add('carriage-return', [], { start: text.length, end: text.length });
  }
  if (text.trim() === '') {
    report.add('blank-line', []);
    return report.all();
  }
  if (!('form' in read)) unreadable(text, read.faults, report);
  else {
    structure(line, read, report);
    texts(read, report);
    length(read, options, report);
  }
  return report.all();
}

/** Longer lines are not read once more for the place of their fault. */
const MOST_SEARCHED = 1_000_000;

function unreadable(text: string, faults: readonly LineFault[], report: LineReport): void {
  const inner = text.trim();
  if (faults.some(({ kind }) => kind === 'notObject')) return report.add('unreadable-line', ['notObject']);
  if (isDeep(text)) return report.add('unreadable-line', ['deep']);
  if (inner.endsWith(',') && 'form' in readSetLine(inner.slice(0, -1))) {
    const at = text.lastIndexOf(',');
    const span = { start: at, end: at + 1 };
    return report.add('unreadable-line', ['comma'], span, {
      title: l10n.t('Remove the comma'),
      edits: [{ ...span, text: '' }],
    });
  }
  if (['[', ']', '{', '}', '},', '],'].includes(inner)) return report.add('unreadable-line', ['opening']);
  report.add('unreadable-line', [/^\{\s{0,9}'/.test(inner) ? 'python' : 'json'], faultPlace(text));
}

/** Of the first fault; undefined where that cannot be told. */
function faultPlace(text: string): Span | undefined {
  if (text.length > MOST_SEARCHED) return undefined;
  let first: Span | undefined;
  visit(text, {
    onError: (_, offset, length) => {
      const start = Math.min(offset, text.length);
      first ??= { start, end: Math.min(start + length, text.length) };
    },
  }, { disallowComments: true });
  return first;
}

function structure(line: LineText, { form, fields, faults }: SetLine, report: LineReport): void {
  for (const fault of faults) {
    switch (fault.kind) {
      case 'missing':
        report.add('missing-value', [fault.what, fault.keys[0] ?? '']);
        break;
      case 'notText':
        report.add('value-not-text', [String(fault.path.at(-1) ?? '')], line.place(fault.path));
        break;
      case 'turns':
        report.add('unclear-turns', [], line.place(fault.path));
        break;
      case 'notJson':
      case 'notObject':
        break;
    }
  }
  if (form === 'bigVision') {
    for (const [key, value] of Object.entries(fields)) {
      if (isRecord(value) || Array.isArray(value)) report.add('nested-value', [key], line.place([key]));
    }
  }
  if (!mayRepeatKeys(line.text, fields)) return;
  for (const { key, span } of line.repeatedKeys()) report.add('repeated-key', [key], span);
}

/** Cheap, and true for every line that does: a key is a quote with a colon behind it, and so is some text. */
function mayRepeatKeys(text: string, fields: Readonly<Record<string, unknown>>): boolean {
  return (text.match(/"\s*:/g)?.length ?? 0) > Object.keys(fields).length;
}

function texts({ prefix, suffix }: SetLine, report: LineReport): void {
  const asked = prefix === undefined ? undefined : askedObjects(prefix.value);
  if (prefix !== undefined) {
    report.addTo(prefix, textFaults(prefix.value, 'prefix'));
    report.addTo(prefix, tokenFaults(prefix.value, placeTokens(prefix.value, false)));
    if (asked !== undefined) report.addTo(prefix, askedFaults(prefix.value, asked));
  }
  if (suffix === undefined) return;
  report.addTo(suffix, textFaults(suffix.value, 'suffix'));
  const tokens = placeTokens(suffix.value, asked !== undefined);
  report.addTo(suffix, tokenFaults(suffix.value, tokens));
  const runs = tokenRuns(suffix.value, tokens);
  for (const run of runs) report.addTo(suffix, runFaults(run));
  if (asked !== undefined) report.addTo(suffix, answerFaults(suffix.value, runs, asked));
}

function length({ prefix, suffix }: SetLine, options: LineOptions, report: LineReport): void {
  const { textLimit, imageTokens, countTokens } = options;
  if (textLimit === undefined || countTokens === undefined) return;
  const amount = tokensOf(prefix?.value ?? '', suffix?.value ?? '', textLimit, countTokens);
  const place = suffix ?? prefix;
  if (amount === undefined || amount <= textLimit || place === undefined) return;
  const parts = [amount, textLimit, ...(imageTokens === undefined ? [] : [amount + imageTokens])].map(String);
  report.addTo(place satisfies SetText, [{ code: 'too-long', from: 0, to: place.value.length, parts }]);
}
