import { readShown } from '../../../client/src/viewer/answerKind';
import { given } from '../../../paligemma/src/given';
import type { RunResult } from '../../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askedView,
  bannerFor,
  doneView,
  failedView,
  firstState,
  idleView,
  jsonToCopy,
  restoredView,
  runningView,
} from '../../../client/src/viewer/viewState';
import { runResult } from '../../support/results';
import { viewWords } from '../../../client/src/viewer/viewWords';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const running = runningView('file:///p/cat.png', 'cat.png', 'caption en', undefined);
const result = runResult({
  image: { path: '/p/cat.png', widthPx: 300, heightPx: 200, sha256: 'ab' },
  model: 'm',
  suffix: 'a cat',
  text: 'a cat',
});
const detected: RunResult = {
  ...result,
  prompt: 'detect cat ; dog',
  suffix: '<loc0000><loc0000><loc0512><loc0512> cat',
  text: '',
  regions: [{ label: 'cat', box: { x1: 0, y1: 0, x2: 150.4, y2: 99.6 } }, {
    label: '',
    box: { x1: 1, y1: 2, x2: 3, y2: 4 },
  }],
};

test('a new run forgets the earlier answer and keeps the size of the picture', () => {
  const again = runningView('file:///p/cat.png', 'cat.png', 'ocr', doneView(running, detected, 'note'));
  assert.deepEqual(again, { ...running, prompt: 'ocr', widthPx: 300, heightPx: 200 });
});

test('a done view holds what the command line prints, under the same names', () => {
  const view = doneView(running, detected, undefined);
  assert.deepEqual(JSON.parse(jsonToCopy(view, '/p/cat.png', t)), {
    image: '/p/cat.png',
    widthPx: 300,
    heightPx: 200,
    model: 'm',
    device: 'cpu',
    prompt: 'detect cat ; dog',
    suffix: detected.suffix,
    tokenIds: [5, 6],
    stopReason: 'eos',
    regions: detected.regions,
    timings: result.timings,
    answer: { kind: 'boxes' },
  });
});

test('the text that is copied is the answer, and the raw suffix where it holds regions', () => {
  assert.equal(readShown(doneView(running, result, undefined), t)?.text(), 'a cat');
  assert.equal(readShown(doneView(running, detected, undefined), t)?.text(), detected.suffix);
});

test('a view survives a reload; a run that was cut off says so', () => {
  const view = doneView(running, detected, 'note');
  assert.deepEqual(restoredView(JSON.parse(JSON.stringify(view)), 'cut off'), view);
  assert.deepEqual(restoredView(running, 'cut off'), { ...running, status: 'failed', error: 'cut off' });
});

test('what is not a state is not taken for one', () => {
  const view = doneView(running, detected, undefined);
  const broken: unknown[] = [
    undefined,
    null,
    {},
    'x',
    [],
    { ...view, imageUri: 3 },
    { ...view, status: 'waiting' },
    { ...view, widthPx: -1 },
    { ...view, result: {} },
    { ...view, result: { ...detected, regions: [{}] } },
    { ...view, modelNote: {} },
  ];
  for (const state of broken) assert.equal(restoredView(state, 'cut off'), undefined, JSON.stringify(state));
});

test('a failed view says why', () => {
  assert.equal(viewWords(failedView(running, 'The file is empty.'), t).statusText, 'The file is empty.');
});

test('a view that was opened for a prompt says that it has no answer yet; while answers are looked for, that', () => {
  const asked = askedView('file:///p/cat.png', 'cat.png', 'ocr');
  assert.match(viewWords(asked, t).statusText, /This prompt has no answer/);
  assert.match(viewWords(asked, t, true).statusText, /Looking for known answers/);
  assert.equal(viewWords(doneView(running, result, undefined), t, true).statusText, 'Answered in 0.1 s');
});

test('what cures a failure is kept over a reload, and only what is known', () => {
  const failed = failedView(running, 'There is no model.', ['chooseModel']);
  assert.deepEqual(restoredView(JSON.parse(JSON.stringify(failed)), 'cut off'), failed);
  assert.equal(restoredView({ ...failed, cures: ['format'] }, 'cut off'), undefined);
});

test('numbers have the decimal mark of the reader’s language', () => {
  const german = (message: string, ...args: (string | number)[]) =>
    t(message === '{0}.{1}' ? '{0},{1}' : message, ...args);
  const words = viewWords(doneView(running, result, undefined), german);
  assert.equal(words.statusText, 'Answered in 0,1 s');
  assert.equal(words.page.decimalMark, ',');
  assert.equal(viewWords(running, t).page.decimalMark, '.');
});

test('regions are numbered, named and placed in words', () => {
  const words = viewWords(doneView(running, detected, undefined), t);
  assert.deepEqual(words.regionLabels, ['1. cat', '2. no name']);
  assert.deepEqual(words.regionPlaces, ['0, 0 to 150, 100', '1, 2 to 3, 4']);
  assert.equal(words.regionsHeading, '2 regions');
  assert.equal(words.emptyText, undefined);
});

test('an empty answer is explained by its task', () => {
  const empty = (prompt: string) =>
    viewWords(doneView(running, { ...result, prompt, suffix: '', text: '' }, undefined), t).emptyText;
  assert.match(empty('detect zebra') ?? '', /^Nothing of the kind/);
  assert.match(empty('ocr') ?? '', /^No text/);
  assert.match(empty('caption en') ?? '', /empty answer/);
});

test('facts have stable ids, and unknown ones are left out', () => {
  const rows = viewWords(doneView(running, result, undefined), t).details.map(({ id, value }) => [id, value]);
  assert.deepEqual(rows, [['prompt', 'caption en'], ['model', 'm'], ['device', 'CPU'], ['size', '300 × 200 pixels'], [
    'time',
    '0.1 s',
  ]]);
  assert.equal(
    viewWords(doneView(running, { ...result, fromStore: true }, undefined), t).details.at(-1)?.value,
    'known from an earlier run',
  );
  assert.deepEqual(viewWords(running, t).details.map(({ id }) => id), ['prompt']);
});

test('of several servers of one model, the view names the one that answered', () => {
  const model = 'http://a:8000/v1,http://b:8000/v1#org/m';
  const text = (server: string | undefined) =>
    viewWords(doneView(running, { ...result, model, device: 'remote', ...given({ server }) }, undefined), t).details
      .find(({ id }) => id === 'model')?.value;
  assert.equal(text('http://b:8000/v1'), 'org/m on b:8000: the picture was sent there');
  assert.equal(text(undefined), 'org/m on a:8000, b:8000: the picture was sent there', 'what was stored before');
});

test('an answer that was cut off says so', () => {
  assert.match(
    viewWords(doneView(running, { ...result, stopReason: 'maxNewTokens' }, undefined), t).statusText,
    /cut off/,
  );
  assert.equal(viewWords(doneView(running, result, undefined), t).statusText, 'Answered in 0.1 s');
  assert.equal(
    viewWords(doneView(running, { ...result, fromStore: true }, undefined), t).statusText,
    'Known from an earlier run',
  );
});

test('a view that was opened without a run says so, has no facts and survives a reload', () => {
  const idle = idleView('file:///p/cat.png', 'cat.png');
  const words = viewWords(idle, t);
  assert.match(words.statusText, /Nothing has been asked/);
  assert.deepEqual(words.details, []);
  assert.deepEqual(restoredView(idle, 'cut off'), idle);
});

test('a picture that was changed, deleted or replaced is noticed', () => {
  const view = doneView(running, result, undefined);
  assert.equal(bannerFor(view, 'current', 'ab', t), undefined);
  assert.deepEqual([bannerFor(view, 'changed', 'ab', t)?.kind, bannerFor(view, 'changed', 'ab', t)?.action], [
    'changed',
    'reload',
  ]);
  assert.equal(bannerFor(view, 'missing', 'ab', t)?.kind, 'missing');
  assert.deepEqual([bannerFor(view, 'current', 'cd', t)?.kind, bannerFor(view, 'current', 'cd', t)?.action], [
    'otherContent',
    'runAgain',
  ]);
  assert.equal(bannerFor(running, 'current', 'cd', t), undefined, 'nothing is known of a run in progress');
  assert.equal(bannerFor(view, 'current', undefined, t), undefined);
  const small = { ...view, result: { ...view.result!, advisedTiles: 6 } };
  assert.deepEqual(bannerFor(small, 'current', 'ab', t), {
    kind: 'smallText',
    text: 'The picture is so large that its text may be too small for the model.',
    action: 'readInParts',
    actionLabel: 'Read in 6 Parts',
  });
  assert.equal(bannerFor(small, 'changed', 'ab', t)?.kind, 'changed', 'which matters more');
  assert.equal(bannerFor({ ...small, status: 'failed' }, 'current', 'ab', t), undefined);
});

test('a view begins with what its page kept, unless the workspace remembers a newer answer', () => {
  const [older, newer] = [doneView(running, result, undefined), doneView(running, detected, undefined)];
  const first = (kept: unknown, remembered: unknown) => firstState(running.imageUri, kept, remembered, 'cut off');
  assert.equal(first(older, newer), newer);
  assert.equal(first(older, { ...older, result: { ...result, regions: [] } }), older);
  assert.equal(first(older, undefined), older);
  assert.equal(first({ nonsense: true }, newer), newer);
  assert.equal(first({ ...older, imageUri: 'file:///other.png' }, undefined), undefined);
});

test('the text of a document itself is told as that, and names no model', () => {
  const view = doneView(running, { ...result, source: 'text layer' }, 'This is the small demo model.');
  assert.equal(view.modelNote, undefined);
  const { statusText, details } = viewWords(view, t);
  assert.match(statusText, /^The text of the document itself/);
  assert.deepEqual(details.map(({ id }) => id), ['prompt', 'size', 'time']);
});

test('a region says in words how sure the model was, where it tells', () => {
  const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
  const regions = [0.5, 0.3, 0.1].map(confidence => ({ label: 'cat', box, confidence }));
  const view = doneView(running, { ...detected, regions: [...regions, { label: 'cat', box }] }, undefined);
  assert.deepEqual(viewWords(view, t).regionPlaces.map(place => place.split(' · ')[1]), [
    'sure',
    'fairly sure',
    'unsure',
    undefined,
  ]);
});
