// The two products of an 8-bit tower: both near float32, and the choice between them.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { fasterProduct, type EightBitProduct } from '../../model-host/src/convert/eightBitProduct';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import { VisionTower } from '../../model-host/src/runtime/visionTower';
import { floatTensorOf, goldenCases, goldenFolder, goldenTensors } from '../support/golden';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('tower-products');
const signal = new AbortController().signal;
/** Root mean square difference to float32, of the root mean square of the features. Measured: 0.023 and 0.016. */
const limits = { blocks: 0.03, float32: 0.02 } as const satisfies Record<EightBitProduct, number>;

test('image features of both are near those of the reference', async t => {
  const golden = goldenCases().find(({ id }) => id === 'caption')!;
  const expected = floatTensorOf(goldenTensors('cases/caption.safetensors'), 'image_features');
  const norm = Math.hypot(...expected);
  for (const towerProduct of ['blocks', 'float32'] as const) {
    const outPath = path.join(folder, towerProduct);
    const manifest = await convertCheckpoint({
      sourcePath: path.join(goldenFolder, 'models', golden.model),
      outPath,
      name: golden.model,
      fingerprint: '',
      weights: 'int4',
      towerProduct,
      attention: 'full',
      onProgress: () => undefined,
    }, signal);
    assert.equal(manifest.isTowerMapped, towerProduct === 'float32');
    const tower = await VisionTower.open(outPath, manifest, 'cpu');
    const features = await tower.features(
      await pixelValues(
        await loadImage(path.join(goldenFolder, golden.images[0]!)),
        manifest.config.vision.imageSizePx,
      ),
    );
    await tower.release();
    const error = Math.hypot(...features.map((value, index) => value - expected[index]!)) / norm;
    t.diagnostic(`${towerProduct}: ${(100 * error).toFixed(2)} %`);
    assert.ok(error > 0 && error <= limits[towerProduct], `${towerProduct}: ${error}`);
  }
});

test('the faster product of this machine is found, and nothing of the measurement stays', async t => {
  const home = path.join(folder, 'measurement');
  mkdirSync(home);
  const product = await fasterProduct(home, { hiddenSize: 256 });
  t.diagnostic(product);
  assert.ok(product in limits);
  assert.deepEqual(readdirSync(home), []);
  await assert.rejects(fasterProduct(path.join(folder, 'nowhere'), { hiddenSize: 64 }), { reason: 'cacheUnwritable' });
});
