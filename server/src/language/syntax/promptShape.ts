/**
 * What a prompt means: task word, language, objects, tokens. Offsets are UTF-16 units of the prompt's text as it is
 * sent.
 */
import { LOC_BINS, SEG_CODES } from '../../../../paligemma/src/facts';
import { isSpace, skipSpace } from './scanner';
import { languageOfCode, taskById, taskOfWord } from '../../../../paligemma/src/tasks';
import type { LanguageInfo, TaskInfo } from '../../../../paligemma/src/tasks';

export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** A piece in angle brackets that means something to the model or to the program. */
export interface TokenSpan extends TextSpan {
  readonly kind: 'loc' | 'seg' | 'special';
  /** Bin or code; NaN for a special token. */
  readonly value: number;
  /** Written as the model knows it: four digits up to 1023, three up to 127. */
  readonly isExact: boolean;
}

/** A label of `detect` or `segment`, without the white space around it; empty between two separators. */
export interface ObjectSpan extends TextSpan {
  readonly text: string;
}

/**
 * How far the prompt has the form of a task: `exact` in full; `partial`: task word, with something missing or too much;
 * `free`: it begins with another word.
 */
export type PromptForm = 'exact' | 'partial' | 'free';

export interface PromptShape {
  readonly text: string;
  /** First and second word; empty spans at the end of the text where there is none. */
  readonly word: TextSpan;
  readonly second: TextSpan;
  /** The task of the first word, spelled exactly. */
  readonly task: TaskInfo | undefined;
  /** The second word where the task takes a language and it is one. */
  readonly language: LanguageInfo | undefined;
  /** Behind the task word and the language, without white space around it. */
  readonly body: TextSpan;
  /** Labels and the semicolons between them; only for tasks that take objects. */
  readonly objects: readonly ObjectSpan[];
  readonly separators: readonly number[];
  readonly tokens: readonly TokenSpan[];
  readonly form: PromptForm;
}

/** Beyond these a prompt is not read in detail: a line of a megabyte must not fill the memory with spans. */
const MAX_OBJECTS = 1000;
const MAX_TOKENS = 5000;

const angleToken = /<(?:(loc|seg)(\d{0,8})|image|bos|eos|pad|unk|start_of_turn|end_of_turn)>/g;

export function readShape(text: string): PromptShape {
  const word = wordAt(text, 0);
  const second = wordAt(text, word.end);
  const tokens = readTokens(text);
  let task = taskOfWord(text.slice(word.start, word.end));
  const begin = text.slice(second.start, Math.min(second.start + 4, second.end));
  if (task?.id === 'caption' && begin !== '' && '<loc'.startsWith(begin)) task = taskById('captionRegion');
  const takesLanguage = task?.parameters[0] === 'language';
  const language = takesLanguage ? languageOfCode(text.slice(second.start, second.end)) : undefined;
  const body = trimSpan(text, language === undefined ? word.end : second.end, text.length);
  const takesObjects = task?.parameters[0] === 'objects';
  const { objects, separators } = takesObjects ? readObjects(text, body) : { objects: [], separators: [] };
  const base = { text, word, second, task, language, body, objects, separators, tokens };
  return { ...base, form: formOf(base) };
}

/** The text of a span. */
export function textOf(shape: { readonly text: string }, span: TextSpan): string {
  return shape.text.slice(span.start, span.end);
}

/** The word that begins behind white space at or after `from`. */
export function wordAt(text: string, from: number): TextSpan {
  const start = skipSpace(text, from);
  let end = start;
  while (end < text.length && !isSpace(text, end)) end++;
  return { start, end };
}

/** A span without the white space at its ends. */
export function trimSpan(text: string, start: number, end: number): TextSpan {
  let from = start;
  let to = end;
  while (from < to && isSpace(text, from)) from++;
  while (to > from && isSpace(text, to - 1)) to--;
  return { start: from, end: to };
}

/** Location, mask and special tokens anywhere in a text. */
export function readTokens(text: string): TokenSpan[] {
  if (!text.includes('<')) return [];
  const tokens: TokenSpan[] = [];
  for (const match of text.matchAll(angleToken)) {
    if (tokens.length === MAX_TOKENS) break;
    const kind = (match[1] ?? 'special') as TokenSpan['kind'];
    const digits = match[2] ?? '';
    const value = kind === 'special' ? Number.NaN : digits === '' ? -1 : Number(digits);
    const isExact = kind === 'special'
      || (kind === 'loc' ? digits.length === 4 && value < LOC_BINS : digits.length === 3 && value < SEG_CODES);
    tokens.push({ kind, value, isExact, start: match.index, end: match.index + match[0].length });
  }
  return tokens;
}

function readObjects(text: string, body: TextSpan): { objects: ObjectSpan[]; separators: number[] } {
  const objects: ObjectSpan[] = [];
  const separators: number[] = [];
  if (body.start === body.end) return { objects, separators };
  let start = body.start;
  for (;;) {
    const separator = text.indexOf(';', start);
    const isLast = separator < 0 || separator >= body.end || objects.length === MAX_OBJECTS - 1;
    const span = trimSpan(text, start, isLast ? body.end : separator);
    objects.push({ ...span, text: text.slice(span.start, span.end) });
    if (isLast) return { objects, separators };
    separators.push(separator);
    start = separator + 1;
  }
}

function formOf(shape: Omit<PromptShape, 'form'>): PromptForm {
  const { task, body } = shape;
  if (task === undefined) return 'free';
  const hasBody = body.end > body.start;
  const needsBody = task.parameters.length === 2 || task.parameters[0] === 'objects' || task.parameters[0] === 'box';
  if (task.parameters[0] === 'language' && shape.language === undefined) return 'partial';
  if (needsBody !== hasBody) return 'partial';
  if (task.id === 'captionRegion') return isBox(shape) ? 'exact' : 'partial';
  return 'exact';
}

function isBox(shape: Omit<PromptShape, 'form'>): boolean {
  const locs = shape.tokens.filter(token => token.kind === 'loc' && token.start >= shape.body.start);
  return locs.length === 4 && locs.every(token => token.isExact) && locs[0]!.start === shape.body.start
    && locs.every((token, index) => index === 0 || locs[index - 1]!.end === token.start)
    && locs[3]!.end === shape.body.end;
}
