/** What the prompt language says to people is in the client's language; what is sent or written stays as it is. */
import * as l10n from '@vscode/l10n';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, test } from 'node:test';
import type { MarkupContent } from 'vscode-languageserver-types';
import { codeActions } from '../../../server/src/language/features/codeActions';
import { codeLenses } from '../../../server/src/language/features/codeLenses';
import { completePrompt, resolveCompletion } from '../../../server/src/language/features/completion';
import { documentLinks } from '../../../server/src/language/features/documentLinks';
import { documentSymbols } from '../../../server/src/language/features/documentSymbols';
import { promptHover } from '../../../server/src/language/features/hover';
import { inlayHints } from '../../../server/src/language/features/inlayHints';
import { signatureHelp } from '../../../server/src/language/features/signatureHelp';
import { diagnosticCodes, type DiagnosticRow } from '../../../server/src/language/findings/diagnosticCodes';
import { diagnose, findAll } from '../../../server/src/language/findings/diagnostics';
import { fixesOf } from '../../../server/src/language/findings/findings';
import { unfitNote } from '../../../server/src/language/findings/fitness';
import { settingKeys } from '../../../server/src/language/syntax/settingKeys';
import { checkpointKinds, languageMeantBy, tasks } from '../../../paligemma/src/tasks';
import { contextWith, demo, done, mix448, parse, parseWithCursor, parseWithRange, pt224 } from './promptSupport';

const german = readFileSync(path.resolve('l10n/bundle.l10n.de.json'), 'utf8');
const speakGerman = () => l10n.config({ contents: german });
const speakEnglish = () => l10n.config({ contents: {} });
afterEach(speakEnglish);

/** The same in English and in German. */
function inBoth<T>(work: () => T): { english: T; german: T } {
  speakEnglish();
  const english = work();
  speakGerman();
  const translated = work();
  speakEnglish();
  return { english, german: translated };
}

const files = {
  'a.png': {},
  'b.png': {},
  'shots/*.png': { uris: ['file:///workspace/prompts/shots/1.png'], isGlob: true, isTruncated: true },
};
const on = (model: string) => contextWith({ files, defaultModel: model });
const known = contextWith({ files, runState: () => done('a cat', { stopReason: 'maxNewTokens' }) });
const everything = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };

test('a diagnostic, a hover and a code action are in German, and in English again afterwards', () => {
  const diagnostic = () => diagnose(parse('@image a.png\ncaption jp'), on(mix448.id))[0]?.message as string;
  const hover = () => {
    const { document, position } = parseWithCursor('caption d|e');
    return (promptHover(document, position, on(demo.id))?.contents as MarkupContent).value;
  };
  const action = () => {
    const { document, range } = parseWithRange('@image a.png\ncap||toin en');
    return codeActions(document, range, { diagnostics: [] }, on(mix448.id))[0]?.title;
  };
  for (let round = 0; round < 2; round++) {
    speakGerman();
    assert.equal(
      diagnostic(),
      '„jp“ ist keiner der 35 Sprachcodes, mit denen PaliGemma trainiert wurde. Meinten Sie „ja“ (Japanisch)?',
    );
    assert.match(hover(), /^\*\*Deutsch\*\*: die Sprache der Antwort\. Eine der 35 Sprachen/);
    assert.equal(action(), '„caption“ schreiben');
    speakEnglish();
    assert.match(
      diagnostic(),
      /^“jp” is not one of the 35 language codes .* Did you mean “ja” \(Japanese\)\?$/,
    );
    assert.match(hover(), /^\*\*German \(Deutsch\)\*\*: the language of the answer\./);
    assert.equal(action(), 'Write “caption”');
  }
});

test('every finding has a German message with all its parts', () => {
  const variants: Readonly<Record<string, readonly (readonly string[])[]>> = {
    'unknown-language': [['xx', ''], ['jp', 'ja', 'X']],
    'missing-text': [['answer', 'x'], ['question', 'x'], ['captionRegion', 'x']],
    'several-objects': [['2', '1'], ['20', '10']],
    'escape-sequence': [['\\n'], ['\\t']],
    'not-for-checkpoint': ['cap', 'region', 'captionLanguage', 'taskLanguage', 'others'].map(
      which => [which, 'a', 'b'],
    ),
    'edge-space': [['start'], ['end'], ['both']],
    'location-token': [['<loc1>', 'loc'], ['<seg1>', 'seg']],
    'joined-line': [['empty'], ['comment'], ['directive'], ['expectation']],
    'missing-value': [['@model'], ['@image'], ['@set'], ['device', 'x']],
    'model-not-installed': [['x', ''], ['x', '6 GB']],
    'image-missing': [['x', 'absolute'], ['x', 'relative']],
    'expectation-failed': [['x', ''], ['x', 'y']],
  };
  for (const [code, row] of Object.entries<DiagnosticRow>(diagnosticCodes)) {
    // These hold nothing but the name of a picture and what a run says.
    if (code === 'run-failed' || code === 'result') continue;
    const said = (variants[code] ?? [['A', 'B', 'C']]).map(parts => inBoth(() => row.message(...parts)));
    for (const both of said) {
      assert.notEqual(both.german, both.english, code);
      assert.doesNotMatch(both.german, /\{\d\}|undefined/, code);
    }
    assert.equal(new Set(said.map(both => both.english)).size, said.length, `${code} has a sentence for each case`);
  }
});

test('the tables of tasks, settings and kinds of models are in German', () => {
  const words = () => [
    ...tasks.flatMap(({ title, does, tip }) => [title(), does(), ...(tip === undefined ? [] : [tip()])]),
    ...settingKeys.flatMap(({ summary, values, expected }) => [
      summary(),
      expected(),
      ...values.map(({ about }) => about()),
    ]),
    ...Object.values(checkpointKinds).map(about => about()),
  ];
  const both = inBoth(words);
  both.english.forEach((text, index) => assert.notEqual(both.german[index], text));
});

/** What each feature shows, one text for each place where it shows one. */
const shown: Readonly<Record<string, () => readonly (string | undefined)[]>> = {
  completion: () =>
    ['|', '@|', '@set |', '@set device |', '@model |', 'caption <|', 'detect |', '@image a.png\nocr\n  |'].flatMap(
      text => {
        const { document, position } = parseWithCursor(text);
        const context = { ...known, labels: ['cup'] };
        return completePrompt(document, position, context).items.flatMap(item => {
          const { documentation } = resolveCompletion(item, context);
          return [item.detail, ...(documentation === undefined ? [] : [(documentation as MarkupContent).value])];
        });
      },
    ),
  hovers: () =>
    [
      'det|ect cup',
      'caption d|e',
      '@im|age a.png',
      '@model google/paligemma2-28b-pt-|224',
      '@model my-own-|model',
      '@set dev|ice cpu',
      '@set device c|pu',
      '@image miss|ing.png',
      '@image shots/*|.png',
      '@image a.png\n"|"',
      'caption <loc0|256><loc0000><loc1023><loc0512>',
      'x <loc|1>',
      'x <seg0|01>',
      '<ima|ge> x',
      'ocr\n  =|> x',
    ].map(text => {
      const { document, position } = parseWithCursor(text);
      const hover = promptHover(document, position, { ...known, mayKnow: () => text.includes('""') });
      assert.ok(hover !== undefined, text);
      return (hover.contents as MarkupContent).value;
    }),
  lenses: () =>
    codeLenses(parse('@image a.png, b.png\nocr\n@image shots/*.png\ncaption en\n  => x'), known).map(lens =>
      lens.command?.title
    ),
  hints: () =>
    [
      ...inlayHints(parse('@image a.png\nocr\n  => a dog\n@image b.png\nocr\n  => x\n  => a cat'), everything, known),
      ...inlayHints(parse('@image a.png\nocr'), everything, { ...known, runState: () => ({ kind: 'queued' }) }),
    ].flatMap(({ label, tooltip }) => [
      // A mark stands alone.
      ...(label === '✓' ? [] : [label as string]),
      ...(tooltip === undefined ? [] : [(tooltip as MarkupContent).value]),
    ]),
  outline: () =>
    documentSymbols(parse('ocr\nfree\n""\n@image a.png, b.png\n@model m')).flatMap(({ name, detail, kind }) =>
      name.includes('b.png') || kind === 12 ? [detail] : [detail, ...(name.includes(' ') ? [name] : [])]
    ),
  links: () => documentLinks(parse(`@image a.png\n@model ${mix448.id}`), known).map(({ tooltip }) => tooltip),
  'signature help': () =>
    ['answer |', 'question |', 'detect |', 'caption |'].flatMap(text => {
      const { document, position } = parseWithCursor(text);
      return (signatureHelp(document, position, known)?.signatures ?? []).flatMap(({ documentation, parameters }) => [
        (documentation as MarkupContent).value,
        ...(parameters ?? []).map(parameter => parameter.documentation as string),
      ]);
    }),
  'notes of fitness': () => [unfitNote('What is this?', { id: 'paligemma2-3b-pt-224', kind: 'pt' })],
};

for (const [feature, texts] of Object.entries(shown)) {
  test(`${feature} leave no text in English`, () => {
    const both = inBoth(texts);
    assert.ok(both.english.length > 0);
    assert.equal(both.german.length, both.english.length);
    both.english.forEach((text, index) => {
      // What is a name or a number in every language has no text.
      if (text !== undefined) assert.notEqual(both.german[index], text);
    });
  });
}

const faulty = [
  'captoin en',
  'Caption en',
  'caption',
  'caption jp',
  'ocr the sign',
  'detect a, b',
  'detect a,',
  'detect a and b',
  'detect a;b',
  'detect a ; ; b',
  'detect a ; a',
  'detect a ; b',
  'What is this?',
  'cap en',
  '<bos>ocr',
  'ocr\\n',
  'a\\nb',
  'a\\tb',
  'Please describe it',
  'describe it, please',
  ' ocr ',
  'caption\u00a0en',
  'caption en\u200b',
  'caption <loc1><loc2><loc3><loc4>',
  'caption <loc0900><loc0002><loc0300><loc0400>',
  'ocr\\',
  'ask\\\n# note',
  'ask\\ \nmore',
  'ocr\n=> x',
  'ocr\nocr',
  '@images a.png\nocr',
  '@set device GPU\nocr',
  '@set device: cpu\nocr',
  '@set device cpu\n@set device auto\nocr',
  '@model google/paligema2-3b-mix-448\nocr',
  '@model google/paligemma2-10b-mix-448\nocr',
  '@image a.png,\nocr',
  '@image "a.png\nocr',
  '@image a\\b.png\nocr',
  '@image a.png\nocr\n  => not this',
];

test('titles of fixes are in German, and what they write is the same in both languages', () => {
  for (const model of [mix448.id, pt224.id, demo.id]) {
    for (const text of faulty) {
      const document = parse(`@image a.png\n${text}`);
      const context = { ...known, defaultModel: model };
      const both = inBoth(() => findAll(parse(`@image a.png\n${text}`), context).flatMap(fixesOf));
      assert.deepEqual(both.german.map(fix => fix.edits), both.english.map(fix => fix.edits), text);
      both.english.forEach((fix, index) => assert.notEqual(both.german[index]?.title, fix.title, text));
      const actions = inBoth(() => codeActions(document, everything, { diagnostics: [] }, context));
      assert.deepEqual(actions.german.map(action => action.edit), actions.english.map(action => action.edit), text);
    }
  }
});

test('what completion writes is the same in both languages', () => {
  for (const text of ['|', '@|', '@set |', 'caption |', 'answer |', '@model |', '@image a.png\nocr\n  |']) {
    const { document, position } = parseWithCursor(text);
    const both = inBoth(() => completePrompt(document, position, known).items.map(({ textEdit }) => textEdit));
    assert.deepEqual(both.german, both.english, text);
  }
});

test('a language is meant by its English and its own name, whatever the client speaks', () => {
  speakGerman();
  assert.deepEqual(['german', 'Deutsch', 'Japanese'].map(name => languageMeantBy(name)?.code), ['de', 'de', 'ja']);
});

test('numbers have the decimal mark of the language', () => {
  const { document, position } = parseWithCursor('@model google/paligemma2-28b-pt-|224');
  const help = inBoth(() => (promptHover(document, position, known)?.contents as MarkupContent).value);
  assert.match(help.english, /55\.3 GB/);
  assert.match(help.german, /55,3 GB/);
});
