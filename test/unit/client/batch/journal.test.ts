import assert from 'node:assert/strict';
import { readdirSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { BatchJournal } from '../../../../client/src/batch/journal';
import type { BatchPlan } from '../../../../client/src/batch/plan';
import { temporaryFolder } from '../../../support/temporary';

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
  assert.equal(readdirSync(folder).length, 2 * plans.length, 'a list of what is done for each');
  const newest = await new BatchJournal(folder).newest();
  assert.deepEqual([newest?.plan.id, [...newest?.done ?? []], newest?.isCancelled], ['batch-29', [0], false]);
});
