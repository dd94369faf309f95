import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate, type Row } from '../../../model-host/src/generation/generate';

const EOS = 1;

/** A decoder that answers each sequence with the given ids and records its steps. */
function scripted(scripts: readonly (readonly number[])[], capacity = 100) {
  const decoded: number[][] = [];
  const kept: number[][] = [];
  let alive = scripts.map((_, row) => row);
  const at = (row: number, step: number) => ({ id: scripts[row]?.[step] ?? EOS, probability: 0.5 });
  return {
    decoded,
    kept,
    first: (row: number) => at(row, 0),
    steps: {
      decode: (ids: readonly number[]) => {
        decoded.push([...ids]);
        return Promise.resolve(alive.map(row => at(row, decoded.length)));
      },
      keep: (rows: readonly number[]) => {
        kept.push([...rows]);
        alive = rows.map(row => alive[row]!);
        return Promise.resolve();
      },
      get free() {
        return capacity - decoded.length;
      },
    },
  };
}

async function collect(
  scripts: readonly (readonly number[])[],
  {
    maxNewTokens = 10,
    capacity = 100,
    onToken = (_row: number, _id: number) => undefined,
    signals = [] as readonly AbortSignal[],
  } = {},
) {
  const decoder = scripted(scripts, capacity);
  const results = scripts.map(() => ({ ids: [] as number[], reason: 'left' }));
  const rows: Row[] = scripts.map((_, row) => ({
    first: decoder.first(row),
    signal: signals[row] ?? new AbortController().signal,
    onToken: ({ id }) => {
      results[row]!.ids.push(id);
      onToken(row, id);
    },
    onEnd: reason => {
      results[row]!.reason = reason;
    },
  }));
  await generate(rows, decoder.steps, { eosTokenIds: [EOS], maxNewTokens });
  return { results, decoded: decoder.decoded, kept: decoder.kept };
}

test('ends at <eos>, which is not part of the suffix', async () => {
  const { results, decoded } = await collect([[5, 6, EOS]]);
  assert.deepEqual(results, [{ ids: [5, 6], reason: 'eos' }]);
  assert.deepEqual(decoded, [[5], [6]]);
});

test('an immediate <eos> is an empty suffix', async () => {
  const { results, decoded } = await collect([[EOS]]);
  assert.deepEqual(results, [{ ids: [], reason: 'eos' }]);
  assert.deepEqual(decoded, []);
});

test('n tokens cost n − 1 steps', async () => {
  const { results, decoded } = await collect([[5, 6, 7]], { maxNewTokens: 2 });
  assert.deepEqual(results, [{ ids: [5, 6], reason: 'maxNewTokens' }]);
  assert.deepEqual(decoded, [[5]]);
});

test('a full cache ends the suffix instead of failing', async () => {
  assert.deepEqual((await collect([[5, 6, 7, 8]], { capacity: 2 })).results, [{
    ids: [5, 6, 7],
    reason: 'contextFull',
  }]);
});

test('rows end each by itself, and the others go on', async () => {
  const { results, decoded, kept } = await collect([[5, 6, 7, EOS], [8, EOS], [EOS], [9, 10, 11, 12]], {
    maxNewTokens: 4,
  });
  assert.deepEqual(results, [
    { ids: [5, 6, 7], reason: 'eos' },
    { ids: [8], reason: 'eos' },
    { ids: [], reason: 'eos' },
    { ids: [9, 10, 11, 12], reason: 'maxNewTokens' },
  ]);
  assert.deepEqual(decoded, [[5, 8, 9], [6, 10], [7, 11]]);
  assert.deepEqual(kept, [[0, 1, 3], [0, 2]]);
});

test('a row that is cancelled leaves without disturbing the others', async () => {
  const controller = new AbortController();
  const { results, decoded } = await collect([[5, 6, 7, EOS], [8, 9, 10, EOS]], {
    signals: [controller.signal],
    onToken: (row, id) => {
      if (row === 1 && id === 8) controller.abort();
    },
  });
  assert.deepEqual(results, [{ ids: [5], reason: 'left' }, { ids: [8, 9, 10], reason: 'eos' }]);
  assert.deepEqual(decoded, [[5, 8], [9], [10]]);
});
