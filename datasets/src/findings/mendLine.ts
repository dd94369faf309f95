/** Mends what is certain in one line. */
import type { Finding, LineFix } from './finding';

/** A fix may bring the next fault to light: a token inside of a token. */
const MOST_ROUNDS = 50;

export interface Mended {
  readonly text: string;
  /** Codes of what was mended, each as often as it was. */
  readonly codes: readonly string[];
}

/** @param findings Of a line; asked again for as long as something is mended. */
export function mendLine(text: string, findings: (text: string) => readonly Finding[]): Mended {
  const codes: string[] = [];
  let mended = text;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { text: next, codes: done } = applyFixes(mended, findings(mended));
    if (done.length === 0 || next === mended) break;
    mended = next;
    codes.push(...done);
  }
  return { text: mended, codes };
}

/** All fixes that do not touch what another one changes; what is left over is found again in the result. */
export function applyFixes(text: string, findings: readonly Finding[]): Mended {
  const taken: LineFix['edits'][number][] = [];
  const codes: string[] = [];
  for (const { code, fix } of findings) {
    if (fix === undefined || fix.edits.some(edit => taken.some(other => meet(edit, other)))) continue;
    taken.push(...fix.edits);
    codes.push(code);
  }
  taken.sort((a, b) => a.start - b.start);
  let at = 0;
  const parts = taken.map(edit => {
    const part = text.slice(at, edit.start) + edit.text;
    at = edit.end;
    return part;
  });
  return { text: parts.join('') + text.slice(at), codes };
}

/** Whether two edits overlap or put something into the same place. */
function meet(a: LineFix['edits'][number], b: LineFix['edits'][number]): boolean {
  return a.start < b.end && b.start < a.end || a.start === b.start;
}
