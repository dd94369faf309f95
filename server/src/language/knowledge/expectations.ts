/** Expected answers: `=>` lines against what the model said. */
import type { TextEdit } from 'vscode-languageserver-types';
import type { LanguageContext } from './context';
import { lastLineOf, lineEndOf, linesRange, wholeLinesRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import type { ExpectationNode, PromptNode } from '../syntax/parser';
import { knownRuns } from './promptRuns';
import { overlap, parseSuffix } from './suffix';
import type { SuffixBox } from './suffix';

/**
 * `equal`: the same text. `close`: the same labels, and every box overlaps its partner at least as {@link
 * CLOSE_OVERLAP} says; counts as passed. `different`: failed.
 */
export type Verdict = 'equal' | 'close' | 'different';

/**
 * Intersection over union from which two boxes are taken as the same. Weight types and devices move a box by a bin or
 * two; that must not fail a test, and a box on another object must.
 */
export const CLOSE_OVERLAP = 0.9;

/**
 * Compares an answer with an expected one. Both are trimmed and their line ends made equal; then text must match
 * exactly, letter case included. Where both hold boxes, their order and small shifts do not matter, and neither do mask
 * codes, which differ for the same shape; whether there is a mask does. An empty expectation matches an empty answer.
 */
export function compareExpectation(expected: string, actual: string): Verdict {
  const left = normalise(expected);
  const right = normalise(actual);
  if (left === right) return 'equal';
  const a = parseSuffix(left);
  const b = parseSuffix(right);
  if (a.boxes.length === 0 || a.boxes.length !== b.boxes.length || a.text !== b.text) return 'different';
  return pairUp(a.boxes, b.boxes) ? 'close' : 'different';
}

/** The best verdict of several alternatives; undefined where nothing is expected. */
export function judge(expectations: readonly Pick<ExpectationNode, 'text'>[], actual: string): Verdict | undefined {
  let best: Verdict | undefined;
  for (const expectation of expectations) {
    const verdict = compareExpectation(expectation.text, actual);
    if (verdict === 'equal') return verdict;
    if (best === undefined || verdict === 'close') best = verdict;
  }
  return best;
}

export function isPassed(verdict: Verdict): boolean {
  return verdict !== 'different';
}

/** An answer as the lines of an expectation: `=> text`, joined by backslashes where it has line ends. */
export function writeExpectation(suffix: string, eol: string, indent = '  '): string {
  const text = writeExpectedText(suffix, eol);
  return text === '' ? `${indent}=>` : `${indent}=> ${text}`;
}

/** The part behind `=> `. */
export function writeExpectedText(suffix: string, eol: string): string {
  const lines = normalise(suffix).split('\n');
  return lines.map((line, index) => {
    if (index < lines.length - 1) return `${line}\\`;
    // A backslash at the end would join the next line; the space behind it is trimmed when it is read.
    return line.endsWith('\\') ? `${line} ` : line;
  }).join(eol);
}

/**
 * The edits that take the known answers of a prompt as expected; none where all of them are expected already.
 * Expectations that no known answer meets any more are replaced.
 */
export function acceptResultEdits(document: PromptDocument, prompt: PromptNode, context: LanguageContext): TextEdit[] {
  const { answers, someMeet } = unexpectedAnswers(document, prompt, context);
  if (answers.length === 0) return [];
  const eol = lineEndOf(document);
  const newText = answers.map(answer => writeExpectation(answer, eol)).join(eol);
  const [first, ...others] = prompt.expectations;
  if (first !== undefined && !someMeet) {
    return [
      { range: linesRange(document, first.line, first.endLine), newText },
      ...others.map(other => ({ range: wholeLinesRange(document, other.line, other.endLine), newText: '' })),
    ];
  }
  const line = lastLineOf(prompt);
  const end = { line, character: document.lines[line]?.text.length ?? 0 };
  return [{ range: { start: end, end }, newText: eol + newText }];
}

/** Different known answers of a prompt as text for a `=>` line. */
export function acceptableSuffix(document: PromptDocument, prompt: PromptNode, context: LanguageContext): string[] {
  const eol = lineEndOf(document);
  return unexpectedAnswers(document, prompt, context).answers.map(answer => writeExpectedText(answer, eol));
}

function unexpectedAnswers(
  document: PromptDocument,
  prompt: PromptNode,
  context: LanguageContext,
): { answers: string[]; someMeet: boolean } {
  const answers = new Set<string>();
  let someMeet = false;
  for (const { state } of knownRuns(document, prompt, context)) {
    if (state.kind !== 'done') continue;
    const suffix = normalise(state.result.suffix);
    const verdict = judge(prompt.expectations, suffix);
    if (verdict === undefined || !isPassed(verdict)) answers.add(suffix);
    else someMeet = true;
  }
  return { answers: [...answers], someMeet };
}

/** Whether the boxes can be paired so that labels are equal and overlaps large. */
function pairUp(expected: readonly SuffixBox[], actual: readonly SuffixBox[]): boolean {
  const free = [...actual];
  for (const box of expected) {
    let best = -1;
    let bestOverlap = CLOSE_OVERLAP;
    for (let index = 0; index < free.length; index++) {
      const candidate = free[index]!;
      if (candidate.label !== box.label || candidate.hasMask !== box.hasMask) continue;
      const shared = candidate.bins.every((bin, corner) => bin === box.bins[corner]) ? 2 : overlap(box, candidate);
      if (shared >= bestOverlap) {
        best = index;
        bestOverlap = shared;
      }
    }
    if (best < 0) return false;
    free.splice(best, 1);
  }
  return true;
}

function normalise(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim();
}
