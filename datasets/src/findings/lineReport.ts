/** Gathers what is found in one line, and gives each finding its place there. */
import type { LineText, Span } from '../lines/lineText';
import { quotedInner } from '../lines/quoted';
import type { SetText } from '../lines/setText';
import type { Finding } from './finding';
import { findingCodes, type FindingCode } from './findingCodes';

/** More of one kind in one line say nothing new. */
const MOST_OF_A_KIND = 20;

/** In UTF-16 units of a text's value. */
export interface ValueEdit {
  readonly from: number;
  readonly to: number;
  /** As the value has it, not as it is written. */
  readonly text: string;
}

/** Something wrong with a part of a text. */
export interface TextFault {
  readonly code: FindingCode;
  readonly from: number;
  readonly to: number;
  /** Arguments of the message. */
  readonly parts?: readonly string[];
  readonly fix?: { readonly title: string; readonly edits: readonly ValueEdit[] };
}

export class LineReport {
  private readonly findings: Finding[] = [];
  private readonly amounts = new Map<FindingCode, number>();

  constructor(readonly line: LineText) {}

  /** Found in a part of the line; default: all of it. */
  add(code: FindingCode, parts: readonly string[], span?: Span, fix?: Finding['fix']): void {
    if (!this.takes(code)) return;
    const { severity, message } = findingCodes[code];
    const place = span ?? { start: 0, end: this.line.text.length };
    this.findings.push({ ...place, code, severity, message: message(...parts), ...(fix === undefined ? {} : { fix }) });
  }

  /** Found in a text of the line. */
  addTo(text: SetText, faults: Iterable<TextFault>): void {
    for (const { code, from, to, parts = [], fix } of faults) {
      if (!this.takes(code, false)) continue;
      const edits = fix?.edits.flatMap(edit => {
        const span = this.line.span(text, edit.from, edit.to);
        return span === undefined ? [] : [{ ...span, text: quotedInner(edit.text) }];
      });
      this.add(
        code,
        parts,
        this.line.span(text, from, to),
        fix === undefined || edits === undefined ? undefined : { title: fix.title, edits },
      );
    }
  }

  /** In the order of their places. */
  all(): readonly Finding[] {
    return this.findings.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  private takes(code: FindingCode, isCounted = true): boolean {
    const amount = this.amounts.get(code) ?? 0;
    if (isCounted) this.amounts.set(code, amount + 1);
    return amount < MOST_OF_A_KIND;
  }
}
