import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerEntries, shownKey } from '../../../client/src/viewer/answerEntries';
import { idleView, runningView } from '../../../client/src/viewer/viewState';
import type { KnownAnswer } from '../../../server/src/contract/answers';
import { viewOf } from '../../support/results';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const idle = idleView('file:///a.png', 'a.png');
const answer = (part: Partial<KnownAnswer>): KnownAnswer => ({
  key: 'k',
  prompt: 'caption en',
  text: '',
  model: 'demo',
  labels: [],
  widthPx: 1,
  heightPx: 1,
  storedAtMs: Date.UTC(2026, 4, 3, 12),
  ...part,
});
const box = { x1: 0, y1: 0, x2: 1, y2: 1 };

test('each answer is told in one line: what was asked, what was found, by whom and when', () => {
  const entry = (part: Partial<KnownAnswer>, locale = 'en') => answerEntries([answer(part)], idle, locale, t)[0];
  assert.equal(entry({ labels: ['cup', 'plate', 'cup', ''] })?.answer, 'cup ×2, plate, no name');
  assert.equal(entry({ text: 'a cup\non a table' })?.answer, 'a cup on a table');
  assert.equal(entry({ labels: ['cup'], text: 'and more' })?.answer, 'cup · and more');
  assert.equal(entry({})?.answer, '(nothing)');
  assert.equal(entry({ prompt: '' })?.prompt, '(empty prompt)');
  assert.match(entry({})?.details ?? '', /^demo · May 3, 2026/);
  assert.match(entry({}, 'de')?.details ?? '', /^demo · 03\.05\.2026/);
  assert.match(entry({}, 'no locale at all')?.details ?? '', /2026/);
});

test('the answer of a server is known by its host in the language of the editor', () => {
  const german = (message: string, ...words: (string | number)[]) =>
    t(message.replace('{0} on {1}', '{0} auf {1}'), ...words);
  const known = [answer({ key: '1', text: 'a cup', model: 'my-model auf gpu:8000' })];
  const view = viewOf({ text: 'a cup', model: 'my-model', server: 'http://gpu:8000/v1' });
  assert.equal(shownKey(known, view, german), '1');
});

test('the answer that is shown is the one of its prompt, model and content', () => {
  const known = [
    answer({ key: '1', text: 'a cup' }),
    answer({ key: '2', text: 'a cup', prompt: 'caption de' }),
    answer({ key: '3', text: '', prompt: 'detect cup', labels: ['cup'] }),
    answer({ key: '4', text: 'a cup', model: 'other' }),
  ];
  assert.equal(shownKey(known, viewOf({ text: 'a cup' }), t), '1');
  assert.equal(shownKey(known, viewOf({ text: 'a cup', prompt: 'caption de' }), t), '2');
  assert.equal(shownKey(known, viewOf({ text: '', prompt: 'detect cup', regions: [{ label: 'cup', box }] }), t), '3');
  assert.equal(shownKey(known, viewOf({ text: 'a cup', model: 'other' }), t), '4');
  assert.equal(shownKey(known, viewOf({ text: '', prompt: 'detect cup' }), t), undefined, 'one that is not kept');
  for (const view of [idle, runningView('file:///a.png', 'a.png', 'caption en', undefined)]) {
    assert.equal(shownKey(known, view, t), undefined);
  }
  assert.deepEqual(answerEntries(known, viewOf({ text: 'a cup' }), 'en', t).map(({ isShown }) => isShown), [
    true,
    false,
    false,
    false,
  ]);
});
