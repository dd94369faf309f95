import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../../model-host/src/generation/generate';

const EOS = 1;

/** A decoder that answers with the given ids and counts its runs. */
function scripted(ids: readonly number[], capacity = 100) {
  const runs = { prefills: 0, decodes: [] as number[] };
  const predict = () => Promise.resolve({ id: ids[runs.decodes.length] ?? EOS, probability: 0.5 });
  return {
    runs,
    steps: {
      prefill: () => { runs.prefills++; return predict(); },
      decode: (id: number) => { runs.decodes.push(id); return predict(); },
      get free() { return capacity - runs.decodes.length; },
    },
  };
}

async function collect(run: ReturnType<typeof generate>) {
  const ids: number[] = [];
  for (let step = await run.next(); ; step = await run.next()) {
    if (step.done === true) return { ids, reason: step.value };
    ids.push(step.value.id);
  }
}

const signal = new AbortController().signal;

test('ends at <eos>, which is not part of the suffix', async () => {
  const { steps, runs } = scripted([5, 6, EOS]);
  assert.deepEqual(await collect(generate(steps, { eosTokenIds: [EOS], maxNewTokens: 10 }, signal)), { ids: [5, 6], reason: 'eos' });
  assert.deepEqual(runs, { prefills: 1, decodes: [5, 6] });
});

test('an immediate <eos> is an empty suffix', async () => {
  const { steps } = scripted([EOS]);
  assert.deepEqual(await collect(generate(steps, { eosTokenIds: [EOS], maxNewTokens: 10 }, signal)), { ids: [], reason: 'eos' });
});

test('n tokens cost n − 1 decodes', async () => {
  const { steps, runs } = scripted([5, 6, 7]);
  assert.deepEqual(await collect(generate(steps, { eosTokenIds: [EOS], maxNewTokens: 2 }, signal)), { ids: [5, 6], reason: 'maxNewTokens' });
  assert.deepEqual(runs.decodes, [5]);
});

test('a full cache ends the suffix instead of failing', async () => {
  const { steps } = scripted([5, 6, 7, 8], 2);
  assert.deepEqual(await collect(generate(steps, { eosTokenIds: [EOS], maxNewTokens: 10 }, signal)), { ids: [5, 6, 7], reason: 'contextFull' });
});

test('a cancel is heard before the next native run', async () => {
  const controller = new AbortController();
  const { steps, runs } = scripted([5, 6, 7]);
  const run = generate(steps, { eosTokenIds: [EOS], maxNewTokens: 10 }, controller.signal);
  await run.next();
  await run.next();
  controller.abort();
  await assert.rejects(run.next(), { name: 'AbortError' });
  assert.deepEqual(runs.decodes, [5, 6]);
});
