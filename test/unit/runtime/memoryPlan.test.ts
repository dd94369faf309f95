import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mebibytesOf } from '../../../model-host/src/runtime/gpuMemory';
import { allOn, checkMemory, fitToGpu, memoryNeed, splitAt } from '../../../model-host/src/runtime/memoryPlan';
import { manifest3b } from '../../support/manifest3b';
import { failureOf } from '../../support/temporary';

const GIGABYTE = 1e9;

test('3B with 4-bit weights stays inside 8 GB of GPU memory at 224 and 448 px', t => {
  for (const px of [224, 448]) {
    const manifest = manifest3b(px, 'int4');
    const need = memoryNeed(manifest, allOn(manifest, 'webgpu'), 'webgpu');
    t.diagnostic(
      `${px} px: ${
        Object.entries(need).map(([part, bytes]) => `${part} ${(bytes / GIGABYTE).toFixed(2)} GB`).join(', ')
      }`,
    );
    assert.equal(need.total, need.weights + need.cache + need.activations);
    // 1.14 GB of layers, twice 0.33 GB of embedding, 0.44 GB of tower.
    assert.ok(need.weights > 2.2 * GIGABYTE && need.weights < 2.4 * GIGABYTE);
    assert.ok(need.total < 8 * GIGABYTE * 0.9);
    assert.deepEqual(fitToGpu(manifest, 'webgpu', 8 * GIGABYTE), allOn(manifest, 'webgpu'));
  }
});

test('a split counts each graph once, and the embedding where it is used', () => {
  const manifest = manifest3b(224, 'int4');
  const split = splitAt(manifest, 'webgpu', 13);
  assert.ok(split.groups.includes('cpu') && split.groups.includes('webgpu'));
  assert.deepEqual([split.vision, split.groups[0], split.groups.at(-1)], ['webgpu', 'cpu', 'webgpu']);
  const all = memoryNeed(manifest, allOn(manifest, 'webgpu'), 'webgpu');
  const parts = [memoryNeed(manifest, split, 'webgpu'), memoryNeed(manifest, split, 'cpu')];
  assert.equal(parts[0]!.weights + parts[1]!.weights, all.weights);
  assert.equal(parts[0]!.cache + parts[1]!.cache, all.cache);
  assert.deepEqual(splitAt(manifest, 'webgpu', 0), allOn(manifest, 'cpu'));
  assert.deepEqual(splitAt(manifest, 'webgpu', 26), allOn(manifest, 'webgpu'));
});

test('as many layers as the memory holds go onto the GPU', () => {
  const manifest = manifest3b(224, 'int8');
  const onGpu = (bytes: number | undefined) =>
    fitToGpu(manifest, 'webgpu', bytes)?.groups.filter(device => device === 'webgpu').length;
  assert.equal(onGpu(undefined), manifest.groups.length, 'a size that is not known hinders nothing');
  const counts = [16, 4, 3, 2, 0.5].map(size => onGpu(size * GIGABYTE));
  assert.equal(counts[0], manifest.groups.length);
  assert.equal(counts.at(-1), undefined, 'nothing fits');
  const fitting = counts.slice(0, -1).map(Number);
  assert.ok(
    fitting.every((count, index) => index === 0 || count < fitting[index - 1]!),
    `less memory, fewer layers: ${fitting.join(', ')}`,
  );
});

test('what cannot fit is refused with the numbers', async () => {
  const manifest = manifest3b(448, 'f32');
  const check = (placement: ReturnType<typeof allOn>, cpu: number, gpu: number | undefined) =>
    Promise.resolve().then(() => checkMemory(manifest, placement, { cpu, gpu }));
  const onCpu = await failureOf(check(allOn(manifest, 'cpu'), 8 * GIGABYTE, undefined));
  assert.equal(onCpu.reason, 'outOfMemory');
  assert.match(onCpu.message, /1[0-9]\.\d GB of memory; this machine has 8\.0 GB\. Choose/);
  assert.match(
    (await failureOf(check(allOn(manifest, 'webgpu'), 64 * GIGABYTE, 8 * GIGABYTE))).message,
    /GPU memory.*auto/,
  );
  await check(allOn(manifest, 'webgpu'), 0, undefined);
  await check(allOn(manifest, 'cpu'), 64 * GIGABYTE, undefined);
});

test('nvidia-smi’s lines are sizes', () => {
  assert.deepEqual(mebibytesOf('81559\n24564\n\n'), [81559 * 2 ** 20, 24564 * 2 ** 20]);
  assert.deepEqual(mebibytesOf('[N/A]\n'), []);
});
