import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { loadMaskEncoder } from '../../../model-host/src/output/maskEncoder';

const codecFile = path.resolve('model-host/demo-model/recipe/mask-codec.safetensors');
const cases = JSON.parse(readFileSync(path.resolve('test/fixtures/mask-codec/codes.json'), 'utf8')) as readonly {
  readonly name: string;
  readonly mask: string;
  readonly codes: readonly number[];
}[];

test('the codes of masks are those of the reference', async () => {
  const encoder = await loadMaskEncoder(codecFile);
  for (const { name, mask, codes } of cases) {
    assert.deepEqual(encoder.encode(Buffer.from(mask, 'base64')), codes, name);
  }
});

test('a file with the decoder alone is refused by the name of what it lacks', async () => {
  await assert.rejects(
    loadMaskEncoder(path.resolve('model-host/demo-model/mask-decoder.safetensors')),
    { reason: 'tensorMissing', message: /encoder\.0\.weight/ },
  );
});

test('a mask of another size is none', async () => {
  const encoder = await loadMaskEncoder(codecFile);
  assert.throws(() => encoder.encode(new Uint8Array(64)), RangeError);
});
