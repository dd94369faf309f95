import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import { RunQueue, type Lane, type RunPriority } from '../../../server/src/runs/runQueue';
import { CancelledError } from '../../../server/src/util/cancellation';
import { ManualTimers } from '../../support/manualTimers';

interface Execution {
  readonly request: string;
  readonly onProgress: (progress: RunProgress) => void;
  readonly token: CancellationToken;
  readonly resolve: (result: string) => void;
  readonly reject: (error: unknown) => void;
}

/** A queue whose work ends when the test says so. */
function setUp(yieldLimitMs = 5000) {
  const timers = new ManualTimers();
  const executions: Execution[] = [];
  let unblocked = 0;
  const queue = new RunQueue<string, string>({
    execute: (request, onProgress, token) =>
      new Promise((resolve, reject) => executions.push({ request, onProgress, token, resolve, reject })),
    timers,
    yieldLimitMs,
  });
  const enqueue = (
    key: string,
    priority: RunPriority = 'command',
    token: CancellationToken = CancellationToken.None,
    onProgress: (progress: RunProgress) => void = () => undefined,
  ) => queue.enqueue({ key, request: key, priority, lane: one }, onProgress, token);
  const one: Lane = {
    name: 'one',
    hasRoom: running => running === 0,
    unblock: () => {
      unblocked++;
    },
  };
  return {
    timers,
    executions,
    queue,
    enqueue,
    unblocked: () => unblocked,
    started: () => executions.map(({ request }) => request),
  };
}

/** Lets every settled promise be heard. */
const settled = () => new Promise(resolve => setImmediate(resolve));

test('one at a time, explicit commands first, then hovers, then folders; first come first served among equals', async () => {
  const { executions, enqueue, started } = setUp();
  const done = [
    enqueue('a', 'batch'),
    enqueue('b', 'batch'),
    enqueue('c', 'hover'),
    enqueue('d', 'command'),
    enqueue('e', 'command'),
  ];
  for (let index = 0; index < done.length; index++) {
    assert.equal(executions.length, index + 1);
    const execution = executions[index] ?? assert.fail();
    execution.resolve(`${execution.request}!`);
    await settled();
  }
  assert.deepEqual(started(), ['a', 'd', 'e', 'c', 'b']);
  assert.deepEqual(await Promise.all(done), ['a!', 'b!', 'c!', 'd!', 'e!']);
});

test('identical runs are executed once and everybody is answered', async () => {
  const { executions, enqueue } = setUp();
  const done = [enqueue('a'), enqueue('a'), enqueue('a', 'batch')];
  executions[0]?.resolve('x');
  assert.deepEqual(await Promise.all(done), ['x', 'x', 'x']);
  assert.equal(executions.length, 1);
});

test('a run is not joined once it is done', async () => {
  const { executions, enqueue } = setUp();
  const first = enqueue('a');
  executions[0]?.resolve('x');
  assert.equal(await first, 'x');
  const second = enqueue('a');
  executions[1]?.resolve('y');
  assert.equal(await second, 'y');
});

test('joining with a higher priority moves a waiting run up', async () => {
  const { executions, enqueue, started } = setUp();
  void enqueue('a');
  void enqueue('b', 'hover');
  void enqueue('c', 'batch');
  void enqueue('c', 'command');
  executions[0]?.resolve('');
  await settled();
  assert.deepEqual(started(), ['a', 'c']);
});

test('who joins late gets the progress so far, and then what everybody gets', async () => {
  const { executions, enqueue } = setUp();
  const early: RunProgress[] = [];
  const late: RunProgress[] = [];
  void enqueue('a', 'command', CancellationToken.None, progress => early.push(progress));
  const phase = (done: number): RunProgress => ({ kind: 'phase', phase: 'prefill', done, total: 3 });
  const text = (value: string): RunProgress => ({ kind: 'text', text: value, tokens: value.length });
  for (const progress of [phase(1), phase(2), text('a'), text('ab')]) executions[0]?.onProgress(progress);
  void enqueue('a', 'command', CancellationToken.None, progress => late.push(progress));
  executions[0]?.onProgress(text('abc'));
  await settled();
  assert.deepEqual(early, [phase(1), phase(2), text('a'), text('ab'), text('abc')]);
  assert.deepEqual(late, [phase(2), text('ab'), text('abc')]);
});

test('a listener that throws does not take the run from the others', async () => {
  const { executions, enqueue } = setUp();
  const heard: RunProgress[] = [];
  const first = enqueue('a', 'command', CancellationToken.None, () => {
    throw new Error('gone');
  });
  const second = enqueue('a', 'command', CancellationToken.None, progress => heard.push(progress));
  executions[0]?.onProgress({ kind: 'text', text: 'a', tokens: 1 });
  executions[0]?.resolve('x');
  assert.deepEqual(await Promise.all([first, second]), ['x', 'x']);
  assert.equal(heard.length, 1);
});

test('a failure reaches everybody who waits, and the next run goes on', async () => {
  const { executions, enqueue } = setUp();
  const done = Promise.allSettled([enqueue('a'), enqueue('a'), enqueue('b')]);
  executions[0]?.reject(new Error('broken'));
  await settled();
  executions[1]?.resolve('fine');
  assert.deepEqual((await done).map(({ status }) => status), ['rejected', 'rejected', 'fulfilled']);
});

test('a caller who cancels is answered at once; the run ends only when nobody waits any more', async () => {
  const { executions, enqueue } = setUp();
  const [first, second] = [new CancellationTokenSource(), new CancellationTokenSource()];
  const one = enqueue('a', 'command', first.token);
  const two = enqueue('a', 'command', second.token);
  first.cancel();
  await assert.rejects(one, CancelledError);
  assert.equal(executions[0]?.token.isCancellationRequested, false);
  second.cancel();
  await assert.rejects(two, CancelledError);
  assert.equal(executions[0]?.token.isCancellationRequested, true);
});

test('a run that is being cancelled is not joined: the same run starts anew behind it', async () => {
  const { executions, enqueue, started } = setUp();
  const source = new CancellationTokenSource();
  const cancelled = enqueue('a', 'command', source.token);
  source.cancel();
  await assert.rejects(cancelled, CancelledError);
  const again = enqueue('a');
  assert.equal(executions.length, 1);
  executions[0]?.reject(new CancelledError());
  await settled();
  assert.deepEqual(started(), ['a', 'a']);
  executions[1]?.resolve('x');
  assert.equal(await again, 'x');
});

test('a waiting run that is cancelled never starts', async () => {
  const { executions, enqueue, started, queue } = setUp();
  const source = new CancellationTokenSource();
  void enqueue('a');
  const waiting = enqueue('b', 'command', source.token);
  void enqueue('c');
  source.cancel();
  await assert.rejects(waiting, CancelledError);
  assert.equal(queue.length, 1);
  executions[0]?.resolve('');
  await settled();
  assert.deepEqual(started(), ['a', 'c']);
});

test('a token that is cancelled already never enters the queue', async () => {
  const { executions, enqueue } = setUp();
  await assert.rejects(enqueue('a', 'command', CancellationToken.Cancelled), CancelledError);
  assert.equal(executions.length, 0);
});

test('a cancelled run that does not yield is unblocked after the limit, but only while another one waits', async () => {
  const { timers, enqueue, unblocked } = setUp(5000);
  const source = new CancellationTokenSource();
  const stuck = enqueue('a', 'command', source.token);
  source.cancel();
  await assert.rejects(stuck, CancelledError);
  timers.advance(3000);
  void enqueue('b');
  timers.advance(1999);
  assert.equal(unblocked(), 0);
  timers.advance(1);
  assert.equal(unblocked(), 1, 'five seconds after it was cancelled');
});

test('without another run a cancelled one is left alone for as long as it takes', async () => {
  const { timers, enqueue, unblocked } = setUp(5000);
  const source = new CancellationTokenSource();
  const stuck = enqueue('a', 'command', source.token);
  source.cancel();
  await assert.rejects(stuck, CancelledError);
  timers.advance(60_000);
  assert.equal(unblocked(), 0);
  void enqueue('b');
  timers.advance(0);
  assert.equal(unblocked(), 1, 'at once: the limit has passed');
});

test('a cancelled run that yields in time is not unblocked, nor is a run that somebody waits for', async () => {
  const { timers, executions, enqueue, unblocked } = setUp(5000);
  const source = new CancellationTokenSource();
  const cancelled = enqueue('a', 'command', source.token);
  void enqueue('b');
  void enqueue('c');
  source.cancel();
  await assert.rejects(cancelled, CancelledError);
  executions[0]?.reject(new CancelledError());
  await settled();
  timers.advance(60_000);
  assert.equal(unblocked(), 0);
  assert.equal(timers.pendingCount, 0);
});

test('when the waiting run is cancelled too, nobody is unblocked', async () => {
  const { timers, enqueue, unblocked } = setUp(5000);
  const [first, second] = [new CancellationTokenSource(), new CancellationTokenSource()];
  const runs = Promise.allSettled([enqueue('a', 'command', first.token), enqueue('b', 'command', second.token)]);
  first.cancel();
  second.cancel();
  await runs;
  timers.advance(60_000);
  assert.equal(unblocked(), 0);
});

/** A queue of lanes: their names are the first letters of the keys. */
function lanes(options: Partial<Record<string, Partial<Lane>>>) {
  const executions = new Map<
    string,
    { readonly token: CancellationToken; readonly resolve: (result: string) => void }
  >();
  const timers = new ManualTimers();
  const queue = new RunQueue<string, string>({
    execute: (request, _onProgress, token) => new Promise(resolve => executions.set(request, { token, resolve })),
    timers,
  });
  const enqueue = (
    key: string,
    { priority = 'batch', group, token = CancellationToken.None }: {
      priority?: RunPriority;
      group?: string;
      token?: CancellationToken;
    } = {},
  ) => {
    const name = key.slice(0, 1);
    const lane: Lane = {
      name,
      hasRoom: running => running === 0,
      ...options[name],
      ...(group === undefined ? {} : { group }),
    };
    return queue.enqueue({ key, request: key, priority, lane }, () => undefined, token);
  };
  return { executions, timers, enqueue, started: () => [...executions.keys()] };
}

test('lanes do not wait for each other, and each has its own room', async () => {
  const { executions, enqueue, started } = lanes({ r: { hasRoom: running => running < 2 } });
  const done = ['l1', 'l2', 'r1', 'r2', 'r3'].map(key => enqueue(key));
  assert.deepEqual(started(), ['l1', 'r1', 'r2']);
  executions.get('r1')?.resolve('');
  await settled();
  assert.deepEqual(started(), ['l1', 'r1', 'r2', 'r3']);
  executions.get('l1')?.resolve('');
  await settled();
  assert.deepEqual(started(), ['l1', 'r1', 'r2', 'r3', 'l2']);
  for (const { resolve } of executions.values()) resolve('');
  await Promise.all(done);
});

test('runs of one group are in progress together, others wait; the most urgent goes first once they are done', async () => {
  const { executions, enqueue, started } = lanes({ l: { hasRoom: running => running < 3 } });
  for (const key of ['l1', 'l2', 'l3', 'l4']) void enqueue(key, { group: 'a' });
  void enqueue('l5', { group: 'b', priority: 'command' });
  assert.deepEqual(started(), ['l1', 'l2', 'l3']);
  executions.get('l1')?.resolve('');
  await settled();
  assert.deepEqual(started(), ['l1', 'l2', 'l3'], 'the urgent one is next, and its group has to be alone');
  executions.get('l2')?.resolve('');
  executions.get('l3')?.resolve('');
  await settled();
  assert.deepEqual(started(), ['l1', 'l2', 'l3', 'l5']);
  executions.get('l5')?.resolve('');
  await settled();
  assert.deepEqual(started().at(-1), 'l4');
});

test('where a lane lets it, an urgent run starts beside a folder at once, and the folder goes on behind it', async () => {
  const { executions, enqueue, started } = lanes({ l: { hasRoom: running => running < 3, letsUrgentPass: true } });
  for (const key of ['l1', 'l2', 'l3', 'l4']) void enqueue(key, { group: 'a', priority: 'batch' });
  void enqueue('l5', { group: 'b', priority: 'command' });
  void enqueue('l6', { group: 'b', priority: 'command' });
  assert.deepEqual(started(), ['l1', 'l2', 'l3', 'l5'], 'the second one waits for the first');
  executions.get('l5')?.resolve('');
  await settled();
  assert.deepEqual(started(), ['l1', 'l2', 'l3', 'l5', 'l6']);
  executions.get('l6')?.resolve('');
  executions.get('l1')?.resolve('');
  await settled();
  assert.deepEqual(started().at(-1), 'l4');
});

test('a cancelled run that does not yield is unblocked for those that were begun beside it too', async () => {
  let unblocked = 0;
  const { enqueue, timers, executions } = lanes({
    l: {
      hasRoom: running => running < 3,
      unblock: () => {
        unblocked++;
      },
    },
  });
  const source = new CancellationTokenSource();
  const stuck = enqueue('l1', { group: 'a', token: source.token });
  source.cancel();
  await assert.rejects(stuck, CancelledError);
  const beside = [enqueue('l2', { group: 'a' }), enqueue('l3', { group: 'a' })];
  timers.advance(3000);
  executions.get('l2')?.resolve('');
  await settled();
  timers.advance(1999);
  assert.equal(unblocked, 0);
  timers.advance(1);
  assert.equal(unblocked, 1, 'the limit counts from the cancelling, whatever ended meanwhile');
  executions.get('l3')?.resolve('');
  await Promise.all(beside);
});

test('a cancelled run that does not yield is unblocked for its own lane only', async () => {
  const unblocked: string[] = [];
  const { enqueue, timers } = lanes({
    l: { unblock: () => unblocked.push('l') },
    r: { unblock: () => unblocked.push('r') },
  });
  const source = new CancellationTokenSource();
  const stuck = enqueue('l1', { token: source.token });
  void enqueue('r1');
  void enqueue('r2');
  source.cancel();
  await assert.rejects(stuck, CancelledError);
  timers.advance(5_000);
  assert.deepEqual(unblocked, [], 'nobody waits for that lane');
  void enqueue('l2');
  timers.advance(0);
  assert.deepEqual(unblocked, ['l']);
});
