import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DraftedSteps, type DraftableSteps, type Propose } from '../../../model-host/src/generation/draftedSteps';
import { generate } from '../../../model-host/src/generation/generate';

const EOS = 1;

/**
 * A decoder that follows a script wherever it is: what comes behind a token depends on all tokens that were kept before
 * it.
 */
function scripted(script: readonly number[], capacity: number) {
  const kept: number[] = [];
  const runs: number[][] = [];
  const discarded: number[] = [];
  const following = () => ({
    id: kept.every((id, index) => id === script[index]) ? script[kept.length] ?? EOS : 99,
    probability: kept.length / 100,
  });
  const steps: DraftableSteps = {
    decode: () => assert.fail('every step may be a draft'),
    keep: () => Promise.resolve(),
    decodeDraft: ids => {
      runs.push([...ids]);
      return Promise.resolve(ids.map(id => {
        kept.push(id);
        return following();
      }));
    },
    discard: count => {
      discarded.push(count);
      kept.length -= count;
    },
    get free() {
      return capacity - kept.length;
    },
  };
  return { steps, runs, discarded };
}

async function collect(script: readonly number[], propose: Propose, { capacity = 100, maxNewTokens = 50 } = {}) {
  const { steps, runs, discarded } = scripted(script, capacity);
  const told: { id: number; probability: number }[] = [];
  let reason = '';
  await generate(
    [{
      first: { id: script[0]!, probability: 0 },
      signal: new AbortController().signal,
      onToken: prediction => told.push(prediction),
      onEnd: ended => {
        reason = ended;
      },
    }],
    new DraftedSteps(steps, propose),
    { eosTokenIds: [EOS], maxNewTokens },
  );
  // Whatever was guessed: the tokens of the script, each with the probability that it had in its own place.
  told.forEach(({ id, probability }, index) => assert.deepEqual([id, probability], [script[index], index / 100]));
  return { ids: told.map(({ id }) => id), reason, runs, discarded };
}

const after = (last: number, draft: readonly number[]): Propose => suffix => (suffix.at(-1) === last ? draft : []);

test('right guesses take one run, and are told one by one', async () => {
  const { ids, reason, runs, discarded } = await collect([10, 11, 12, 13, 14], after(11, [12, 13, 14]));
  assert.deepEqual(ids, [10, 11, 12, 13, 14]);
  assert.equal(reason, 'eos');
  assert.deepEqual(runs, [[10], [11, 12, 13, 14]]);
  assert.deepEqual(discarded, []);
});

test('what was guessed wrong is taken back, and what was right before it stays', async () => {
  const { ids, runs, discarded } = await collect([10, 11, 12, 13, 14], after(11, [12, 77, 78]));
  assert.deepEqual(ids, [10, 11, 12, 13, 14]);
  assert.deepEqual(runs, [[10], [11, 12, 77, 78], [13], [14]]);
  assert.deepEqual(discarded, [2]);
});

test('a guess beyond the end changes nothing', async () => {
  const { ids, reason, runs } = await collect([10, 11], after(10, [11, 12, 13]));
  assert.deepEqual(ids, [10, 11]);
  assert.equal(reason, 'eos');
  assert.deepEqual(runs, [[10, 11, 12, 13]]);
});

test('a guess that is wrong from its first token on is the last one', async () => {
  const { ids, runs, discarded } = await collect([10, 11, 10, 11, 10, 11], after(10, [55, 56]));
  assert.deepEqual(ids, [10, 11, 10, 11, 10, 11]);
  assert.deepEqual(runs, [[10, 55, 56], [11], [10], [11], [10], [11]]);
  assert.deepEqual(discarded, [2]);
});

test('a draft never needs more room than there is, and the room of guesses counts as free', async () => {
  const script = [10, 11, 12, 13, 14, 15];
  for (const capacity of [1, 2, 3, 4, 5]) {
    const { ids, reason, runs } = await collect(script, after(10, [11, 12, 13, 14]), { capacity });
    assert.deepEqual(ids, script.slice(0, capacity + 1), 'as many as without guesses');
    assert.equal(reason, 'contextFull');
    assert.ok((runs[0]?.length ?? 0) <= capacity);
  }
});

test('the limit of new tokens holds in the middle of a draft', async () => {
  const { ids, reason } = await collect([10, 11, 12, 13, 14], after(10, [11, 12, 13]), { maxNewTokens: 3 });
  assert.deepEqual(ids, [10, 11, 12]);
  assert.equal(reason, 'maxNewTokens');
});

test('several sequences are refused', async () => {
  await assert.rejects(new DraftedSteps(scripted([1], 9).steps, () => []).decode([1, 2]), RangeError);
});
