import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOn, splitAt, weightBytes } from '../../../model-host/src/runtime/memoryPlan';
import { planThreads } from '../../../model-host/src/runtime/threads/plan';
import { manifest3b } from '../../support/manifest3b';

const manifest = manifest3b(224, 'int4');
const onCpu = allOn(manifest, 'cpu');
const bytesEach = 2e8;

/** Bytes that each thread packs. */
function shares(count: number): number[] {
  const plan = planThreads(manifest, onCpu, { count, bytesEach });
  const bytes = weightBytes(manifest);
  const sums = Array.from({ length: plan.threads }, () => 0);
  sums[plan.vision!]! += bytes.vision;
  plan.groups.forEach((thread, group) => {
    sums[thread!]! += bytes.groups[group]! + (group === plan.groups.length - 1 ? bytes.embedding : 0);
  });
  return sums;
}

for (const count of [2, 3, 4]) {
  test(`3B in ${count} threads: neighbours together, none with much more than its share`, () => {
    const { threads, vision, groups } = planThreads(manifest, onCpu, { count, bytesEach });
    assert.equal(threads, count);
    assert.equal(vision, 0);
    const order = [vision, ...groups] as number[];
    assert.deepEqual(order, [...order].sort((a, b) => a - b));
    const sums = shares(count);
    const mean = sums.reduce((sum, share) => sum + share, 0) / count;
    // No graph is cut: half of the largest one, the tower or the last group, can be too much.
    const largest = Math.max(
      weightBytes(manifest).vision,
      weightBytes(manifest).groups.at(-1)! + weightBytes(manifest).embedding,
    );
    for (const share of sums) assert.ok(Math.abs(share - mean) <= largest / 2, `${share} of ${mean}`);
  });
}

test('a tower that opening does not pack leaves the threads to the decoder', () => {
  const { vision, groups } = planThreads({ ...manifest, isTowerMapped: true }, onCpu, { count: 2, bytesEach });
  assert.equal(vision, 0);
  const packed = planThreads(manifest, onCpu, { count: 2, bytesEach });
  const first = (threads: readonly (number | undefined)[]) => threads.filter(thread => thread === 0).length;
  assert.ok(first(groups) > first(packed.groups), 'the thread of the tower takes more of the layers');
});

test('a small model stays in the calling thread, and so does one on a machine with one core', () => {
  const calling = { threads: 0, vision: undefined, groups: manifest.groups.map(() => undefined) };
  assert.deepEqual(planThreads(manifest, onCpu, { count: 4, bytesEach: 1e10 }), calling);
  assert.deepEqual(planThreads(manifest, onCpu, { count: 1, bytesEach }), calling);
});

test('what runs on a GPU stays in the calling thread, the rest is shared', () => {
  const { vision, groups, threads } = planThreads(manifest, splitAt(manifest, 'webgpu', 10), { count: 2, bytesEach });
  const onGpu = splitAt(manifest, 'webgpu', 10).groups.map(device => device !== 'cpu');
  assert.equal(vision, undefined);
  assert.deepEqual(groups.map(thread => thread === undefined), onGpu);
  assert.equal(threads, 2);
  assert.deepEqual(planThreads(manifest, allOn(manifest, 'webgpu'), { count: 4, bytesEach: 1 }).threads, 0);
});

test('threads are numbered without gaps where one graph is the share of several', () => {
  const heavy = {
    ...manifest,
    files: manifest.files.map(file => (file.name === 'vision.data' ? { ...file, bytes: 1e10 } : file)),
  };
  const { threads, vision, groups } = planThreads(heavy, onCpu, { count: 4, bytesEach });
  assert.deepEqual([...new Set([vision, ...groups])], Array.from({ length: threads }, (_, index) => index));
});
