// Tokens on trial: the numbers of single steps, whatever was taken back before; and the answers of the demo model with
// drafts.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { RowSteps } from '../../model-host/src/engines/rowSteps';
import { DraftedSteps } from '../../model-host/src/generation/draftedSteps';
import { generate, type Steps } from '../../model-host/src/generation/generate';
import { LabelDrafter } from '../../model-host/src/generation/labelDrafter';
import { promptIds } from '../../model-host/src/generation/prompt';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import type { OpenOptions } from '../../model-host/src/runtime/threads/openGraphs';
import { floatTensorOf, goldenCases, goldenFolder, goldenTensors, largestDifference } from '../support/golden';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('drafts');
const signal = new AbortController().signal;
/** As for the goldens. */
const LOGITS_TOLERANCE = 2e-3;

async function open(
  sourcePath: string,
  options: { readonly runProducts?: number; readonly open?: OpenOptions } = {},
): Promise<LoadedModel> {
  const name = path.basename(sourcePath);
  const outPath = path.join(folder, `${name}-${Object.keys(options).join()}`);
  const { runProducts } = options;
  const manifest = await convertCheckpoint({
    sourcePath,
    outPath,
    name,
    fingerprint: '',
    weights: 'f32',
    attention: 'sliding',
    onProgress: () => undefined,
    ...(runProducts === undefined ? {} : { runProducts }),
  }, signal);
  return LoadedModel.open({ folder: outPath, manifest }, 'cpu', {
    signal,
    onProgress: () => undefined,
    onNote: () => undefined,
  }, { keepsLogits: true, ...options.open });
}

describe('logits of the reference, in drafts with wrong guesses in between', () => {
  const ways = [
    ['one thread', {}],
    ['threads, one layer to a graph, the prompt in pieces', {
      runProducts: 3e6,
      open: {
        threads: {
          file: path.resolve('dist/model-thread.js'),
          count: 2,
          bytesEach: 1,
          onFault: (fault: Error) => assert.fail(fault),
        },
      },
    }],
  ] as const;
  for (const [way, options] of ways) {
    // The second one has a window that is shorter than its prompt.
    for (const id of ['caption', 'window-long']) {
      test(`${id}: ${way}`, async t => {
        const golden = goldenCases().find(candidate => candidate.id === id)!;
        const tensors = goldenTensors(`cases/${id}.safetensors`);
        const model = await open(path.join(goldenFolder, 'models', golden.model), options);
        t.after(() => model.release());
        const cache = model.decoder.newCache();
        await model.decoder.prefill(cache, floatTensorOf(tensors, 'image_features'), golden.text_ids, { signal });
        const start = cache.length;
        const tokens = golden.tokens.slice(0, -1);
        const rows: number[] = [];
        for (let done = 0, size = 1; done < tokens.length; done += size, size = (size % 3) + 1) {
          // Two right tokens and two wrong ones, all taken back.
          await model.decoder.decodeDraft(cache, [...tokens.slice(done, done + 2), 5, 6], { signal });
          model.decoder.discard(cache, tokens.slice(done, done + 2).length + 2);
          const draft = [...tokens.slice(done, done + size), 7];
          const predictions = await model.decoder.decodeDraft(cache, draft, { signal });
          model.decoder.discard(cache, 1);
          for (const { logits } of predictions.slice(0, -1)) rows.push(...logits!);
        }
        assert.equal(cache.length, start + tokens.length);
        const error = largestDifference(Float32Array.from(rows), floatTensorOf(tensors, 'step_logits'));
        assert.ok(error <= LOGITS_TOLERANCE, `logits differ by ${error}`);
        await assert.rejects(
          async () =>
            model.decoder.decodeDraft(await model.decoder.joinCaches([await second(model), await second(model)]), [1], {
              signal,
            }),
          RangeError,
        );
      });
    }
  }

  async function second(model: LoadedModel) {
    const cache = model.decoder.newCache();
    await model.decoder.prefill(cache, new Float32Array(0), [2, 108], { signal });
    return cache;
  }
});

test('the demo model answers the same with drafts, in fewer runs', async t => {
  const model = await open(path.resolve('model-host/demo-model/paligemma2-demo-224'));
  t.after(() => model.release());
  const pictures = path.resolve('test/fixtures/demo-heldout');
  const totals = { tokens: 0, runs: 0 };
  for (const image of readdirSync(pictures).filter(name => name.endsWith('.png')).slice(0, 20)) {
    const features = await model.vision.features(
      await pixelValues(await loadImage(path.join(pictures, image)), model.manifest.config.vision.imageSizePx),
    );
    for (const prefix of ['detect shape', 'detect circle', 'detect circle ; square', 'segment shape']) {
      const answers: { ids: number[]; runs: number }[] = [];
      for (const isDrafted of [false, true]) {
        const cache = model.decoder.newCache();
        const first = await model.decoder.prefill(cache, features, promptIds(model.tokenizer, prefix), { signal });
        const single = new CountedSteps([cache], model, signal);
        const drafter = LabelDrafter.forPrefix(prefix, model.tokenizer)!;
        const steps: Steps = isDrafted ? new DraftedSteps(single, suffix => drafter.propose(suffix)) : single;
        const ids: number[] = [];
        await generate([{ first, signal, onToken: ({ id }) => ids.push(id), onEnd: () => undefined }], steps, {
          eosTokenIds: model.manifest.config.eosTokenIds,
          maxNewTokens: 100,
        });
        answers.push({ ids, runs: single.runs });
        cache.release();
      }
      assert.deepEqual(answers[1]?.ids, answers[0]?.ids, `${image}: ${prefix}`);
      if (prefix !== 'detect shape') continue;
      totals.tokens += answers[0]?.runs ?? 0;
      totals.runs += answers[1]?.runs ?? 0;
    }
  }
  t.diagnostic(`${(totals.tokens / totals.runs).toFixed(2)} tokens in a run of "detect shape"`);
  assert.ok(totals.runs < 0.8 * totals.tokens, `${totals.runs} runs for ${totals.tokens} tokens`);
});

class CountedSteps extends RowSteps {
  runs = 0;

  override decode(ids: readonly number[]) {
    this.runs++;
    return super.decode(ids);
  }

  override decodeDraft(ids: readonly number[]) {
    this.runs++;
    return super.decodeDraft(ids);
  }
}
