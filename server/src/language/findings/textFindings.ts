/**
 * Findings about the characters and words of a prompt, whatever its task: tokens, escapes, stray characters, wording,
 * length.
 */
import * as l10n from '@vscode/l10n';
import { LOC_BINS, SEG_CODES } from '../../../../paligemma/src/facts';
import type { SpanEdit, TextFinding, TextFix } from './findings';
import type { CheckpointFacts } from '../knowledge/models';
import { trimSpan } from '../syntax/promptShape';
import type { PromptShape, TokenSpan } from '../syntax/promptShape';

/** More of one kind in one prompt say nothing new. */
const MAX_OF_A_KIND = 20;
/** Wording is looked for at the two ends: a prompt of a megabyte is not a conversation. */
const WORDING_CHARS = 1000;

/** LaTeX commands that begin with `\n`: formulas are usual prompts and answers of fine-tuned models. */
const latexWithN = new Set([
  'nabla',
  'natural',
  'ncong',
  'ne',
  'nearrow',
  'neg',
  'neq',
  'newcommand',
  'newline',
  'newpage',
  'nexists',
  'ngeq',
  'ngtr',
  'ni',
  'nleq',
  'nless',
  'nmid',
  'nobreak',
  'node',
  'noindent',
  'nolimits',
  'nonumber',
  'normalsize',
  'not',
  'notag',
  'notin',
  'nparallel',
  'nrightarrow',
  'nsubseteq',
  'nu',
  'nwarrow',
]);

const invisibleNames: Readonly<Record<string, () => string>> = {
  '\u00ad': () => l10n.t('soft hyphen'),
  '\u200b': () => l10n.t('zero-width space'),
  '\u200e': () => l10n.t('left-to-right mark'),
  '\u200f': () => l10n.t('right-to-left mark'),
  '\u2028': () => l10n.t('line separator'),
  '\u2029': () => l10n.t('paragraph separator'),
  '\u2060': () => l10n.t('word joiner'),
  '\ufeff': () => l10n.t('byte order mark'),
  '\u00a0': () => l10n.t('no-break space'),
};

/** @param isLiteral The author begins with a backslash: what stands there is meant. */
export function textFindings(shape: PromptShape, facts: CheckpointFacts, isLiteral: boolean): TextFinding[] {
  return [
    ...(isLiteral ? [] : [...edgeSpaces(shape.text), ...escapes(shape.text)]),
    ...strayCharacters(shape.text),
    ...tokenFindings(shape),
    ...wording(shape.text),
    ...tooLong(shape, facts),
  ];
}

function edgeSpaces(text: string): TextFinding[] {
  const inner = trimSpan(text, 0, text.length);
  if (inner.start === inner.end) return [];
  const edits: SpanEdit[] = [];
  if (inner.start > 0) edits.push({ start: 0, end: inner.start, newText: '' });
  // White space behind a backslash is a finding of its own.
  if (inner.end < text.length && text[inner.end - 1] !== '\\') {
    edits.push({ ...trailing(text, inner.end), newText: '' });
  }
  if (edits.length === 0) return [];
  const where = inner.start === 0 ? 'end' : edits.length === 1 ? 'start' : 'both';
  const fixes: TextFix[] = [{ title: l10n.t('Remove the white space'), edits, isPreferred: true }];
  return [{ code: 'edge-space', span: edits[0]!, parts: [where], fixes }];
}

/** White space at the end; a joined empty line is not white space to remove here. */
function trailing(text: string, from: number): { start: number; end: number } {
  const newline = text.indexOf('\n', from);
  return { start: from, end: newline < 0 ? text.length : newline };
}

function escapes(text: string): TextFinding[] {
  if (!text.includes('\\')) return [];
  const findings: TextFinding[] = [];
  for (const match of text.matchAll(/\\([nrt])([a-z]{0,14})/g)) {
    const [whole, letter, tail] = match as unknown as [string, string, string];
    if (tail !== '' && (letter !== 'n' || latexWithN.has(letter + tail))) continue;
    const end = match.index + 2;
    const span = { start: match.index, end };
    const isLast = text.slice(end).trim() === '';
    const newText = letter === 't' ? '\t' : isLast ? '' : '\n';
    const title = letter === 't'
      ? l10n.t('Insert a tab')
      : isLast
      ? l10n.t('Remove it: the program ends the prompt by itself')
      : l10n.t('Continue on a new line');
    findings.push({
      code: 'escape-sequence',
      span,
      parts: [whole.slice(0, 2)],
      fixes: [{ title, edits: [{ ...span, end: isLast ? text.length : end, newText }], isPreferred: true }],
    });
    if (findings.length === MAX_OF_A_KIND) break;
  }
  return findings;
}

function strayCharacters(text: string): TextFinding[] {
  const findings: TextFinding[] = [];
  for (const match of text.matchAll(/[\u00a0\u00ad\u200b\u200e\u200f\u2028\u2029\u2060\ufeff]|\p{Surrogate}/gu)) {
    const span = { start: match.index, end: match.index + 1 };
    const name = invisibleNames[match[0]];
    const newText = match[0] === '\u00a0' ? ' ' : '';
    const title = newText === ' ' ? l10n.t('Replace it with a space') : l10n.t('Remove it');
    findings.push({
      code: name === undefined ? 'broken-character' : 'invisible-character',
      span,
      parts: [name?.() ?? ''],
      fixes: [{ title, edits: [{ ...span, newText }], isPreferred: true }],
    });
    if (findings.length === MAX_OF_A_KIND) break;
  }
  return findings;
}

function tokenFindings(shape: PromptShape): TextFinding[] {
  const findings: TextFinding[] = [];
  for (const token of shape.tokens) {
    if (token.kind === 'special') findings.push(typedToken(shape.text, token));
    else if (!token.isExact) findings.push(wrongToken(shape.text, token));
    if (findings.length >= MAX_OF_A_KIND) return findings;
  }
  if (shape.task?.id === 'captionRegion' && shape.form === 'exact') {
    const [top, left, bottom, right] = shape.tokens.filter(token => token.kind === 'loc');
    if (bottom!.value <= top!.value || right!.value <= left!.value) {
      const bins = [
        Math.min(top!.value, bottom!.value),
        Math.min(left!.value, right!.value),
        Math.max(top!.value, bottom!.value),
        Math.max(left!.value, right!.value),
      ];
      const newText = bins.map(bin => locToken(bin)).join('');
      findings.push({
        code: 'box-order',
        span: shape.body,
        parts: [],
        fixes: [{ title: l10n.t('Swap the corners'), edits: [{ ...shape.body, newText }], isPreferred: true }],
      });
    }
  }
  return findings;
}

function typedToken(text: string, token: TokenSpan): TextFinding {
  const end = text[token.end] === ' ' && (token.start === 0 || text[token.start - 1] === ' ')
    ? token.end + 1
    : token.end;
  return {
    code: 'typed-token',
    span: token,
    parts: [text.slice(token.start, token.end)],
    fixes: [{ title: l10n.t('Remove it'), edits: [{ start: token.start, end, newText: '' }], isPreferred: true }],
  };
}

function wrongToken(text: string, token: TokenSpan): TextFinding {
  const isLoc = token.kind === 'loc';
  const isInRange = token.value >= 0 && token.value < (isLoc ? LOC_BINS : SEG_CODES);
  const newText = isLoc ? locToken(token.value) : `<seg${String(token.value).padStart(3, '0')}>`;
  const fixes: TextFix[] = isInRange
    ? [{ title: l10n.t('Write “{0}”', newText), edits: [{ ...token, newText }], isPreferred: true }]
    : [];
  return { code: 'location-token', span: token, parts: [text.slice(token.start, token.end), token.kind], fixes };
}

function locToken(bin: number): string {
  return `<loc${String(bin).padStart(4, '0')}>`;
}

const politeStart =
  /^\s{0,20}(?:(?:please|kindly|hi|hello|hey|dear \w+)\b[,!.]?\s{0,5})+(?:(?:can|could|would|will) you\s{1,5}(?:please\s{1,5})?)?/i;
const requestStart =
  /^\s{0,20}(?:can|could|would|will) you (?:please )?(?=(?:describe|caption|tell|detect|find|segment|read|answer|explain|list|count|show|give|write|identify|help)\b)/i;
const roleStart = /^\s{0,20}(?:system|user|assistant|human|ai)\s?:\s{0,5}/i;
const politeEnd = /,?\s{1,5}(?:please|thanks|thank you)\s?[.!]?\s{0,20}$/i;
const persona =
  /\b(?:you are (?:a|an|the)\s|act as\s|as an ai\b|your task is\b|i want you to\b|i would like you to\b|think step by step|step by step\b)/i;

function wording(text: string): TextFinding[] {
  const head = text.slice(0, WORDING_CHARS);
  const start = politeStart.exec(head) ?? requestStart.exec(head) ?? roleStart.exec(head);
  if (start !== null) {
    const end = start[0].length;
    const fixes: TextFix[] = text.slice(end).trim() === ''
      ? []
      : [{
        title: l10n.t('Remove “{0}”', start[0].trim()),
        edits: [{ start: 0, end, newText: '' }],
        isPreferred: true,
      }];
    const from = start[0].length - start[0].trimStart().length;
    return [{
      code: 'chat-wording',
      span: { start: from, end: Math.max(from, start[0].trimEnd().length) },
      parts: [start[0].trim()],
      fixes,
    }];
  }
  const offset = Math.max(0, text.length - WORDING_CHARS);
  const end = politeEnd.exec(text.slice(offset));
  if (end !== null) {
    const span = { start: offset + end.index, end: text.length };
    const inner = trimSpan(text, span.start, span.end);
    return [{
      code: 'chat-wording',
      span: inner,
      parts: [text.slice(inner.start, inner.end).replace(/^[,\s]+/, '')],
      fixes: [{ title: l10n.t('Remove it'), edits: [{ ...span, newText: '' }], isPreferred: true }],
    }];
  }
  const middle = persona.exec(head);
  return middle === null
    ? []
    : [{
      code: 'chat-wording',
      span: { start: middle.index, end: middle.index + middle[0].trimEnd().length },
      parts: [middle[0].trim()],
    }];
}

function tooLong(shape: PromptShape, facts: CheckpointFacts): TextFinding[] {
  const limit = facts.textLength;
  if (limit === undefined || shape.text.length <= limit) return [];
  const amount = estimateTokens(shape);
  if (amount <= limit) return [];
  return [{
    code: 'prompt-too-long',
    span: trimSpan(shape.text, 0, shape.text.length),
    parts: [String(amount), facts.id, String(limit)],
  }];
}

/**
 * A number of tokens that a text has at least, nearly always: no piece of the Gemma vocabulary spans two words, and
 * pieces longer than eight letters are rare. Location and mask tokens count one each.
 */
export function estimateTokens(shape: Pick<PromptShape, 'text' | 'tokens'>): number {
  let amount = shape.tokens.length;
  let at = 0;
  const words = (from: number, to: number) => {
    for (const word of shape.text.slice(from, to).split(/\s+/)) amount += Math.ceil(word.length / 8);
  };
  for (const token of shape.tokens) {
    words(at, token.start);
    at = token.end;
  }
  words(at, shape.text.length);
  return amount;
}
