import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ViewState } from '../../../client/src/contract/viewer';
import { idleView } from '../../../client/src/viewer/viewState';
import { viewWords } from '../../../client/src/viewer/viewWords';
import { announcementOf } from '../../../media/viewer/announcement';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
const box = { x1: 0, y1: 0, x2: 10, y2: 10 };

function announced(part: Partial<ViewState>): string | undefined {
  const view: ViewState = { ...idleView('file:///a.png', 'a.png'), ...part };
  return announcementOf(view, viewWords(view, t));
}

test('nothing is said of a picture that was not asked about', () => assert.equal(announced({}), undefined));

test('the beginning, a failure and the answer are said', () => {
  assert.equal(announced({ status: 'running', text: 'half an ans' }), 'Starting');
  assert.equal(announced({ status: 'failed', error: 'The picture is damaged.' }), 'The picture is damaged.');
  assert.equal(announced({ status: 'done', text: 'a red star' }), 'Done. a red star');
  assert.equal(announced({ status: 'done', prompt: 'detect cat', regions: [{ label: 'cat', box }] }), 'Done. 1 region');
  assert.equal(
    announced({ status: 'done', prompt: 'detect cat' }),
    'Done. Nothing of the kind was found in the picture.',
  );
});

test('a long answer is said in part', () => {
  const said = announced({ status: 'done', text: '字'.repeat(2_000) });
  assert.ok(said?.endsWith('字…') === true && said.length < 600);
});
