import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { modelIdentity } from '../../../server/src/models/folders/modelIdentity';
import { temporaryFolder } from '../../support/temporary';

test('another identity after every change, the same one without', async () => {
  const folder = temporaryFolder('identity');
  const file = path.join(folder, 'model.safetensors');
  const seen = [await modelIdentity(folder)];
  const step = async (change: () => void) => {
    change();
    const identity = await modelIdentity(folder);
    assert.equal(await modelIdentity(folder), identity);
    assert.ok(!seen.includes(identity));
    seen.push(identity);
  };
  await step(() => writeFileSync(file, 'abc'));
  await step(() => writeFileSync(path.join(folder, 'config.json'), '{}'));
  await step(() => writeFileSync(file, 'abcd'));
  await step(() => utimesSync(file, 1, 1));
  await step(() => mkdirSync(path.join(folder, 'onnx')));
  await step(() => writeFileSync(path.join(folder, 'onnx', 'embed_tokens.onnx'), 'abc'));
  await step(() => writeFileSync(path.join(folder, 'onnx', 'embed_tokens.onnx'), 'abcd'));
  assert.ok(seen.every(identity => /^[0-9a-f]{64}$/.test(identity)));
});

test('a folder that is not there has one too', async () => {
  assert.match(await modelIdentity(path.resolve('/no/such/folder')), /^[0-9a-f]{64}$/);
});
