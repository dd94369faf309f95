import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unfitNote } from '../../../server/src/language/findings/fitness';

const pt = { id: 'google/paligemma2-3b-pt-224', kind: 'pt' } as const;
const mix = { id: 'google/paligemma2-3b-mix-448', kind: 'mix' } as const;

test('a pretrained checkpoint that is asked a free question says so', () => {
  assert.match(
    unfitNote('What is on the table?', pt) ?? '',
    /“What” is not a task that google\/paligemma2-3b-pt-224 knows.*mix/,
  );
  for (const prompt of ['caption en', 'answer en what is on the table?', 'detect cup', '']) {
    assert.equal(unfitNote(prompt, pt), undefined, prompt);
  }
});

test('mix takes free questions; short captions it was not trained for', () => {
  assert.equal(unfitNote('What is on the table?', mix), undefined);
  assert.match(
    unfitNote('cap en', mix) ?? '',
    /“cap” is not something that google\/paligemma2-3b-mix-448 was trained for/,
  );
});

test('a checkpoint for one task says so, and one whose task is known only where the prompt is another', () => {
  assert.match(
    unfitNote('detect cup', { id: 'me/paligemma2-ft-receipts', kind: 'ft' }) ?? '',
    /fine-tuned for one task/,
  );
  const docci = { id: 'google/paligemma2-3b-ft-docci-448', kind: 'ft' } as const;
  assert.match(unfitNote('detect cup', docci) ?? '', /writes long captions and nothing else/);
  assert.equal(unfitNote('caption en', docci), undefined);
});

test('nothing is said where nothing is known, and slips of the pen are no matter of fitness', () => {
  assert.equal(unfitNote('What is this?', { id: 'own', kind: 'unknown' }), undefined);
  assert.equal(unfitNote('detect cup, plate', pt), undefined);
  assert.equal(unfitNote('Caption en', pt), undefined);
});

test('the kind of a served model is told by its name', () => {
  assert.match(
    unfitNote('What is this?', { id: 'http://gpu:8000/v1#google/paligemma2-10b-pt-448', kind: 'unknown' }) ?? '',
    /not a task/,
  );
});

test('a prompt of a megabyte is answered at once', () => {
  assert.equal(typeof unfitNote('x '.repeat(500_000), pt), 'string');
});
