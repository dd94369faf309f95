/** Everything on random files and random places: nothing throws, and every range lies in the file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeActions } from '../../../server/src/language/features/codeActions';
import { codeLenses } from '../../../server/src/language/features/codeLenses';
import { completePrompt, resolveCompletion } from '../../../server/src/language/features/completion';
import type { LanguageContext } from '../../../server/src/language/knowledge/context';
import { diagnose } from '../../../server/src/language/findings/diagnostics';
import { changeDocument, documentText } from '../../../server/src/language/syntax/document';
import type { PromptDocument } from '../../../server/src/language/syntax/document';
import { documentLinks } from '../../../server/src/language/features/documentLinks';
import { documentSymbols } from '../../../server/src/language/features/documentSymbols';
import { encodePositions } from '../../../server/src/language/text/encoding';
import { foldingRanges } from '../../../server/src/language/features/folding';
import { formatDocument } from '../../../server/src/language/features/formatting';
import { promptHover } from '../../../server/src/language/features/hover';
import { imagePathEdits } from '../../../server/src/language/features/imagePathEdits';
import { inlayHints } from '../../../server/src/language/features/inlayHints';
import { selectionRanges } from '../../../server/src/language/features/selectionRanges';
import { semanticTokens } from '../../../server/src/language/features/semanticTokens';
import { signatureHelp } from '../../../server/src/language/features/signatureHelp';
import { seededRandom } from '../../support/seededRandom';
import { applyEdits, contextWith, demo, done, parse, pt224 } from './promptSupport';

const words = [
  'caption',
  'Caption',
  'cap',
  'describe',
  'ocr',
  'answer',
  'question',
  'detect',
  'segment',
  ' en',
  ' jp',
  ' EN',
  ' cup',
  ' ; ',
  ';',
  ', ',
  ' and ',
  '<loc0001>',
  '<loc5>',
  '<seg001>',
  '<image>',
  '<loc',
  '\n',
  '\n',
  '\n',
  '\r\n',
  '\r',
  '\\',
  '\\\n',
  '""',
  '"',
  "'",
  '# c',
  '@image ',
  '@image a.png, *.png, ',
  '@model ',
  '@model google/paligemma2-3b-pt-224',
  '@set ',
  '@set device cpu',
  '@set device = x',
  '  => ',
  '  => x',
  '=>',
  '@huh',
  ' ',
  '\t',
  '\ufeff',
  '\u200b',
  '\ud83d',
  '😀',
  'é',
  '中',
  'Please ',
  'what is this?',
  '\\n',
  '\\frac',
  '{',
  '}',
  '[',
  ']',
  '*',
  'https://x',
  'C:\\a.png',
  '# region',
  '# endregion',
];

const contexts: readonly LanguageContext[] = [
  contextWith({
    files: { 'a.png': {} },
    labels: ['cup', 'a;b', ''],
    imageFiles: [{ uri: 'file:///workspace/prompts/a.png' }, { uri: 'file:///odd%20%23/b,c.png' }],
    runState: () => done('<loc0001><loc0002><loc0300><loc0400> cup\n\\'),
  }),
  contextWith({
    defaultModel: pt224.id,
    images: () => undefined,
    client: { snippets: false, markdown: false, inlayHints: false, codeLenses: false },
  }),
  contextWith({
    defaultModel: demo.id,
    images: () => ({ uris: ['file:///b.png', 'file:///c.png'], isGlob: true }),
    runState: run =>
      run.imageUri.endsWith('b.png')
        ? { kind: 'running', phase: 'decode', text: '<loc0001' }
        : { kind: 'failed', message: '`no`' },
  }),
];

/** Every `{start, end}` anywhere in a value. */
function checkRanges(document: PromptDocument, value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) return;
  if ('line' in value && 'character' in value && Object.keys(value).length === 2) {
    const { line, character } = value as { line: number; character: number };
    const text = document.lines[line]?.text;
    assert.ok(
      text !== undefined && character >= 0 && character <= text.length,
      `${what}: ${line}:${character} in ${JSON.stringify(documentText(document))}`,
    );
  }
  for (const [key, entry] of Object.entries(value)) {
    if (key !== 'data' && key !== 'arguments') checkRanges(document, entry, what);
  }
}

test('every feature takes every file', () => {
  const random = seededRandom(2024);
  for (let round = 0; round < 700; round++) {
    const document = parse(Array.from({ length: random.below(30) }, () => random.pick(words)).join(''));
    const context = random.pick(contexts);
    const line = random.below(document.lines.length);
    const position = { line, character: random.below((document.lines[line]?.text.length ?? 0) + 1) };
    const range = { start: { line: Math.max(0, line - 1), character: 0 }, end: position };
    const list = completePrompt(document, position, context);
    const results: Record<string, unknown> = {
      completion: list.items,
      hover: promptHover(document, position, context),
      signature: signatureHelp(document, position, context),
      diagnostics: diagnose(document, context),
      lenses: codeLenses(document, context),
      hints: inlayHints(document, { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } }, context),
      symbols: documentSymbols(document),
      links: documentLinks(document, context),
      selection: selectionRanges(document, [position]),
      format: formatDocument(document, { insertFinalNewline: true, trimFinalNewlines: true }),
      actions: codeActions(document, range, { diagnostics: [] }, context),
      renames: imagePathEdits(document, [{ oldUri: 'file:///workspace/prompts', newUri: 'file:///elsewhere' }, {
        oldUri: 'file:///workspace/prompts/a.png',
        newUri: 'file:///b, c.png',
      }]),
    };
    for (const [what, value] of Object.entries(results)) checkRanges(document, value, what);
    for (const item of list.items.slice(0, 20)) resolveCompletion(item, context);
    for (const fold of foldingRanges(document)) {
      assert.ok(fold.startLine < fold.endLine && fold.endLine < document.lines.length);
    }
    const data = semanticTokens(document, context);
    assert.ok(data.length % 5 === 0 && data.every(number => Number.isInteger(number) && number >= 0));
    encodePositions(results, document.lines, 'utf-8');
  }
});

test('every edit of every action can be applied, and selections nest', () => {
  const random = seededRandom(77);
  for (let round = 0; round < 400; round++) {
    const document = parse(Array.from({ length: random.below(25) }, () => random.pick(words)).join(''));
    const context = random.pick(contexts);
    const whole = { start: { line: 0, character: 0 }, end: { line: document.lines.length - 1, character: 0 } };
    for (const action of codeActions(document, whole, { diagnostics: [] }, context)) {
      applyEdits(document, action.edit?.changes?.[document.uri] ?? []);
    }
    for (const action of codeActions(document, whole, { diagnostics: [], only: ['source.fixAll'] }, context)) {
      applyEdits(document, action.edit?.changes?.[document.uri] ?? []);
    }
    applyEdits(document, imagePathEdits(document, [{ oldUri: 'file:///workspace/prompts', newUri: 'file:///x' }]));
  }
});

test('typing a file letter by letter', () => {
  const text =
    '# k\n@model google/paligemma2-3b-mix-448\n@image photos/*.jpg, "a, b.png"\n@set max-new-tokens 64\n\ncaption en\ndetect cup ; plate\n  => <loc0001><loc0002><loc0003><loc0004> cup\n""\n\\# x\nQuestion: a?\\\nAnswer:\n';
  const context = contexts[0]!;
  let document = parse('');
  for (const letter of text) {
    const end = { line: document.lines.length - 1, character: document.lines.at(-1)?.text.length ?? 0 };
    document = changeDocument(document, [{ range: { start: end, end }, text: letter }], document.version + 1);
    const position = { line: document.lines.length - 1, character: document.lines.at(-1)?.text.length ?? 0 };
    checkRanges(document, [
      completePrompt(document, position, context).items,
      diagnose(document, context),
      promptHover(document, position, context),
      signatureHelp(document, position, context),
    ], letter);
  }
  assert.equal(documentText(document), text);
});

test('lines of a megabyte do not hang any feature', () => {
  const million = 1_000_000;
  const context = contexts[0]!;
  const pieces = [
    'x',
    'x ',
    ' ',
    ';',
    '; a',
    ',',
    ' and ',
    '<loc0001>',
    '<',
    '\\',
    '\\n',
    '"',
    '[',
    '{a,',
    '\ud83d',
    '*',
    '`',
    'please ',
    "'",
    '=',
  ];
  const prefixes = ['', 'detect ', '@image ', 'answer ', '@model ', '@set device ', '  => ', '@'];
  for (const [number, piece] of pieces.entries()) {
    // Every piece behind the three that split their text, and behind the others by turns.
    for (const prefix of [...prefixes.slice(0, 3), prefixes[3 + number % 5]!]) {
      const document = parse(`${prefix}${piece.repeat(million / piece.length)}\nocr`);
      const started = performance.now();
      diagnose(document, context);
      for (const character of [0, 8, million / 2]) {
        const position = { line: 0, character };
        promptHover(document, position, context);
        signatureHelp(document, position, context);
        completePrompt(document, position, context);
        selectionRanges(document, [position]);
      }
      semanticTokens(document, context);
      formatDocument(document, {});
      documentSymbols(document);
      documentLinks(document, context);
      codeActions(
        document,
        { start: { line: 0, character: 0 }, end: { line: 0, character: 5 } },
        { diagnostics: [] },
        context,
      );
      const elapsed = performance.now() - started;
      assert.ok(elapsed < 5000, `${prefix}${piece}…: ${Math.round(elapsed)} ms`);
    }
  }
});
