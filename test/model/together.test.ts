// Runs that wait with the same prompt are decoded together; each gets what it would get alone.
import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BATCH_ROWS } from '../../model-host/src/contract/batch';
import type { GenerateResult, LocalGenerateParams, RunProgress } from '../../model-host/src/contract/protocol';
import { LocalEngine } from '../../model-host/src/engines/local';
import { HostLog } from '../../model-host/src/wire/hostLog';
import { goldenCases, goldenFolder } from '../support/golden';
import { temporaryFolder } from '../support/temporary';

const cache = temporaryFolder('together');
const pictures = [...new Set(goldenCases().flatMap(({ images }) => images))].slice(0, 5).map(image =>
  path.join(goldenFolder, image)
);
/** What hears the log of the engines. */
const logged: { hear: (message: string) => void } = { hear: () => undefined };
const MAX_NEW_TOKENS = 12;

interface Event {
  readonly picture: number;
  readonly progress: RunProgress;
}

for (const weights of ['f32', 'int4'] as const) {
  describe(weights, () => {
    let engine: LocalEngine;
    let alone: GenerateResult[];
    const events: Event[] = [];
    const ask = (
      picture: number,
      {
        prefix = 'caption en',
        isUrgent = false,
        imagePath = pictures[picture] ?? '',
        signal = new AbortController().signal,
        onText = (): void => {},
      } = {},
    ) => {
      const params: LocalGenerateParams = {
        model: { path: path.join(goldenFolder, 'models/gqa-224'), weights, device: 'cpu', attention: 'full' },
        imagePath,
        prefix,
        isUrgent,
        maxNewTokens: MAX_NEW_TOKENS,
        locDivisor: 1024,
        progressToken: '',
      };
      return engine.generate(params, progress => {
        events.push({ picture, progress });
        if (progress.kind === 'text') onText();
      }, signal);
    };
    const answerOf = ({ tokenIds, suffix, stopReason, image, text, regions }: GenerateResult) => ({
      tokenIds,
      suffix,
      stopReason,
      image,
      text,
      regions,
    });
    /**
     * Of as many pictures as are taken at once, some text of each comes before the last text of any: they share their
     * steps.
     */
    const areInterleaved = () => {
      const texts = events.filter(({ picture, progress }) => picture < BATCH_ROWS && progress.kind === 'text');
      const numbers = [...new Set(texts.map(({ picture }) => picture))];
      const firsts = numbers.map(number => texts.findIndex(({ picture }) => picture === number));
      const lasts = numbers.map(number => texts.findLastIndex(({ picture }) => picture === number));
      return numbers.length > 1 && Math.max(...firsts) < Math.min(...lasts);
    };

    before(async () => {
      engine = new LocalEngine(cache, new HostLog(({ message }) => logged.hear(message)));
      alone = [];
      for (const picture of pictures.keys()) alone.push(await ask(picture));
      assert.ok(new Set(alone.map(({ suffix }) => suffix)).size > 1, 'the pictures have different answers');
      assert.ok(!areInterleaved());
    });
    after(() => engine.dispose());

    test('answers and streamed text are those of single runs', async () => {
      events.length = 0;
      const together = await Promise.all([...pictures.keys()].map(picture => ask(picture)));
      assert.deepEqual(together.map(answerOf), alone.map(answerOf));
      assert.ok(areInterleaved(), 'they were decoded together');
      const ofRest = events.findIndex(({ picture, progress }) => picture >= BATCH_ROWS && progress.kind === 'text');
      const ofFirst = events.findLastIndex(({ picture, progress }) => picture < BATCH_ROWS && progress.kind === 'text');
      assert.ok(ofRest > ofFirst, 'no more than as many as are taken at once');
      for (const [picture, { suffix }] of together.entries()) {
        const texts = events.flatMap(
          event => (event.picture === picture && event.progress.kind === 'text' ? [event.progress.text] : []),
        );
        texts.forEach((text, index) => assert.ok(text.startsWith(texts[index - 1] ?? '')));
        assert.ok(suffix.startsWith(texts.at(-1) ?? ''));
      }
    });

    test('a broken picture fails alone', async () => {
      const missing = path.join(goldenFolder, 'images/none.png');
      const results = await Promise.allSettled([ask(0), ask(1, { imagePath: missing }), ask(2)]);
      assert.deepEqual(
        results.map(result => (result.status === 'fulfilled'
          ? answerOf(result.value)
          : (result.reason as { reason: string }).reason)
        ),
        [answerOf(alone[0]!), 'imageMissing', answerOf(alone[2]!)],
      );
    });

    test('a run that is cancelled in the middle leaves the others alone', async () => {
      const controller = new AbortController();
      const left = await Promise.allSettled([
        ask(0),
        ask(1, { signal: controller.signal, onText: () => controller.abort() }),
        ask(2),
      ]);
      assert.deepEqual(left.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
      assert.equal(((left[1] as PromiseRejectedResult).reason as Error).name, 'AbortError');
      for (const row of [0, 2]) {
        assert.deepEqual(answerOf((left[row] as PromiseFulfilledResult<GenerateResult>).value), answerOf(alone[row]!));
      }
    });

    test('when all are cancelled, all end, and the next run is answered', async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const left = await Promise.allSettled([
        ask(0, { signal, onText: () => controller.abort() }),
        ask(1, { signal }),
        ask(2, { signal }),
      ]);
      assert.deepEqual(left.map(({ status }) => status), ['rejected', 'rejected', 'rejected']);
      assert.deepEqual(answerOf(await ask(3)), answerOf(alone[3]!));
    });

    test('a run that waits is cancelled at once', async () => {
      const controller = new AbortController();
      const first = ask(0, { prefix: 'detect cat' });
      const waiting = ask(1, { signal: controller.signal });
      controller.abort();
      events.length = 0;
      await assert.rejects(waiting, { name: 'AbortError' });
      assert.ok(!events.some(({ picture }) => picture === 1));
      await first;
    });

    test('the next picture is read while a run is at work', async () => {
      const copy = path.join(cache, `${weights}.png`);
      copyFileSync(pictures[1]!, copy);
      let isFirstDone = false;
      let wasReadBefore: boolean | undefined;
      logged.hear = message => {
        if (!message.startsWith(copy)) return;
        wasReadBefore = !isFirstDone;
        rmSync(copy);
      };
      const first = ask(0, { prefix: 'detect cat' }).then(() => {
        isFirstDone = true;
      });
      const second = await ask(1, { imagePath: copy });
      await first;
      assert.equal(wasReadBefore, true);
      assert.deepEqual(answerOf(second), answerOf(alone[1]!));
    });

    test('an urgent run goes before those that wait, and they are answered as before', async () => {
      const ended: number[] = [];
      const folder = [0, 1, 2].map(picture =>
        ask(picture).then(result => {
          ended.push(picture);
          return result;
        })
      );
      await Promise.all([ask(3, { prefix: 'detect cat', isUrgent: true }).then(() => ended.push(3)), ...folder]);
      assert.deepEqual(ended.slice(0, 2), [0, 3], 'only the run at work was finished first');
      assert.deepEqual((await Promise.all(folder)).map(answerOf), alone.slice(0, 3).map(answerOf));
    });

    test('runs of another prompt keep their turn', async () => {
      events.length = 0;
      const ended: number[] = [];
      await Promise.all(
        [0, 1, 2, 3].map(picture =>
          ask(picture, { prefix: picture === 2 ? 'detect cat' : 'caption en' }).then(() => ended.push(picture))
        ),
      );
      assert.ok(ended.indexOf(2) < ended.indexOf(3), 'the third run is not overtaken by the fourth');
    });
  });
}
