import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodeActionKind } from 'vscode-languageserver-types';
import type { CodeAction } from 'vscode-languageserver-types';
import { FIX_ALL_KIND, wantsKind } from '../../../server/src/language/findings/actionKinds';
import { codeActions } from '../../../server/src/language/features/codeActions';
import { diagnose } from '../../../server/src/language/findings/diagnostics';
import { formatDocument } from '../../../server/src/language/features/formatting';
import { imagePathEdits } from '../../../server/src/language/features/imagePathEdits';
import {
  absolutePath,
  canonicalUri,
  isRemote,
  relativePath,
  resolvePath,
} from '../../../server/src/language/text/paths';
import { createDocument } from '../../../server/src/language/syntax/document';
import { seededRandom } from '../../support/seededRandom';
import { applyEdits, contextWith, documentUri, done, parse, parseWithRange, pt224 } from './promptSupport';

const context = contextWith({ files: { 'a.png': {} } });

function format(text: string, options = {}): string {
  const document = parse(text);
  return applyEdits(document, formatDocument(document, options));
}

test('formatting: objects, indentation, directives, ends of lines', () => {
  assert.equal(format('detect  cup;plate ;  red  fork  '), 'detect cup ; plate ; red  fork');
  assert.equal(format('a\n\t=>   x  \n =>'), 'a\n  => x\n  =>');
  assert.equal(format('  @image   a.png ,b.png,"c, d.png"  '), '@image a.png, b.png, "c, d.png"');
  assert.equal(format('@set  device =  cpu'), '@set device cpu');
  assert.equal(format('@model   x  '), '@model x');
  assert.equal(format('  caption   en  \n   \n# c  '), 'caption en\n\n# c');
  assert.equal(format('  ""  '), '""');
  assert.equal(format('\ufeff  ocr'), '\ufeffocr');
});

test('formatting leaves alone what is meant', () => {
  for (
    const text of [
      '\\  literal ;x  ',
      'answer en  What? choose from: a \t b',
      'a\\\n  b\\\n c',
      'ask\\ ',
      '  \\frac',
      '@set colour   red',
      'detect a ;; b',
      'detect ;',
    ]
  ) {
    assert.equal(format(text), text, text);
  }
});

test('formatting ends a file with the final line that the client asks for', () => {
  assert.equal(format('ocr', { insertFinalNewline: true }), 'ocr\n');
  assert.equal(format('a\r\nocr', { insertFinalNewline: true }), 'a\r\nocr\r\n');
  assert.equal(format('ocr\n\n\n', { trimFinalNewlines: true }), 'ocr\n');
  assert.equal(format('ocr\n', { trimFinalNewlines: true, insertFinalNewline: true }), 'ocr\n');
});

test('formatting twice changes nothing more, and prompts keep what they say', () => {
  const random = seededRandom(9);
  const words = [
    'detect',
    'caption',
    ' ',
    '  ',
    ';',
    'cup',
    'en',
    '\n',
    '\\',
    '\\\n',
    '=>',
    '  => ',
    '#',
    '@image a,b',
    '@set ',
    '""',
    '"',
    '\t',
    '\r\n',
    '\ufeff',
    'é',
  ];
  const said = (text: string) =>
    parse(text).prompts.map(prompt =>
      prompt.isLiteral ? prompt.text : prompt.text.replace(/\s*;\s*/g, ';').replace(/\s+/g, ' ').trim()
    );
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: random.below(25) }, () => random.pick(words)).join('');
    const once = format(text);
    assert.equal(format(once), once, JSON.stringify(text));
    assert.deepEqual(said(once), said(text), JSON.stringify(text));
    const expected = (source: string) =>
      parse(source).prompts.map(prompt => prompt.expectations.map(expectation => expectation.text));
    assert.deepEqual(expected(once), expected(text), JSON.stringify(text));
  }
});

test('a range formats its lines only', () => {
  const document = parse('detect a;b\ndetect c;d\ndetect e;f');
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 5 } };
  assert.equal(applyEdits(document, formatDocument(document, {}, range)), 'detect a;b\ndetect c ; d\ndetect e;f');
});

function actions(
  text: string,
  only?: readonly string[],
  given = context,
): { list: CodeAction[]; apply: (title: string | RegExp) => string } {
  const { document, range } = parseWithRange(text);
  const list = codeActions(document, range, {
    diagnostics: diagnose(document, given),
    ...(only === undefined ? {} : { only }),
  }, given);
  const apply = (title: string | RegExp) => {
    const action = list.find(candidate =>
      typeof title === 'string' ? candidate.title === title : title.test(candidate.title)
    );
    assert.ok(action !== undefined, `no ${title}: ${list.map(other => other.title).join(', ')}`);
    return applyEdits(document, action.edit?.changes?.[document.uri] ?? []);
  };
  return { list, apply };
}

test('quick fixes name the diagnostic that they solve', () => {
  const { list, apply } = actions('@image a.png\ncap||toin en\ndetct cup');
  assert.deepEqual(
    list.map(action => [
      action.title,
      action.kind,
      action.isPreferred,
      action.diagnostics?.map(diagnostic => diagnostic.code),
    ]),
    [
      ['Write “caption”', CodeActionKind.QuickFix, true, ['misspelled-task']],
    ],
  );
  assert.equal(apply('Write “caption”'), '@image a.png\ncaption en\ndetct cup');
});

test('"fix all" takes the slips of form, not the matters of meaning', () => {
  const text =
    '@image a.png|\n|detect a,b\nDetect c;d \n<image>ocr\ncaptoin en\ndetect a and b\nsegment the man on the left, in the red jacket';
  const fixed =
    '@image a.png\ndetect a ; b\ndetect c ; d\nocr\ncaptoin en\ndetect a and b\nsegment the man on the left, in the red jacket';
  const { list, apply } = actions(text, [CodeActionKind.SourceFixAll]);
  assert.deepEqual(list.map(action => action.kind), [FIX_ALL_KIND]);
  assert.equal(apply(/^Fix all/), fixed);
  assert.equal(
    actions('@image a.png\n||detect a,b\nocr', [FIX_ALL_KIND]).apply(/^Fix the slip/),
    '@image a.png\ndetect a ; b\nocr',
  );
  assert.deepEqual(actions('||ocr', [FIX_ALL_KIND]).list, []);
});

test('only actions of the kind that is asked for are offered', () => {
  assert.deepEqual(actions('@image a.png\n|caption EN|', [CodeActionKind.Refactor]).list, []);
  assert.ok(
    actions('@image a.png\n|caption EN|', [CodeActionKind.QuickFix]).list.every(action =>
      action.kind === CodeActionKind.QuickFix
    ),
  );
});

test('rewrites split prompts, join them, and expect their results', () => {
  assert.equal(
    actions('@image a.png\n||detect a ; b').apply('Split into one prompt for each object'),
    '@image a.png\ndetect a\ndetect b',
  );
  assert.equal(
    actions('@image a.png\n|detect a\ndetect b ; a|').apply('Join into one prompt'),
    '@image a.png\ndetect a ; b',
  );
  const known = contextWith({ files: { 'a.png': {} }, runState: () => done('x') });
  assert.equal(
    actions('@image a.png\n||ocr', undefined, known).apply('Expect this result from now on'),
    '@image a.png\nocr\n  => x',
  );
  assert.equal(
    actions('@image a.png\n|ocr\nocr me|', undefined, known).apply('Expect the results of these prompts from now on'),
    '@image a.png\nocr\n  => x\nocr me\n  => x',
  );
});

test('clients without lenses run prompts by an action', () => {
  const plain = { ...context, client: { ...context.client, codeLenses: false } };
  assert.deepEqual(
    actions('@image a.png\n||ocr', undefined, plain).list.map(
      action => [action.title, action.command?.command, action.command?.arguments],
    ),
    [
      ['Run this prompt', 'paligemma.runPrompt', [{ uri: documentUri, line: 1 }]],
      ['Run all prompts in this file', 'paligemma.runAllPrompts', [{ uri: documentUri }]],
    ],
  );
  assert.deepEqual(actions('@image a.png\n||ocr').list, []);
});

test('a fix may choose another model', () => {
  assert.equal(
    actions(`@model ${pt224.id}\n@image a.png\n||hmm`).apply('Use google/paligemma2-3b-mix-224'),
    '@model google/paligemma2-3b-mix-224\n@image a.png\nhmm',
  );
});

function moved(value: string, renames: readonly [string, string][], uri = documentUri): string {
  const document = createDocument(uri, 1, `@image ${value}`);
  return applyEdits(document, imagePathEdits(document, renames.map(([oldUri, newUri]) => ({ oldUri, newUri })))).slice(
    '@image '.length,
  );
}

test('paths follow renamed files and folders', () => {
  const base = 'file:///workspace/prompts';
  assert.equal(moved('a.png, b.png', [[`${base}/a.png`, `${base}/new/c.png`]]), 'new/c.png, b.png');
  assert.equal(moved('./a.png', [[`${base}/a.png`, `${base}/c.png`]]), './c.png');
  assert.equal(moved('../pics/a.png', [['file:///workspace/pics', 'file:///workspace/common']]), '../common/a.png');
  assert.equal(
    moved('photos/*.png, photos/a.png', [[`${base}/photos`, `${base}/pictures`]]),
    'pictures/*.png, pictures/a.png',
  );
  assert.equal(moved('photos/**/x?.png', [[`${base}/photos`, 'file:///workspace/pics']]), '../pics/**/x?.png');
  assert.equal(moved('photo[1].jpg', [[`${base}/photo%5B1%5D.jpg`, `${base}/b.jpg`]]), 'b.jpg');
  assert.equal(moved('a.png', [[`${base}/a.png`, `${base}/x%2C%20y%20%231.png`]]), '"x, y #1.png"');
  assert.equal(moved('"a.png"', [[`${base}/a.png`, `${base}/b.png`]]), '"b.png"');
  assert.equal(moved('/abs/a.png', [['file:///abs', 'file:///other']]), '/other/a.png');
  assert.equal(moved('other.png, *.png', [[`${base}/a.png`, `${base}/c.png`]]), 'other.png, *.png');
  assert.equal(moved('photos2/a.png', [[`${base}/photos`, `${base}/x`]]), 'photos2/a.png');
});

test('pages stay behind a document that is renamed', () => {
  const base = 'file:///workspace/prompts';
  assert.equal(
    moved('a.pdf#page=2-5, docs/b.tif#page=2, a.png#page=2', [
      [`${base}/a.pdf`, `${base}/new/c.pdf`],
      [`${base}/docs`, `${base}/scans`],
      [`${base}/a.png`, `${base}/d.png`],
    ]),
    'new/c.pdf#page=2-5, scans/b.tif#page=2, a.png#page=2',
  );
});

test('paths follow the prompt file when it moves', () => {
  assert.equal(
    moved('a.png, ../top.png, /abs.png, sub/*.png', [[documentUri, 'file:///workspace/archive/old/test.paligemma']]),
    '../../prompts/a.png, ../../top.png, /abs.png, ../../prompts/sub/*.png',
  );
  assert.equal(moved('*.png', [[documentUri, 'file:///workspace/prompts/deep/test.paligemma']]), '../*.png');
  assert.equal(
    moved('a.png', [['file:///workspace/prompts', 'file:///workspace/renamed']]),
    'a.png',
    'both move together',
  );
});

test('Windows paths follow renamed files', () => {
  const uri = 'file:///c%3A/workspace/test.paligemma';
  assert.equal(
    moved('pics\\a.png', [['file:///c:/workspace/pics/a.png', 'file:///c%3A/workspace/new/b.png']], uri),
    'new/b.png',
  );
  assert.equal(moved('a.png', [['file:///C:/workspace/a.png', 'file:///d:/b.png']], uri), 'd:/b.png');
  assert.equal(resolvePath(uri, 'C:\\pics\\a b.png'), 'file:///C%3A/pics/a%20b.png');
  assert.equal(resolvePath(uri, '..\\a.png'), 'file:///c%3A/a.png');
  assert.equal(absolutePath('file:///c%3A/a%20b.png'), 'c:/a b.png');
  assert.equal(canonicalUri('file:///C%3A/a.png'), canonicalUri('file:///c:/a.png'));
});

test('paths of another machine lead nowhere, unless the document itself lies there', () => {
  const uri = 'file:///c%3A/workspace/test.paligemma';
  const there = 'file://server/share/prompts/test.paligemma';
  for (const path of ['\\\\server\\share\\a.png', '//server/share/a.png', 'file://server/share/a.png']) {
    assert.equal(resolvePath(uri, path), undefined, path);
    assert.equal(resolvePath('untitled:Untitled-1', path), undefined, path);
    assert.equal(resolvePath(there, path), 'file://server/share/a.png', path);
    assert.equal(resolvePath(there, path.replace('server', 'evil')), undefined, path);
  }
  assert.equal(resolvePath(there, '../a.png'), 'file://server/share/a.png');
});

test('a path of a prompt file becomes the URI that it means', () => {
  assert.equal(resolvePath(documentUri, 'a #1 50%.png'), 'file:///workspace/prompts/a%20%231%2050%25.png');
  assert.equal(resolvePath(documentUri, './x/../../y.png'), 'file:///workspace/y.png');
  assert.equal(resolvePath(documentUri, '/abs/猫.png'), 'file:///abs/%E7%8C%AB.png');
  assert.equal(resolvePath('untitled:Untitled-1', 'a.png'), undefined);
  assert.equal(resolvePath('untitled:Untitled-1', '/a.png'), 'file:///a.png');
  assert.equal(resolvePath('vscode-vfs://github/o/r/x.paligemma', 'a.png'), 'vscode-vfs://github/o/r/a.png');
  assert.equal(resolvePath(documentUri, '\ud83d.png'), 'file:///workspace/prompts/%EF%BF%BD.png');
  assert.equal(resolvePath(documentUri, 'https://x/y.png'), undefined);
  assert.deepEqual(['https://x', 'data:x', 'C:\\x', 'a.png', 'file:///x'].map(isRemote), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.equal(relativePath(documentUri, 'file:///workspace/prompts/a%20b/c.png'), 'a b/c.png');
  assert.equal(relativePath(documentUri, 'file:///c.png'), '../../c.png');
  assert.equal(canonicalUri('file:///a%ZZ'), 'file:///a%ZZ');
});

test('a kind of action is asked for by its own name, and by those that it lies below', () => {
  for (const only of [undefined, [''], ['source'], ['source.fixAll'], [FIX_ALL_KIND]]) {
    assert.ok(wantsKind(only, FIX_ALL_KIND), String(only));
  }
  for (const only of [[], ['source.fixAll.eslint'], ['source.fix'], ['quickfix']]) {
    assert.ok(!wantsKind(only, FIX_ALL_KIND), String(only));
  }
});
