import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { AnswerFiles } from '../../../../client/src/batch/answerFiles';
import { BatchJournal } from '../../../../client/src/batch/journal';
import type { BatchPlan } from '../../../../client/src/batch/plan';

const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-batch-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');
const answer = (name: string, suffix: string) => ({
  imagePath: at(name),
  prompt: 'ocr',
  suffix,
  text: suffix,
  regions: [],
});

test('a text file that came into being meanwhile is not overwritten', async () => {
  const files = new AnswerFiles({ kind: 'sidecars', paths: [at('s1.txt'), at('s2.txt')], replaces: false }, false);
  writeFileSync(at('s2.txt'), 'by hand');
  assert.equal(await files.write(0, answer('s1.png', 'one')), 'written');
  assert.equal(await files.write(1, answer('s2.png', 'two')), 'kept');
  assert.deepEqual([read('s1.txt'), read('s2.txt')], ['one\n', 'by hand']);
});

test('replacing leaves no file of its own behind', async () => {
  writeFileSync(at('r.txt'), 'before');
  await new AnswerFiles({ kind: 'sidecars', paths: [at('r.txt')], replaces: true }, false).write(
    0,
    answer('r.png', 'after'),
  );
  assert.equal(read('r.txt'), 'after\n');
  assert.deepEqual(readdirSync(folder).filter(name => name.includes('partial')), []);
});

test('a link in the place of a text file is replaced, and what it leads to is not written', async t => {
  if (process.platform === 'win32') return t.skip('links need a privilege on Windows');
  writeFileSync(at('outside'), 'mine');
  for (const replaces of [true, false]) {
    const name = `link-${replaces}`;
    symlinkSync(at('outside'), at(`${name}.txt`));
    const files = new AnswerFiles({ kind: 'sidecars', paths: [at(`${name}.txt`)], replaces }, false);
    assert.equal(await files.write(0, answer(`${name}.png`, 'answer')), replaces ? 'written' : 'kept');
    assert.equal(read('outside'), 'mine');
  }
  assert.equal(read('link-true.txt'), 'answer\n');
});

test('a single file is replaced with its first answer, added to when resumed, and never glued to a line without an end', async () => {
  writeFileSync(at('c.jsonl'), 'old');
  const target = { kind: 'jsonl', path: at('c.jsonl'), replaces: true } as const;
  const first = new AnswerFiles(target, false);
  assert.equal(read('c.jsonl'), 'old', 'nothing is lost before there is an answer');
  await first.write(0, answer('1.png', 'a'));
  await first.write(1, answer('2.png', 'b'));
  await new AnswerFiles(target, true).write(2, answer('3.png', 'c'));
  assert.deepEqual(read('c.jsonl').trimEnd().split('\n').map(line => (JSON.parse(line) as { suffix: string }).suffix), [
    'a',
    'b',
    'c',
  ]);
  writeFileSync(at('d.md'), '- ![x](x.png)');
  await new AnswerFiles({ kind: 'markdown', path: at('d.md'), replaces: false }, false).write(0, answer('1.png', 'a'));
  assert.equal(read('d.md'), '- ![x](x.png)\n- ![a](1.png)\n');
});

test('a journal brings back the batch that was interrupted, and only that', async () => {
  const plan = (id: string): BatchPlan => ({
    id,
    title: 'T',
    prompt: 'ocr',
    model: '',
    imageUris: ['file:///1', 'file:///2', 'file:///3'],
    target: { kind: 'jsonl', path: at('c.jsonl'), replaces: false },
  });
  const journal = new BatchJournal(at('journal'));
  assert.equal(await journal.newest(), undefined);
  await journal.begin(plan('one'), new Set([2]));
  await journal.done('one', 0);
  assert.equal(await journal.newest(), undefined, 'it is under way');
  assert.deepEqual(await new BatchJournal(at('journal')).newest(), {
    plan: plan('one'),
    done: new Set([2, 0]),
    isCancelled: false,
  });
  await journal.pause('one', true);
  assert.equal((await journal.newest())?.isCancelled, true);
  await journal.forget('one');
  assert.equal(await journal.newest(), undefined);
  writeFileSync(at('journal/x.plan.json'), '{"id":"x","imageUris":[1]}');
  assert.equal(await journal.newest(), undefined, 'what is no plan is passed over');
});
