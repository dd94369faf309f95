import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InlayHint, MarkupContent } from 'vscode-languageserver-types';
import { codeLenses } from '../../../server/src/language/features/codeLenses';
import type { LanguageContext, RunState } from '../../../server/src/language/knowledge/context';
import {
  acceptResultEdits,
  compareExpectation,
  judge,
  writeExpectation,
} from '../../../server/src/language/knowledge/expectations';
import { inlayHints } from '../../../server/src/language/features/inlayHints';
import { runsOf } from '../../../server/src/language/knowledge/promptRuns';
import { seededRandom } from '../../support/seededRandom';
import { applyEdits, contextWith, done, parse } from './promptSupport';

const all = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };
const files = {
  'a.png': {},
  'b.png': {},
  'shots/*.png': { uris: ['file:///workspace/prompts/shots/1.png', 'file:///workspace/prompts/a.png'], isGlob: true },
};

test('runs in the order of the file, each picture once', () => {
  const document = parse(
    'ocr\n@model m\n@image a.png, shots/*.png, gone.png\n@set max-new-tokens 7\ncaption en\n  => x\n""',
  );
  assert.deepEqual(
    runsOf(document, contextWith({ files })).map(run => [
      run.line,
      run.prompt,
      run.model,
      run.imageUris.map(uri => uri.split('/').at(-1)),
      run.settings,
      run.missing,
      run.hasNoImage,
      run.expectations.length,
    ]),
    [
      [0, 'ocr', undefined, [], {}, [], true, 0],
      [4, 'caption en', 'm', ['a.png', '1.png'], { maxNewTokens: 7 }, ['gone.png'], false, 1],
      [6, '', 'm', ['a.png', '1.png'], { maxNewTokens: 7 }, ['gone.png'], false, 0],
    ],
  );
  assert.deepEqual(runsOf(document, contextWith({ files }), { from: 5, to: 5 }).map(run => run.prompt), ['caption en']);
});

test('expected text must be the same but for white space at its ends', () => {
  assert.equal(compareExpectation('a cat', ' a cat\n'), 'equal');
  assert.equal(compareExpectation('a\nb', 'a\r\nb'), 'equal');
  assert.equal(compareExpectation('', '  '), 'equal');
  for (const [expected, actual] of [['a cat', 'A cat'], ['a cat', 'a  cat'], ['', 'x'], ['x', '']] as const) {
    assert.equal(compareExpectation(expected, actual), 'different');
  }
});

test('boxes may shift by a hair and come in any order', () => {
  const box = (y1: number, x1: number, y2: number, x2: number, label: string) =>
    [y1, x1, y2, x2].map(bin => `<loc${String(bin).padStart(4, '0')}>`).join('') + ` ${label}`;
  const two = `${box(100, 100, 500, 500, 'cup')} ; ${box(600, 0, 900, 1000, 'plate')}`;
  assert.equal(
    compareExpectation(two, `${box(601, 1, 900, 1000, 'plate')} ; ${box(102, 99, 500, 498, 'cup')}`),
    'close',
  );
  assert.equal(
    compareExpectation(two, `${box(100, 100, 500, 500, 'cup')} ; ${box(600, 0, 900, 1000, 'cup')}`),
    'different',
    'another label',
  );
  assert.equal(compareExpectation(two, box(100, 100, 500, 500, 'cup')), 'different', 'one is missing');
  assert.equal(
    compareExpectation(box(100, 100, 500, 500, 'cup'), box(150, 150, 550, 550, 'cup')),
    'different',
    'too far',
  );
  // 400 × 400 against 400 × 360: overlap 0.9 is still close, 0.8975 is not.
  assert.equal(compareExpectation(box(0, 0, 400, 400, 'x'), box(0, 0, 400, 360, 'x')), 'close');
  assert.equal(compareExpectation(box(0, 0, 400, 400, 'x'), box(0, 0, 400, 359, 'x')), 'different');
  const mask = '<seg001>'.repeat(16);
  assert.equal(
    compareExpectation(
      `<loc0000><loc0000><loc0400><loc0400>${mask} x`,
      `<loc0000><loc0000><loc0400><loc0401>${'<seg002>'.repeat(16)} x`,
    ),
    'close',
    'codes differ for the same shape',
  );
  assert.equal(
    compareExpectation(`<loc0000><loc0000><loc0400><loc0400>${mask} x`, box(0, 0, 400, 401, 'x')),
    'different',
    'no mask',
  );
});

test('several expectations are alternatives', () => {
  assert.equal(judge([{ text: 'a' }, { text: 'b' }], 'b'), 'equal');
  assert.equal(judge([{ text: 'a' }, { text: 'b' }], 'c'), 'different');
  assert.equal(judge([], 'c'), undefined);
});

test('an accepted result is read back as the same expectation', () => {
  const random = seededRandom(5);
  const words = ['a', ' ', '\n', '\\', '=>', '#', '@image', '""', '<loc0001>', '\r\n', '😀'];
  for (let round = 0; round < 2000; round++) {
    const suffix = Array.from({ length: random.below(10) }, () => random.pick(words)).join('');
    const document = parse(`p\n${writeExpectation(suffix, '\n')}\nq`);
    assert.deepEqual(document.prompts.map(prompt => prompt.text), ['p', 'q'], JSON.stringify(suffix));
    assert.equal(judge(document.prompts[0]!.expectations, suffix), 'equal', JSON.stringify(suffix));
  }
});

function accepted(text: string, ...suffixes: string[]): string {
  const document = parse(text);
  const context = contextWith({
    files,
    runState: run => {
      const suffix = suffixes[['a.png', 'b.png'].indexOf(run.imageUri.split('/').at(-1) ?? '')];
      return suffix === undefined ? undefined : done(suffix);
    },
  });
  return applyEdits(document, acceptResultEdits(document, document.prompts[0]!, context));
}

test('accepting writes what is not expected yet', () => {
  assert.equal(accepted('@image a.png\nocr', 'x'), '@image a.png\nocr\n  => x');
  assert.equal(accepted('@image a.png\r\nocr\r\n', 'x\ny'), '@image a.png\r\nocr\r\n  => x\\\r\ny\r\n');
  assert.equal(accepted('@image a.png\nocr\n  => x', 'x'), '@image a.png\nocr\n  => x');
  assert.equal(
    accepted('@image a.png\nocr\n  => old\n# kept\n  => older\ncap en', 'new'),
    '@image a.png\nocr\n  => new\n# kept\ncap en',
  );
  assert.equal(accepted('@image a.png, b.png\nocr\n  => x', 'x', 'y'), '@image a.png, b.png\nocr\n  => x\n  => y');
  assert.equal(accepted('@image a.png\nocr', ''), '@image a.png\nocr\n  =>');
});

function hints(text: string, context: LanguageContext): InlayHint[] {
  return inlayHints(parse(text), all, context);
}

const labelsOf = (text: string, context: LanguageContext) =>
  hints(text, context).map(hint => `${hint.position.line}:${hint.position.character} ${hint.label as string}`);
const always = (state: RunState) => contextWith({ files, runState: () => state });

test('results stand at the end of their line, shortened, whole in the tooltip', () => {
  const long = 'In this image we can see '.repeat(20).trim();
  const [hint] = hints('@image a.png\ncaption en', always(done(long)));
  assert.deepEqual(hint?.position, { line: 1, character: 10 });
  assert.ok((hint?.label as string).length < 100 && (hint?.label as string).endsWith('…'));
  assert.ok((hint?.tooltip as MarkupContent).value.includes(long));
  assert.deepEqual(
    labelsOf(
      '@image a.png\ndetect cup',
      always(done('<loc0001><loc0002><loc0003><loc0004> cup ; <loc0001><loc0002><loc0003><loc0005> cup')),
    ),
    ['1:10 → cup ×2'],
  );
  assert.deepEqual(labelsOf('@image a.png\ndetect cup', always(done(''))), ['1:10 → (nothing)']);
  assert.deepEqual(labelsOf('@image a.png\na\\\nb', always(done('x'))), ['2:1 → x']);
  assert.deepEqual(labelsOf('@image a.png\nocr', always(done('abc', { stopReason: 'maxNewTokens' }))), [
    '1:3 → abc (cut off: raise max-new-tokens)',
  ]);
});

test('the hint of a table tells its size and its first cells, and what the file says that an answer is counts', () => {
  const answer = always(done('<table><tr><td>Name</td><td>Age</td></tr><tr><td>Ann</td><td>7</td></tr></table>'));
  assert.deepEqual(labelsOf('@image a.png\ntable', answer), ['1:5 → 2 × 2 cells · Name · Age · Ann · 7']);
  assert.match(labelsOf('@image a.png\n@set show text\ntable', answer)[0] ?? '', /<table>/);
});

test('where the text of a picture may be too small the tooltip says what reads it in parts', () => {
  const tooltipOf = (state: RunState) => (hints('@image a.png\nocr', always(state))[0]?.tooltip as MarkupContent).value;
  assert.match(tooltipOf(done('abc', { advisedTiles: 6 })), /“@set tiles auto” reads it in 6 parts\.$/);
  assert.doesNotMatch(tooltipOf(done('abc')), /tiles/);
});

test('a running prompt shows its text as it grows, a failed one why', () => {
  assert.deepEqual(labelsOf('@image a.png\nocr', always({ kind: 'running', phase: 'prefill', text: '' })), [
    '1:3 → reading the prompt…',
  ]);
  assert.deepEqual(labelsOf('@image a.png\nocr', always({ kind: 'running', phase: 'decode', text: 'EXIT 24' })), [
    '1:3 → EXIT 24 …',
  ]);
  assert.deepEqual(labelsOf('@image a.png\nocr', always({ kind: 'queued' })), ['1:3 → waiting…']);
  assert.deepEqual(labelsOf('@image a.png\nocr', always({ kind: 'failed', message: 'No memory.' })), [
    '1:3 → failed: No memory.',
  ]);
});

test('an edited prompt has no result', () => {
  const context = contextWith({ files, runs: [[{ prompt: 'ocr' }, done('x')]] });
  assert.deepEqual(labelsOf('@image a.png\nocr', context), ['1:3 → x']);
  assert.deepEqual(labelsOf('@image a.png\nocr!', context), []);
});

test('a prompt on several pictures shows one result and how many are done', () => {
  assert.deepEqual(labelsOf('@image a.png, b.png\nocr', always(done('x'))), ['1:3 → a.png: x (+1)']);
  const half = contextWith({
    files,
    runState: run => run.imageUri.endsWith('a.png') ? done('x') : { kind: 'running', phase: 'decode', text: 'y' },
  });
  assert.deepEqual(labelsOf('@image a.png, b.png\nocr', half), ['1:3 → b.png: y … (1 of 2)']);
});

test('an answer that is too long for the line is cut, never the count of pictures behind it', () => {
  const long = 'a blue circle, a red star, a green square and a purple heart on a black background';
  const [label = ''] = labelsOf('@image a.png, b.png\nocr', always(done(long)));
  assert.ok(label.endsWith('… (+1)'), label);
  // The editor cuts hints off behind so many characters.
  assert.ok(label.slice(label.indexOf('→')).length <= 43, label);
});

test('expected or not is visible on the line of the expectation', () => {
  assert.deepEqual(labelsOf('@image a.png\nocr\n  => x', always(done('x'))), ['1:3 → x', '2:6 ✓']);
  assert.deepEqual(labelsOf('@image a.png\nocr\n  => y', always(done('x'))), ['1:3 → x', '2:6 ✗ different']);
  assert.deepEqual(labelsOf('@image a.png\nocr\n  => y\n  => x', always(done('x'))).slice(1), [
    '2:6 · not needed',
    '3:6 ✓',
  ]);
  assert.deepEqual(labelsOf('@image a.png, b.png\nocr\n  => x', always(done('x'))).slice(1), ['2:6 ✓ 2 of 2']);
});

test('hints of the visible lines only, and no look-up where nothing is known', () => {
  const document = parse(`@image a.png\n${'ocr\n'.repeat(100)}`);
  const context = always(done('x'));
  assert.equal(
    inlayHints(document, { start: { line: 10, character: 0 }, end: { line: 19, character: 0 } }, context).length,
    10,
  );
  assert.deepEqual(
    inlayHints(document, all, { ...context, mayKnow: () => false, runState: () => assert.fail('asked') }),
    [],
  );
});

const titles = (text: string, context: LanguageContext) =>
  codeLenses(parse(text), context).map(lens => `${lens.range.start.line} ${lens.command?.title ?? ''}`);

test('lenses: run, run all, pictures, stop, accept', () => {
  assert.deepEqual(titles('# nothing', contextWith({ files })), []);
  assert.deepEqual(titles('@image a.png, b.png\nocr\n\ncaption en', contextWith({ files })), [
    '0 Run All (2 prompts)',
    '1 Run',
    '1 2 images',
    '3 Run',
    '3 2 images',
  ]);
  assert.deepEqual(titles('ocr', contextWith({})), ['0 Run All (1 prompt)', '0 Run']);
  assert.deepEqual(titles('@image a.png\nocr', always({ kind: 'running', phase: 'decode', text: '' })), [
    '0 Run All (1 prompt)',
    '0 Stop All',
    '1 Stop',
    '1 1 image',
  ]);
  assert.deepEqual(titles('@image a.png\nocr', always(done('x'))), [
    '0 Run All (1 prompt)',
    '1 Run',
    '1 1 image',
    '1 Expect this result',
  ]);
  assert.deepEqual(titles('@image a.png\nocr\n  => x', always(done('x'))).slice(2), ['1 1 image · as expected']);
  assert.deepEqual(titles('@image a.png\nocr\n  => y', always(done('x'))).slice(2), [
    '1 1 image · 1 not as expected',
    '1 Accept result as expected',
  ]);
  const one = contextWith({
    files,
    runState: run => run.imageUri.endsWith('a.png') ? done('x') : { kind: 'failed', message: 'no' },
  });
  assert.deepEqual(titles('@image a.png, b.png\nocr', one).slice(2), [
    '1 2 images · 1 result, 1 failed',
    '1 Expect this result',
  ]);
});

test('lenses carry what their commands need', () => {
  const lenses = codeLenses(parse('@image a.png\nocr'), contextWith({ files }));
  assert.deepEqual(lenses.map(lens => [lens.command?.command, lens.command?.arguments]), [
    ['paligemma.runAllPrompts', [{ uri: 'file:///workspace/prompts/test.paligemma' }]],
    ['paligemma.runPrompt', [{ uri: 'file:///workspace/prompts/test.paligemma', line: 1 }]],
    ['paligemma.showImages', [{ uri: 'file:///workspace/prompts/test.paligemma', line: 1 }]],
  ]);
});
