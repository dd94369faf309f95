import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { BatchJournal } from '../../../batch/src/journal';
import type { BatchPlan } from '../../../batch/src/plan';
import { temporaryFolder } from '../../support/temporary';

function plan(id: string): BatchPlan {
  return {
    id,
    prompt: 'caption en',
    title: 'Captioning',
    model: '',
    imageUris: ['file:///a.png', 'file:///b.png'],
    target: { kind: 'sidecars', paths: ['/a.txt', '/b.txt'], replaces: false },
  };
}

/** As a process leaves a batch that ends in the middle of it. @returns The file that names the process. */
function leaveUnfinished(folder: string, id: string): string {
  const mark = path.join(folder, `${id}.running`);
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(mark, String(pid));
  return mark;
}

test('interrupted batches do not pile up: ten can be resumed, one that is under way is never forgotten', async () => {
  const folder = temporaryFolder('journal');
  const earlier = new BatchJournal(folder);
  for (let index = 0; index < 30; index++) {
    const id = `batch-${index}`;
    await earlier.begin(plan(id), new Set());
    // Files that are made within a moment may have the same time.
    utimesSync(path.join(folder, `${id}.plan.json`), 1000 + index, 1000 + index);
    await earlier.done(id, 0);
    if (index > 0) await earlier.pause(id, index % 2 === 0);
  }
  const plans = readdirSync(folder).filter(name => name.endsWith('.plan.json'));
  assert.equal(plans.length, 11, 'ten, and the one under way');
  assert.ok(plans.includes('batch-0.plan.json'));
  assert.equal(
    readdirSync(folder).length,
    2 * plans.length + 1,
    'a list of what is done for each, and the mark of the one under way',
  );
  const newest = await new BatchJournal(folder).newest();
  assert.deepEqual([newest?.plan.id, [...newest?.done ?? []], newest?.isCancelled], ['batch-29', [0], false]);
});

test('what another window runs is not offered; what a window left that is gone, or of before a restart, is', async () => {
  const folder = temporaryFolder('journal');
  const [own, other] = [new BatchJournal(folder), new BatchJournal(folder)];
  await own.begin(plan('one'), new Set([0]));
  assert.equal(await other.newest(), undefined);
  assert.deepEqual([await own.hasOthers(), await other.hasOthers()], [false, true]);
  const mark = leaveUnfinished(folder, 'one');
  assert.equal((await other.newest())?.plan.id, 'one');
  writeFileSync(mark, String(process.pid));
  utimesSync(mark, 1000, 1000);
  assert.equal((await other.newest())?.plan.id, 'one');
  await own.begin(plan('one'), new Set([0]));
  assert.equal(await other.newest(), undefined);
  own.release();
  assert.equal((await other.newest())?.plan.id, 'one');
});

test('a journal brings back the batch that was interrupted, and only that', async () => {
  const folder = temporaryFolder('journal');
  const journal = new BatchJournal(folder);
  assert.equal(await journal.newest(), undefined);
  await journal.begin(plan('one'), new Set([1]));
  await journal.done('one', 0);
  assert.equal(await journal.newest(), undefined, 'it is under way');
  leaveUnfinished(folder, 'one');
  assert.deepEqual(await new BatchJournal(folder).newest(), {
    plan: plan('one'),
    done: new Set([1, 0]),
    isCancelled: false,
  });
  await journal.pause('one', true);
  assert.equal((await journal.newest())?.isCancelled, true);
  await journal.forget('one');
  assert.equal(await journal.newest(), undefined);
  writeFileSync(path.join(folder, 'x.plan.json'), '{"id":"x","imageUris":[1]}');
  assert.equal(await journal.newest(), undefined, 'what is no plan is passed over');
});

test('a number that was cut off while it was written is no picture that was done', async () => {
  const folder = temporaryFolder('journal');
  const journal = new BatchJournal(folder);
  const pictures = Array.from({ length: 20 }, (_, index) => `file:///${index}.png`);
  await journal.begin(
    { ...plan('one'), imageUris: pictures, target: { kind: 'jsonl', path: '/a', replaces: true } },
    new Set([3]),
  );
  appendFileSync(path.join(folder, 'one.done'), '1');
  assert.deepEqual((await new BatchJournal(folder).find('one'))?.done, new Set([3]));
  assert.equal(await journal.find('two'), undefined);
});
