// Pictures decoded together: each row of a step against the same picture decoded alone.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import type { Prediction } from '../../model-host/src/runtime/prediction';
import type { DecoderCache } from '../../model-host/src/runtime/decoder';
import { goldenCases, goldenFolder, largestDifference } from '../support/golden';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('rows');
const signal = new AbortController().signal;
const STEPS = 6;
/** As for the goldens: the sums of a step may be taken in another order when it has more rows. */
const LOGITS_TOLERANCE = 2e-3;
const pictures = [...new Set(goldenCases().flatMap(({ images }) => images))].slice(0, 4);

for (const [name, attention] of [['gqa-224', 'full'], ['window-224', 'sliding']] as const) {
  describe(`${name}, ${attention}`, () => {
    const golden = goldenCases().find(({ model }) => model === name)!;
    let model: LoadedModel;
    const features: Float32Array[] = [];
    before(async () => {
      const outPath = path.join(folder, name);
      const manifest = await convertCheckpoint({
        sourcePath: path.join(goldenFolder, 'models', name),
        outPath,
        name,
        fingerprint: '',
        weights: 'f32',
        attention,
        onProgress: () => undefined,
      }, signal);
      model = await LoadedModel.open({ folder: outPath, manifest }, 'cpu', {
        signal,
        onProgress: () => undefined,
        onNote: () => undefined,
      }, { keepsLogits: true });
      for (const picture of pictures) {
        features.push(
          await model.vision.features(
            await pixelValues(await loadImage(path.join(goldenFolder, picture)), manifest.config.vision.imageSizePx),
          ),
        );
      }
    });
    after(() => model.release());

    const prefilled = async (picture: number): Promise<{ cache: DecoderCache; first: Prediction }> => {
      const cache = model.decoder.newCache();
      return { cache, first: await model.decoder.prefill(cache, features[picture]!, golden.text_ids, { signal }) };
    };
    const alone = async (picture: number): Promise<Prediction[]> => {
      const { cache, first } = await prefilled(picture);
      const predictions = [first];
      for (let step = 0; step < STEPS; step++) {
        predictions.push(await model.decoder.decode(cache, predictions.at(-1)!.id, { signal }));
      }
      cache.release();
      return predictions;
    };
    const agree = (actual: Prediction | undefined, expected: Prediction | undefined) => {
      assert.equal(actual?.id, expected?.id);
      const difference = largestDifference(
        actual?.logits ?? new Float32Array(1),
        expected?.logits ?? new Float32Array(),
      );
      assert.ok(difference <= LOGITS_TOLERANCE, `logits differ by ${difference}`);
      assert.ok(Math.abs((actual?.probability ?? NaN) - (expected?.probability ?? NaN)) <= LOGITS_TOLERANCE);
    };

    test('every row is what it would be alone, also after others left', async () => {
      const expected = [];
      for (const picture of pictures.keys()) expected.push(await alone(picture));
      assert.ok(
        new Set(expected.map(row => row.map(({ id }) => id).join())).size > 1,
        'the pictures have different answers',
      );
      const started = [];
      for (const picture of pictures.keys()) started.push(await prefilled(picture));
      const cache = await model.decoder.joinCaches(started.map(row => row.cache));
      let rows = started.map(({ first }, picture) => ({ picture, next: first }));
      for (let step = 0; step < STEPS; step++) {
        for (const { picture, next } of rows) agree(next, expected[picture]?.[step]);
        // The first row leaves in the middle, then the last one: the others move.
        const staying = [...rows.keys()].filter(row =>
          !(step === 2 && row === 0) && !(step === 4 && row === rows.length - 1)
        );
        if (staying.length < rows.length) await model.decoder.keepRows(cache, staying);
        rows = staying.map(row => rows[row]!);
        assert.equal(cache.rows, rows.length);
        const predictions = await model.decoder.decodeRows(cache, rows.map(({ next }) => next.id), { signal });
        rows = rows.map(({ picture }, row) => ({ picture, next: predictions[row]! }));
      }
      for (const { picture, next } of rows) agree(next, expected[picture]?.[STEPS]);
      cache.release();
    });

    test('caches of different lengths are not joined', async () => {
      const { cache } = await prefilled(0);
      const other = model.decoder.newCache();
      await model.decoder.prefill(other, features[0]!, [...golden.text_ids, 5], { signal });
      await assert.rejects(model.decoder.joinCaches([cache, other]), RangeError);
      await assert.rejects(model.decoder.decodeRows(cache, [1, 2], { signal }), RangeError);
      cache.release();
      other.release();
    });
  });
}
