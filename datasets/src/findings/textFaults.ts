/** Characters, typed tokens and ends of a text, whatever it says. */
import * as l10n from '@vscode/l10n';
import type { TextFault } from './lineReport';

export type TextRole = 'prefix' | 'suffix';

export function* textFaults(text: string, role: TextRole): Iterable<TextFault> {
  yield* characterFaults(text);
  yield* typedTokens(text, role);
  yield* role === 'prefix' ? prefixEdges(text) : suffixEdges(text);
}

/** Any of those below: nearly every text has none. */
const unusual =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]|\p{Surrogate}/u;
/** TAB and new line are usual in answers: tables, music. */
const control = /\r\n|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const half = /\p{Surrogate}/gu;
/** Marks of direction that embed, override or isolate, and what has no width. Joiners are letters' own business. */
const invisible = /[\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

function* characterFaults(text: string): Iterable<TextFault> {
  if (!unusual.test(text)) return;
  for (const { 0: raw, index } of text.matchAll(control)) {
    const isWindowsEnd = raw.length > 1;
    yield {
      code: 'control-character',
      from: index,
      to: index + 1,
      parts: [codePoint(raw)],
      ...(isWindowsEnd
        ? { fix: { title: l10n.t('Remove it'), edits: [{ from: index, to: index + 1, text: '' }] } }
        : {}),
    };
  }
  for (const { 0: raw, index } of text.matchAll(half)) {
    yield { code: 'broken-character', from: index, to: index + 1, parts: [codePoint(raw)] };
  }
  for (const { 0: raw, index } of text.matchAll(invisible)) {
    yield { code: 'invisible-character', from: index, to: index + 1, parts: [codePoint(raw)] };
  }
}

function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Tokens that the trainer's processor writes. Source: `tokenizer_config.json` of the published checkpoints. */
const typed = /<(?:image|bos|eos|pad|unk|start_of_turn|end_of_turn)>/g;

function* typedTokens(text: string, role: TextRole): Iterable<TextFault> {
  if (!text.includes('<')) return;
  for (const { 0: token, index } of text.matchAll(typed)) {
    const end = index + token.length;
    yield {
      code: token === '<image>' && role === 'suffix' ? 'image-token' : 'typed-token',
      from: index,
      to: end,
      parts: [token],
      fix: { title: l10n.t('Remove it'), edits: [{ ...withBlank(text, index, end), text: '' }] },
    };
  }
}

/** The token, with one of the blanks on its two sides: the words around it stay apart, and no blank is left at an end. */
function withBlank(text: string, from: number, to: number): { readonly from: number; readonly to: number } {
  const [before, behind] = [text[from - 1], text[to]];
  if (behind === ' ' && (before === ' ' || before === undefined)) return { from, to: to + 1 };
  return { from: before === ' ' && behind === undefined ? from - 1 : from, to };
}

function* prefixEdges(text: string): Iterable<TextFault> {
  const [start, end] = edges(text);
  const title = l10n.t('Remove the white space');
  if (start > 0) {
    yield { code: 'edge-blank', from: 0, to: start, parts: ['prefix'], fix: { title, edits: [cut(0, start)] } };
  }
  if (end < text.length) {
    const isLine = text.includes('\n', end);
    const code = isLine ? 'prefix-newline' : 'edge-blank';
    const edits = [cut(end, text.length)];
    yield { code, from: end, to: text.length, parts: ['prefix'], fix: { title, edits } };
  }
  const newline = text.indexOf('\n', start);
  if (newline >= 0 && newline < end) yield { code: 'newline-in-prefix', from: newline, to: newline + 1 };
}

function* suffixEdges(text: string): Iterable<TextFault> {
  if (text === '') yield { code: 'empty-suffix', from: 0, to: 0 };
  const [start, end] = edges(text);
  const title = l10n.t('Remove the white space');
  if (start > 0) {
    const edits = [cut(0, start)];
    yield { code: 'edge-blank', from: 0, to: start, parts: ['suffix', 'start'], fix: { title, edits } };
  }
  if (end < text.length) {
    const edits = [cut(end, text.length)];
    yield { code: 'edge-blank', from: end, to: text.length, parts: ['suffix', 'end'], fix: { title, edits } };
  }
}

/** Where the text begins and ends without white space; of nothing else all of it stands at the start. */
function edges(text: string): readonly [start: number, end: number] {
  const start = text.length - text.trimStart().length;
  return [start, start === text.length ? text.length : text.trimEnd().length];
}

function cut(from: number, to: number): { readonly from: number; readonly to: number; readonly text: string } {
  return { from, to, text: '' };
}
