import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { Failure, type FailureReason } from '../../../paligemma/src/failures';
import type { RunResult } from '../../../paligemma/src/runResult';
import {
  HOPELESS_FAILURES,
  runMany,
  type ManyOutcome,
  type ManyRunsOptions,
  type PlannedRun,
} from '../../../server/src/runs/runMany';
import type { PreparedFolder, RunRequest } from '../../../server/src/runs/runner';
import { CancelledError } from '../../../server/src/util/cancellation';
import { silentLog } from '../../../server/src/util/log';

const modelNamed = (id: string): PreparedFolder => ({
  id,
  kind: 'mix',
  isDemo: false,
  path: `/${id}`,
  identity: id,
  adapterIdentity: undefined,
  spec: { path: `/${id}`, weights: 'int4', device: 'cpu', attention: 'full' },
});
const [first, second] = [modelNamed('first'), modelNamed('second')];

function planned(image: string, prompt = 'ocr', model = first, token?: CancellationToken): PlannedRun<string> {
  const request: RunRequest = { model, imagePath: `/${image}`, prompt, priority: 'batch', useStore: false };
  return { request, payload: image, ...(token === undefined ? {} : { token }) };
}

const answer = ({ model, imagePath, prompt }: RunRequest) =>
  ({ model: model.id, prompt, suffix: `about ${imagePath}`, image: { path: imagePath } }) as RunResult;
const failing = (reason: FailureReason) => Promise.reject(new Failure(reason, `It is ${reason}.`));

interface Wish<Verdict> extends Partial<Omit<ManyRunsOptions<string, Verdict>, 'runner'>> {
  readonly run?: (request: RunRequest, token: CancellationToken) => Promise<RunResult>;
  readonly width?: number;
  readonly token?: CancellationToken;
}

/** Runs a plan and notes which pictures were run and what was told, in the order of telling. */
async function go<Verdict>(plan: readonly PlannedRun<string>[], wish: Wish<Verdict> = {}) {
  const { run = request => Promise.resolve(answer(request)), width = 1, token = CancellationToken.None } = wish;
  const begun: string[] = [];
  const told: (readonly [number, ManyOutcome<Verdict>])[] = [];
  const tally = await runMany<string, Verdict>(plan, {
    log: silentLog,
    observer: { inOrder: (index, outcome) => void told.push([index, outcome]) },
    ...wish,
    runner: {
      laneOf: ({ id }) => ({ name: id, width: () => width }),
      run: (request, _, ownToken) => {
        begun.push(request.imagePath.slice(1));
        return run(request, ownToken);
      },
    },
  }, token);
  return { begun, tally, told, kinds: told.map(([, { kind }]) => kind) };
}

const pictures = (count: number, prefix = '') => Array.from({ length: count }, (_, index) => `${prefix}${index}.png`);

test('outcomes are told in the order of the plan, whichever comes first', async () => {
  const gates = new Map<string, () => void>();
  const ended: number[] = [];
  const told: number[] = [];
  const going = go(pictures(3).map(name => planned(name)), {
    width: 3,
    run: async request => {
      await new Promise<void>(resolve => gates.set(request.imagePath, resolve));
      return answer(request);
    },
    observer: { ended: index => ended.push(index), inOrder: index => void told.push(index) },
  });
  while (gates.size < 3) await new Promise(setImmediate);
  for (const name of ['/2.png', '/1.png', '/0.png']) {
    gates.get(name)?.();
    await new Promise(setImmediate);
  }
  assert.deepEqual((await going).tally, { done: 3, failed: 0, left: 0, cancelled: 0 });
  assert.deepEqual([ended, told], [[2, 1, 0], [0, 1, 2]]);
});

test('a picture that fails does not keep the others from being run', async () => {
  const { begun, kinds, tally } = await go(pictures(3).map(name => planned(name)), {
    run: request => request.imagePath === '/1.png' ? failing('imageUnreadable') : Promise.resolve(answer(request)),
  });
  assert.deepEqual(begun, pictures(3));
  assert.deepEqual(kinds, ['done', 'failed', 'done']);
  assert.deepEqual(tally, { done: 2, failed: 1, left: 0, cancelled: 0 });
});

test('a prompt that no picture can take ends its other pictures after the first, and no other prompt', async () => {
  const plan = [...pictures(4).map(name => planned(name, 'too long')), planned('last.png')];
  const { begun, told, tally } = await go(plan, {
    run: request => request.prompt === 'ocr' ? Promise.resolve(answer(request)) : failing('promptTooLong'),
  });
  assert.deepEqual(begun, ['0.png', 'last.png']);
  assert.deepEqual(tally, { done: 1, failed: 1, left: 3, cancelled: 0 });
  const [, ending] = told[0] ?? assert.fail();
  assert.ok(ending.kind === 'failed' && ending.endsOthers);
  const [, left] = told[1] ?? assert.fail();
  assert.ok(left.kind === 'left' && left.error === ending.error, 'and it says why');
});

test('two models of one plan end separately', async () => {
  const plan = pictures(3).flatMap(name => [planned(name, 'ocr', first), planned(name, 'ocr', second)]);
  const { tally, told } = await go(plan, {
    run: request => request.model.id === 'first' ? failing('serverRefused') : Promise.resolve(answer(request)),
  });
  assert.deepEqual(tally, { done: 3, failed: 1, left: 2, cancelled: 0 });
  assert.deepEqual(told.map(([index, { kind }]) => `${index} ${kind}`), [
    '0 failed',
    '1 done',
    '2 left',
    '3 done',
    '4 left',
    '5 done',
  ]);
});

test('one model loaded in two ways ends separately too', async () => {
  const onCard: PreparedFolder = {
    ...first,
    spec: { path: '/first', weights: 'f16', device: 'cuda', attention: 'full' },
  };
  const { tally } = await go([planned('a', 'ocr', onCard), planned('b', 'ocr', onCard), planned('a'), planned('b')], {
    run: request => request.model === onCard ? failing('outOfMemory') : Promise.resolve(answer(request)),
  });
  assert.deepEqual(tally, { done: 2, failed: 1, left: 1, cancelled: 0 });
});

test('what is in hand when the others end, and fails for the same reason, is left too; another failure is its own', async () => {
  const { kinds } = await go(pictures(5).map(name => planned(name)), {
    width: 3,
    run: ({ imagePath }) => failing(imagePath === '/2.png' ? 'imageMissing' : 'outOfMemory'),
  });
  assert.deepEqual(kinds, ['failed', 'left', 'failed', 'left', 'left']);
});

test('a machine that fails several times in a row ends the others; pictures that are at fault never do', async () => {
  const hopeless = await go(pictures(40).map(name => planned(name)), { run: () => failing('serverUnreachable') });
  assert.equal(hopeless.begun.length, HOPELESS_FAILURES);
  assert.deepEqual(hopeless.kinds.slice(0, 4), ['failed', 'failed', 'failed', 'left']);
  const unreadable = await go(pictures(40).map(name => planned(name)), { run: () => failing('imageUnreadable') });
  assert.equal(unreadable.tally.failed, 40);
  const nowAndThen = await go(pictures(40).map(name => planned(name)), {
    run: request => request.imagePath.endsWith('0.png') ? Promise.resolve(answer(request)) : failing('hostExited'),
  });
  assert.equal(nowAndThen.tally.done, 1, 'an answer in between would have begun the count anew');
  const everyThird = await go(pictures(40).map(name => planned(name)), {
    run: request =>
      Number.parseInt(request.imagePath.slice(1), 10) % 3 === 0
        ? Promise.resolve(answer(request))
        : failing('hostExited'),
  });
  assert.deepEqual(everyThird.tally, { done: 14, failed: 26, left: 0, cancelled: 0 });
});

test('a cancelled plan keeps what came, begins nothing more, and says how many are missing', async () => {
  const source = new CancellationTokenSource();
  const { begun, kinds, tally } = await go(pictures(5).map(name => planned(name)), {
    token: source.token,
    run: request => {
      if (request.imagePath !== '/2.png') return Promise.resolve(answer(request));
      source.cancel();
      return Promise.reject(new CancelledError());
    },
  });
  assert.deepEqual(begun, pictures(3));
  assert.deepEqual(kinds, ['done', 'done', 'cancelled', 'cancelled', 'cancelled']);
  assert.deepEqual(tally, { done: 2, failed: 0, left: 0, cancelled: 3 });
});

test('an answer that waited for its turn is told after a cancel all the same', async () => {
  const source = new CancellationTokenSource();
  const { told } = await go([
    planned('slow', 'ocr', first),
    planned('next', 'ocr', first),
    planned('fast', 'ocr', second),
  ], {
    token: source.token,
    run: (request, token) =>
      request.model.id === 'second'
        ? Promise.resolve(answer(request)).finally(() => setImmediate(() => source.cancel()))
        : new Promise((_, reject) => token.onCancellationRequested(() => reject(new CancelledError()))),
  });
  assert.deepEqual(told.map(([index, { kind }]) => `${index} ${kind}`), ['0 cancelled', '1 cancelled', '2 done']);
});

test('one run can be cancelled alone', async () => {
  const source = new CancellationTokenSource();
  source.cancel();
  const { begun, kinds } = await go([planned('a'), planned('b', 'ocr', first, source.token), planned('c')]);
  assert.deepEqual([begun, kinds], [['a', 'c'], ['done', 'cancelled', 'done']]);
});

test('a failure of a cancelled run is no failure', async () => {
  const source = new CancellationTokenSource();
  const { kinds } = await go([planned('a')], {
    token: source.token,
    run: () => {
      source.cancel();
      return failing('hostExited');
    },
  });
  assert.deepEqual(kinds, ['cancelled']);
});

test('what is known already is told and not run, also when the others have ended', async () => {
  const { begun, told } = await go(pictures(4).map(name => planned(name)), {
    known: ({ payload, request }) =>
      Promise.resolve(
        payload === '2.png' && !(request instanceof Failure) ? { ...answer(request), suffix: 'before' } : undefined,
      ),
    run: () => failing('modelUnsupported'),
  });
  assert.deepEqual(begun, ['0.png']);
  assert.deepEqual(told.map(([, { kind }]) => kind), ['failed', 'left', 'done', 'left']);
  const [, known] = told[2] ?? assert.fail();
  assert.ok(known.kind === 'done' && known.isKnown && known.result.suffix === 'before');
});

test('an answer comes with what its owner makes of it; one that is worth nothing is a failure', async () => {
  const { told } = await go(pictures(2).map(name => planned(name)), {
    judge: ({ suffix }, { payload }) => {
      if (payload === '1.png') throw new Failure('badArgument', 'It says nothing.');
      return suffix.length;
    },
  });
  const [[, judged], [, worthless]] = told as [(typeof told)[0], (typeof told)[0]];
  assert.ok(judged.kind === 'done' && judged.verdict === 'about /0.png'.length && !judged.isKnown);
  assert.ok(worthless.kind === 'failed' && worthless.error.message === 'It says nothing.');
});

test('a run whose model cannot be had says so in its place', async () => {
  const gone: PlannedRun<string> = { request: new Failure('modelMissing', 'No model.'), payload: 'b' };
  const { begun, kinds } = await go([planned('a'), gone, planned('c')]);
  assert.deepEqual([begun, kinds], [['a', 'c'], ['done', 'failed', 'done']]);
});

test('a listener that cannot keep an outcome ends everything with its failure', async () => {
  const plan = pictures(10).map(name => planned(name));
  const kept: number[] = [];
  const going = go(plan, {
    observer: {
      inOrder: index => {
        kept.push(index);
        return index === 2 ? Promise.reject(new Error('disk full')) : Promise.resolve();
      },
    },
  });
  await assert.rejects(going, /disk full/);
  assert.deepEqual(kept, [0, 1, 2]);
});

test('a bug is logged with its place, and the others go on', async () => {
  const lines: string[] = [];
  const { kinds } = await go(pictures(2).map(name => planned(name)), {
    run: request =>
      request.imagePath === '/0.png' ? Promise.reject(new TypeError('a bug')) : Promise.resolve(answer(request)),
    log: (_, scope, message) => lines.push(`${scope} ${message}`),
  });
  assert.deepEqual(kinds, ['failed', 'done']);
  assert.match(lines.join(), /^server\.run TypeError: a bug\n\s+at /);
});

test('progress says how many runs have ended', async () => {
  const seen: (readonly [number, number])[] = [];
  const progress = { kind: 'text', text: 'so far', tokens: 1 } as const;
  await runMany(pictures(3).map(name => planned(name)), {
    log: silentLog,
    observer: { progress: (index, _, over) => seen.push([index, over]) },
    runner: {
      laneOf: () => ({ name: 'here', width: () => 1 }),
      run: (request, onProgress) => {
        onProgress(progress);
        return Promise.resolve(answer(request));
      },
    },
  }, CancellationToken.None);
  assert.deepEqual(seen, [[0, 0], [1, 1], [2, 2]]);
});

test('a fast model does not get so far ahead of a slow one that its answers fill the memory', async () => {
  let release = () => {};
  const gate = new Promise<void>(resolve => (release = resolve));
  const begun: string[] = [];
  const going = runMany([planned('slow', 'ocr', first), ...pictures(2000).map(name => planned(name, 'ocr', second))], {
    log: silentLog,
    observer: { inOrder: () => undefined },
    runner: {
      laneOf: ({ id }) => ({ name: id, width: () => 4 }),
      run: async request => {
        begun.push(request.imagePath);
        if (request.model.id === 'first') await gate;
        return answer(request);
      },
    },
  }, CancellationToken.None);
  let before = -1;
  while (begun.length > before) {
    before = begun.length;
    await new Promise(setImmediate);
  }
  assert.ok(begun.length < 600, `${begun.length} were begun`);
  release();
  assert.equal((await going).done, 2001);
});
