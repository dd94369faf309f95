import type { RunFailure, RunResult } from '../../../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { UnwrittenAnswer } from '../../../../batch/src/unwritten';
import { REQUEST_SIZE, runBatch } from '../../../../client/src/batch/runBatch';
import type { BatchParts, Token } from '../../../../client/src/batch/runBatch';
import type { RunUpdate } from '../../../../server/src/contract/protocol';

const failure = (kind: RunFailure['kind']): RunFailure => ({
  code: 1001,
  kind,
  reason: 'imageUnreadable',
  message: 'No picture.',
});

/** A server that answers with the picture's own name, and fails where the name says so. */
function batch(imageUris: readonly string[], overrides: Partial<BatchParts> = {}) {
  const kept: number[] = [];
  const requests: number[] = [];
  const parts: BatchParts = {
    imageUris,
    skipped: new Set(),
    newSource: () => new CancellationTokenSource(),
    report: () => undefined,
    keep: index => {
      kept.push(index);
      return Promise.resolve();
    },
    request: async (uris, onUpdate, token) => {
      requests.push(uris.length);
      for (const [index, imageUri] of uris.entries()) {
        await Promise.resolve();
        if (token.isCancellationRequested) throw new Error('cancelled');
        onUpdate(update(index, imageUri));
      }
    },
    ...overrides,
  };
  return { parts, kept, requests };
}

function update(index: number, imageUri: string): RunUpdate {
  const kind = /^(user|environment)/.exec(imageUri)?.[1];
  if (kind !== undefined) return { index, outcome: { imageUri, error: failure(kind as RunFailure['kind']) } };
  return { index, outcome: { imageUri, result: { model: 'm', suffix: imageUri } as RunResult } };
}

const never: Token = new CancellationTokenSource().token;
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}.png`);

test('every picture is answered and kept in order, in requests of bounded size', async () => {
  const count = REQUEST_SIZE * 2 + 3;
  const { parts, kept, requests } = batch(names(count));
  assert.deepEqual(await runBatch(parts, never), { answered: count, failures: [], end: 'complete', model: 'm' });
  assert.deepEqual(kept, names(count).map((_, index) => index));
  assert.deepEqual(requests, [REQUEST_SIZE, REQUEST_SIZE, 3]);
});

test('what cannot be kept is not run, and fails by itself', async () => {
  const refused = new Map([[1, new UnwrittenAnswer('fileUnwritable', 'No.', false, undefined)]]);
  const { parts, kept, requests } = batch(names(3), { refused });
  const summary = await runBatch(parts, never);
  assert.deepEqual([kept, requests, summary.answered, summary.end], [[0, 2], [2], 2, 'complete']);
  assert.deepEqual(summary.failures.map(({ index, error }) => [index, error.message]), [[1, 'No.']]);
});

test('a picture that fails does not keep the others from being answered', async () => {
  const { parts, kept } = batch(['0.png', 'user-1.png', '2.png', 'user-3.png']);
  const { end, answered, failures } = await runBatch(parts, never);
  assert.deepEqual([end, answered, failures.map(({ index }) => index), kept], ['complete', 2, [1, 3], [0, 2]]);
});

test('pictures that are done already are not asked again', async () => {
  const { parts, kept, requests } = batch(names(5), { skipped: new Set([0, 3]) });
  assert.equal((await runBatch(parts, never)).end, 'complete');
  assert.deepEqual([kept, requests], [[1, 2, 4], [3]]);
});

test('cancelling keeps what was answered and asks for nothing more', async () => {
  const source = new CancellationTokenSource();
  const { parts, kept, requests } = batch(names(REQUEST_SIZE * 3), {
    report: ({ finished }) => {
      if (finished === REQUEST_SIZE + 2) source.cancel();
    },
  });
  const { end, answered, cause } = await runBatch(parts, source.token);
  assert.deepEqual([end, answered, kept.length, requests.length, cause], [
    'cancelled',
    REQUEST_SIZE + 2,
    REQUEST_SIZE + 2,
    2,
    undefined,
  ]);
});

test('where an answer cannot be written the batch stops and says why', async () => {
  const full = new Error('disk full');
  const { parts, requests } = batch(names(REQUEST_SIZE * 2), {
    keep: index => index < 2 ? Promise.resolve() : Promise.reject(full),
  });
  const { end, answered, cause } = await runBatch(parts, never);
  assert.deepEqual([end, answered, cause, requests.length], ['stopped', 2, full, 1]);
});

test('an answer whose own file cannot be written is a failure of its picture, and the others are kept', async () => {
  const { parts, kept } = batch(names(4), {
    keep: index => {
      if (index === 1) return Promise.reject(new UnwrittenAnswer('fileUnwritable', 'No.', false, undefined));
      kept.push(index);
      return Promise.resolve();
    },
  });
  const { end, answered, failures } = await runBatch(parts, never);
  assert.deepEqual([end, answered, failures.map(({ index, error }) => [index, error.message]), kept], [
    'complete',
    3,
    [[1, 'No.']],
    [0, 2, 3],
  ]);
});

test('the server alone says what ends a batch, however many pictures fail', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `environment-${index}.png`);
  const { end, failures } = await runBatch(batch(names).parts, never);
  assert.deepEqual([end, failures.length], ['complete', 40]);
});

test('a failure that ends the others ends the batch, and what was in hand then is not counted', async () => {
  const refused: RunFailure = { code: 1602, kind: 'user', reason: 'serverRefused', message: 'No key.' };
  const { parts, requests } = batch(names(REQUEST_SIZE * 2), {
    request: (uris, onUpdate) => {
      requests.push(uris.length);
      for (const [index, imageUri] of uris.entries()) {
        onUpdate({ index, outcome: { imageUri, error: refused, endsOthers: true } });
      }
      return Promise.resolve();
    },
  });
  const { end, failures, repeated } = await runBatch(parts, never);
  assert.deepEqual([end, failures.length, repeated, requests.length], ['stopped', 1, refused, 1]);
});

test('a server that ends stops the batch with its error', async () => {
  const { parts } = batch(names(3), { request: () => Promise.reject(new Error('gone')) });
  const { end, cause } = await runBatch(parts, never);
  assert.deepEqual([end, (cause as Error).message], ['stopped', 'gone']);
});
