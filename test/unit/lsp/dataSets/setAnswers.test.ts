import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFields } from '../../../../datasets/src/lines/setLine';
import { SetAnswers } from '../../../../server/src/lsp/dataSets/setAnswers';

const line = readFields({ image: 'a.png', prefix: 'ocr', suffix: 'A' });
const uri = 'file:///set/train.jsonl';

test('an answer that was looked for before it was forgotten is looked for anew', async () => {
  const waiting: ((text: string) => void)[] = [];
  const answered: Promise<string>[] = [];
  let told = 0;
  let isTold: () => void = () => undefined;
  const pictures = {
    known: () => Promise.resolve([{ prompt: 'ocr', key: 'k', model: 'm' }]),
    answer: async () => {
      const answer = new Promise<string>(resolve => waiting.push(resolve));
      answered.push(answer);
      return { suffix: await answer };
    },
  } as unknown as ConstructorParameters<typeof SetAnswers>[0];
  const found = new Promise<void>(resolve => (isTold = resolve));
  const answers = new SetAnswers(pictures, () => {
    told++;
    isTold();
  });
  const turn = () => new Promise(resolve => setImmediate(resolve));
  assert.equal(answers.get(uri, line), undefined);
  while (waiting.length < 1) await turn();
  answers.forget();
  waiting[0]?.('old');
  while (waiting.length < 2) await turn();
  assert.equal(answers.get(uri, line), undefined, 'the old answer is not known');
  waiting[1]?.('new');
  await found;
  assert.deepEqual([answers.get(uri, line)?.suffix, told, answered.length], ['new', 1, 2]);
});
