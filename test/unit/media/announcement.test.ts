import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ViewState } from '../../../client/src/contract/viewer';
import { failedView, idleView, runningView } from '../../../client/src/viewer/viewState';
import { viewWords } from '../../../client/src/viewer/viewWords';
import { viewOf } from '../../support/results';
import { announcementOf } from '../../../media/viewer/announcement';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
const box = { x1: 0, y1: 0, x2: 10, y2: 10 };

function announced(view: ViewState): string | undefined {
  return announcementOf(view, viewWords(view, t));
}

const idle = idleView('file:///a.png', 'a.png');
const running = runningView('file:///a.png', 'a.png', 'caption en', undefined);

test('nothing is said of a picture that was not asked about', () => assert.equal(announced(idle), undefined));

test('the beginning, a failure and the answer are said', () => {
  assert.equal(announced(running), 'Starting');
  assert.equal(announced(failedView(running, 'The picture is damaged.')), 'The picture is damaged.');
  assert.equal(announced(viewOf({ text: 'a red star' })), 'Answered in 0.1 s. a red star');
  const detected = { prompt: 'detect cat', text: '' };
  assert.equal(announced(viewOf({ ...detected, regions: [{ label: 'cat', box }] })), 'Answered in 0.1 s. 1 region');
  assert.equal(announced(viewOf(detected)), 'Answered in 0.1 s. Nothing of the kind was found in the picture.');
});

test('a long answer is said in part', () => {
  const said = announced(viewOf({ text: '字'.repeat(2_000) }));
  assert.ok(said?.endsWith('字…') === true && said.length < 600);
});

test('of an answer that is drawn one line is said', () => {
  const view = viewOf({ text: '| a | b |\n| - | - |' });
  assert.equal(
    announcementOf(view, viewWords(view, t), '1 × 2 cells · a · b'),
    'Answered in 0.1 s. 1 × 2 cells · a · b',
  );
});
