import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../../paligemma/src/failures';
import { modelTable } from '../../../../server/src/cli/models/modelTables';
import {
  answerFaults,
  answerLines,
  escapeLine,
  jsonFailure,
  jsonLine,
  regionLines,
  textFailure,
  textLine,
} from '../../../../server/src/cli/terminal/output';
import { runResult } from '../../../support/results';
import { OverlayNames } from '../../../../server/src/cli/pictures/overlayNames';
import type { ModelInfo } from '../../../../server/src/contract/protocol';

const result = runResult({
  model: 'paligemma2-3b-mix-448',
  prompt: 'segment cup',
  suffix: '<loc0000><seg000> cup',
  regions: [{ label: 'cup', box: { x1: 0, y1: 1.5, x2: 2, y2: 3 }, mask: { width: 40, height: 30, png: 'AAAA' } }, {
    label: '',
    box: { x1: 0, y1: 0, x2: 1, y2: 1 },
  }],
  text: '',
  timings: { loadMs: 1, imageMs: 2, visionMs: 3, prefillMs: 4, decodeMs: 5, tokens: 2 },
  fromStore: true,
});

test('JSON has exactly the documented fields, in their order', () => {
  assert.equal(
    jsonLine('../a.png', result),
    '{"image":"../a.png","widthPx":40,"heightPx":30,"model":"paligemma2-3b-mix-448","device":"cpu","prompt":"segment cup","suffix":"<loc0000><seg000> cup",'
      + '"tokenIds":[5,6],"stopReason":"eos","regions":[{"label":"cup","box":{"x1":0,"y1":1.5,"x2":2,"y2":3},"mask":{"width":40,"height":30,"png":"AAAA"}},{"label":"","box":{"x1":0,"y1":0,"x2":1,"y2":1}}],'
      + '"timings":{"loadMs":1,"imageMs":2,"visionMs":3,"prefillMs":4,"decodeMs":5,"tokens":2},"answer":{"kind":"text"}}',
  );
});

test('one line, whatever is in it', () => {
  const line = jsonLine('a\nb.png', { ...result, suffix: 'x\ny\u2028z' });
  assert.equal(line.split('\n').length, 1);
  assert.equal((JSON.parse(line) as { image: string }).image, 'a\nb.png');
});

test('text: the suffix alone, or behind its path', () => {
  assert.equal(textLine('a.png', { ...result, suffix: 'a cup' }, false), 'a cup');
  assert.equal(textLine('a.png', { ...result, suffix: 'a cup' }, true), 'a.png\ta cup');
  assert.equal(textLine('a.png', { ...result, suffix: '' }, true), 'a.png\t');
});

test('for a person regions are columns: label, left, top, right, bottom; then what else was said', () => {
  const regions = [
    { label: 'cup', box: { x1: 0.4, y1: 1.5, x2: 120, y2: 33 } },
    { label: 'red\u001b plate', box: { x1: 1000, y1: 2, x2: 1023.6, y2: 4 } },
    { label: '', box: { x1: 1, y1: 2, x2: 3, y2: 4 } },
  ];
  const answer = { ...result, regions, text: '<loc0001> half' };
  const lines = [
    'cup                 0     2   120    33',
    'red\\u001b plate  1000     2  1024     4',
    '-                   1     2     3     4',
    '<loc0001> half',
  ];
  assert.deepEqual(regionLines('a.png', answer, false), lines);
  assert.deepEqual(regionLines('a\n.png', answer, true), lines.map(line => `a\\n.png  ${line}`));
  const empty = { ...result, regions: [], text: '' };
  assert.deepEqual(regionLines('a.png', { ...empty, suffix: 'no cup' }, false), ['no cup']);
  assert.deepEqual(regionLines('a.png', { ...empty, suffix: ' ' }, true), ['a.png  nothing found']);
});

test('control characters and backslashes are escaped so that JSON reads them back; quotes and other letters stay', () => {
  assert.equal(escapeLine('a\nb\tc\\d\u001b[0m\u007f "e" ü 😀'), 'a\\nb\\tc\\\\d\\u001b[0m\\u007f "e" ü 😀');
  for (const text of ['', '\\n', '\n', '\r\n\t\b\f\u0000\u001f\u007f', 'plain', 'ends with \\']) {
    assert.equal(JSON.parse(`"${escapeLine(text)}"`), text);
  }
});

test('failures carry code, kind and sentence; the picture where there is one', () => {
  const failure = new Failure('imageMissing', 'There is no picture at a.png. Check the path.');
  assert.equal(
    jsonFailure('a.png', failure),
    '{"image":"a.png","error":{"code":1001,"kind":"user","message":"There is no picture at a.png. Check the path."}}',
  );
  assert.equal(
    jsonFailure(undefined, failure),
    '{"error":{"code":1001,"kind":"user","message":"There is no picture at a.png. Check the path."}}',
  );
  assert.equal(
    textFailure('a.png', failure),
    'paligemma: a.png: There is no picture at a.png. Check the path. (error 1001)',
  );
  assert.equal(
    textFailure(undefined, failure),
    'paligemma: There is no picture at a.png. Check the path. (error 1001)',
  );
});

test('drawn pictures never take the name of a source, nor the same name twice', () => {
  const names = new OverlayNames();
  assert.deepEqual(['/x/a.png', '/y/a.jpg', '/z/A.png', '/x/.hidden', '/x/b'].map(file => names.next(file)), [
    'a.overlay.png',
    'a-2.overlay.png',
    'A-3.overlay.png',
    '.hidden.overlay.png',
    'b.overlay.png',
  ]);
});

test('the table of models is aligned, and tells below a model why it cannot be used', () => {
  const models: ModelInfo[] = [
    {
      id: 'paligemma2-3b-mix-448',
      kind: 'mix',
      isInstalled: true,
      path: '/m/a',
      resolutionPx: 448,
      bytes: 6.07e9,
      converted: ['f32', 'int4'],
    },
    {
      id: 'b',
      kind: 'unknown',
      isInstalled: true,
      path: '/m/b',
      bytes: 8.5e6,
      converted: [],
      problem: 'Its config.json cannot be read as JSON; copy the file again.',
    },
  ];
  assert.deepEqual(modelTable(models), [
    'paligemma2-3b-mix-448  mix      448 px  6.1 GB  f32,int4  /m/a',
    'b                      unknown  ?       8.5 MB  -         /m/b',
    '  cannot be used: Its config.json cannot be read as JSON; copy the file again.',
  ]);
  assert.deepEqual(modelTable([]), []);
  const strange = models.map((model, index) => index === 1 ? { ...model, id: 'b\u001b[1A' } : model);
  assert.deepEqual(modelTable(strange)[1], 'b\\u001b[1A             unknown  ?       8.5 MB  -         /m/b');
});

const table = runResult({
  prompt: 'table',
  suffix: '<table><tr><td>Name</td><td>a|\u001b</td></tr><tr><td>x</td></tr></table>',
});
const forProgram = { hasPath: false, show: undefined, isRaw: false, isReadByPerson: false, givesRegions: false };
const forPerson = { ...forProgram, isReadByPerson: true };

test('a person reads an answer as what it clearly is, a program as it was written unless it asks', () => {
  const columns = ['| Name | a\\| |', '| ---- | --- |', '| x    |     |'];
  assert.deepEqual(answerLines('a.png', table, forPerson), columns);
  assert.deepEqual(answerLines('a.png', table, forProgram), [textLine('a.png', table, false)]);
  assert.deepEqual(answerLines('a.png', table, { ...forPerson, isRaw: true }), [textLine('a.png', table, false)]);
  assert.deepEqual(answerLines('a.png', table, { ...forProgram, show: 'table' }), columns);
  assert.deepEqual(
    answerLines('a\t.png', table, { ...forProgram, show: 'table', hasPath: true }),
    columns.map(line => `a\\t.png\t${line}`),
  );
});

test('captions and regions are printed as ever, on a terminal too', () => {
  const caption = runResult();
  assert.deepEqual(answerLines('a.png', caption, forPerson), [textLine('a.png', caption, false)]);
  const detected = runResult({
    prompt: 'detect cup',
    suffix: '<loc0001><loc0002><loc0003><loc0004> cup',
    regions: [{ label: 'cup', box: { x1: 0, y1: 0, x2: 9, y2: 9 } }],
    text: '',
  });
  assert.deepEqual(answerLines('a.png', detected, forPerson), [textLine('a.png', detected, false)], 'run');
  const columns = regionLines('a.png', detected, false);
  assert.deepEqual(answerLines('a.png', detected, { ...forPerson, givesRegions: true }), columns, 'detect');
  assert.deepEqual(answerLines('a.png', detected, { ...forProgram, show: 'boxes' }), columns);
});

test('what is wrong with an answer is told where it is shown as what it is', () => {
  assert.deepEqual(answerFaults(table, forPerson), ['Row 2 has 1 of 2 columns.']);
  assert.deepEqual(answerFaults(table, forProgram), []);
  assert.deepEqual(answerFaults(runResult(), forPerson), []);
});
