import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerDrawings } from '../../../client/src/viewer/answerDrawings';
import type { KindData } from '../../../paligemma/src/kinds/kinds';

const t = (message: string) => message;
const formula = (source: string): KindData => ({ kind: 'latex', data: { source, isDisplay: true } });

/** Drawings, and what resolves when one has been made. */
function drawings() {
  let tell: () => void;
  let made = new Promise<void>(resolve => tell = resolve);
  const onMade = () => {
    tell();
    made = new Promise(resolve => tell = resolve);
  };
  const kept = new AnswerDrawings(onMade, t, { musicEngraver: () => '' });
  return { kept, next: () => made };
}

test('a formula is drawn outside of the page, and told when it is there', async () => {
  const { kept, next } = drawings();
  const shown = formula('a');
  const made = next();
  assert.equal(kept.get(shown), undefined);
  await made;
  assert.equal(kept.get(shown)?.markup?.tag, 'math');
});

test('a drawing that is overtaken by another answer is not shown for it', async () => {
  const { kept, next } = drawings();
  const made = next();
  kept.get(formula('\\wrong'));
  const second = formula('b');
  kept.get(second);
  await made;
  assert.deepEqual(kept.get(second)?.notes, undefined);
  assert.equal(kept.get(second)?.markup?.tag, 'math');
});

test('nothing is drawn for what the page draws by itself', () => {
  const { kept } = drawings();
  assert.equal(kept.get({ kind: 'text', data: { text: 'a' } }), undefined);
});
