import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { DataFile } from '../../../model-host/src/convert/dataFile';
import { failureOf, temporaryFolder } from '../../support/temporary';

const root = temporaryFolder('data-file');

test('a file that would grow too large goes on in another one', async () => {
  const file = await DataFile.create(root, 'layers.data', 256);
  const regions = [];
  for (let i = 0; i < 5; i++) regions.push(await file.append(new Float32Array(25).fill(i + 1)));
  await file.finish();
  assert.deepEqual(readdirSync(root), ['layers-2.data', 'layers-3.data', 'layers.data']);
  assert.deepEqual(regions.map(({ location, offset }) => [location, offset]), [
    ['layers.data', 0],
    ['layers.data', 128],
    ['layers-2.data', 0],
    ['layers-2.data', 128],
    ['layers-3.data', 0],
  ]);
  regions.forEach(({ location, offset, length }, index) => {
    const bytes = readFileSync(path.join(root, location)).subarray(offset, offset + length);
    assert.deepEqual(new Float32Array(new Uint8Array(bytes).buffer), new Float32Array(25).fill(index + 1));
  });
});

test('a region that is larger than a file has one of its own, whole', async () => {
  const file = await DataFile.create(root, 'embedding.data', 64);
  const small = file.reserve(8);
  const large = file.reserve(1000);
  assert.deepEqual([small.location, large.location, large.offset], ['embedding.data', 'embedding-2.data', 0]);
  await file.write(large, 992, new Uint8Array(8).fill(7));
  await file.finish();
  assert.equal(readFileSync(path.join(root, 'embedding-2.data')).length, 1000);
});

test('a file that is there already is not overwritten', async () => {
  await (await DataFile.create(root, 'twice.data')).finish();
  assert.equal((await failureOf(DataFile.create(root, 'twice.data'))).reason, 'cacheUnwritable');
});
