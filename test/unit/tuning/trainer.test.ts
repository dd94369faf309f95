import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { Failure } from '../../../paligemma/src/failures';
import { runTrainer, type TrainerOptions } from '../../../server/src/tuning/trainer';
import { pythonsFor, trainerEnvironment } from '../../../server/src/tuning/trainerEnvironment';
import type { TrainerEvent } from '../../../server/src/contract/tuning';
import { CancelledError } from '../../../server/src/util/cancellation';
import { ManualTimers } from '../../support/manualTimers';
import { done, skip, standIn, start, step, trainingScript } from '../../support/trainings';

const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-trainer-'));
after(() => rmSync(folder, { recursive: true }));

interface Observed {
  readonly events: TrainerEvent[];
  readonly log: string[];
  readonly timers: ManualTimers;
}

/** Runs the stand-in. `onEvent`: hears of each event, with what cancels. */
async function run(
  acts: readonly Readonly<Record<string, unknown>>[],
  {
    onEvent = () => undefined,
    ...options
  }: Partial<Omit<TrainerOptions, 'onEvent'>> & {
    readonly onEvent?: (event: TrainerEvent, source: CancellationTokenSource, observed: Observed) => void;
  } = {},
) {
  const source = new CancellationTokenSource();
  const observed: Observed = { events: [], log: [], timers: new ManualTimers() };
  const result = runTrainer({
    pythons: [standIn],
    scriptPath: path.resolve('tuning/tune.py'),
    args: [trainingScript(folder, acts), '--out', path.join(folder, 'out')],
    log: (level, _scope, message) => observed.log.push(`${level} ${message}`),
    timers: observed.timers,
    ...options,
    onEvent: event => {
      observed.events.push(event);
      onEvent(event, source, observed);
    },
  }, source.token);
  return { result: await result.catch((error: unknown) => error), ...observed };
}

describe('the trainer', { skip }, () => {
  test('tells its events in their order, and its result', async () => {
    const { result, events } = await run([{ say: start }, { say: step(1) }, { say: step(2) }, { say: done }]);
    assert.deepEqual(events.map(({ event }) => event), ['start', 'step', 'step', 'done']);
    assert.deepEqual(result, { ...done, path: path.join(folder, 'out') });
  });

  test('may say anything beside its events, also without an end', async () => {
    const { result, log } = await run([
      { warn: 'FutureWarning: x is deprecated' },
      { raw: 'x', times: 300_000 },
      { raw: '\n{"event":"step"}\n\u001b[2J\n' },
      { say: done },
    ]);
    assert.equal((result as TrainerEvent).event, 'done');
    assert.ok(log.includes('info FutureWarning: x is deprecated'));
    assert.ok(log.every(line => line.length < 70_000));
  });

  test('that refuses is quoted, with the failure that fits', async () => {
    const reasons = [
      ['dataInvalid', 'trainingRefused'],
      ['outTaken', 'trainingRefused'],
      ['packagesMissing', 'trainerUnavailable'],
      ['diskFull', 'diskFull'],
      ['outOfMemory', 'outOfMemory'],
      ['lossNotFinite', 'trainingFailed'],
    ];
    for (const [reason, expected] of reasons) {
      const { result } = await run([{ say: { event: 'error', reason, message: 'Line 3 is wrong.' } }, { exit: 1 }]);
      assert.deepEqual([(result as Failure).reason, (result as Failure).message], [expected, 'Line 3 is wrong.']);
    }
  });

  test('that dies is told with its last word, and that it can go on', async () => {
    const { result } = await run([{ say: step(1) }, { warn: 'RuntimeError: CUDA error: unknown error.' }, { exit: 7 }]);
    assert.equal((result as Failure).reason, 'trainingFailed');
    assert.match(
      (result as Failure).message,
      /exit code 7 .*It said: RuntimeError: CUDA error: unknown error\. .*goes on/,
    );
    const killed = await run([{ say: step(1) }, { signal: 'SIGKILL' }]);
    assert.match((killed.result as Failure).message, /when memory runs out/);
  });

  test('that is no trainer at all is told so', async () => {
    const { result } = await run([{ raw: 'Python 2.7.18\n' }, { exit: 0 }]);
    assert.match(
      (result as Failure).message,
      /did not train\. Name a Python 3\.10 or newer\. It said: Python 2\.7\.18\./,
    );
  });

  test('that is not there is looked for under its other names, and then told with the cure', async () => {
    const missing = path.join(folder, 'none');
    assert.equal(((await run([{ say: done }], { pythons: [missing, standIn] })).result as TrainerEvent).event, 'done');
    const { result } = await run([], { pythons: [missing] });
    assert.equal((result as Failure).reason, 'trainerUnavailable');
    assert.match((result as Failure).message, /was not found \(.*none\)\. .*--python/);
    const folderInPlace = await run([], { pythons: [folder] });
    assert.match((folderInPlace.result as Failure).message, /cannot be started \(EACCES\)/);
  });

  test('is asked to stop by the end of its input, once, and its checkpoint is heard of', async () => {
    const saved = { event: 'saved', step: 1, path: '$OUT/checkpoints/step-1' };
    const { result, events } = await run(
      [{ say: step(1) }, { await: 'end' }, { say: saved }, { say: { event: 'stopped', path: '$OUT' } }, { exit: 130 }],
      { onEvent: ({ event }, source) => event === 'step' && source.cancel() },
    );
    assert.ok(result instanceof CancelledError);
    assert.deepEqual(events.map(({ event }) => event), ['step', 'saved', 'stopped']);
  });

  test('that finishes all the same has its result', async () => {
    const { result } = await run([{ say: step(4) }, { await: 'end' }, { say: done }], {
      onEvent: ({ event }, source) => event === 'step' && source.cancel(),
    });
    assert.equal((result as TrainerEvent).event, 'done');
  });

  test('that hangs behind its last word is ended, and its result holds', async () => {
    const { result } = await run([{ say: done }, { hang: true }], {
      onEvent: (_event, _source, { timers }) => setImmediate(() => timers.advance(15_000)),
    });
    assert.equal((result as TrainerEvent).event, 'done');
  });

  test('that does not stop when it is asked to is ended in the end', async () => {
    const { result, log } = await run([{ say: step(1) }, { hang: true }], {
      onEvent: (_event, source, { timers }) => {
        source.cancel();
        setImmediate(() => timers.advance(15 * 60_000));
      },
    });
    assert.ok(result instanceof CancelledError);
    assert.ok(log.some(line => line.includes('did not end')));
  });

  test('can be ended at once', async () => {
    let end: () => void = () => undefined;
    const { result } = await run([{ say: step(1) }, { hang: true }], {
      onStart: endNow => {
        end = endNow;
      },
      onEvent: () => end(),
    });
    assert.equal((result as Failure).reason, 'trainingFailed');
  });
});

test('the trainer gets the person’s environment without keys and tokens, and is told to fetch nothing', () => {
  const environment = trainerEnvironment({
    PATH: '/bin',
    CUDA_VISIBLE_DEVICES: '1',
    HF_TOKEN: 'secret',
    PALIGEMMA_API_KEY: 'secret',
    ELECTRON_RUN_AS_NODE: '1',
  });
  assert.deepEqual(environment, {
    PATH: '/bin',
    CUDA_VISIBLE_DEVICES: '1',
    HF_HUB_OFFLINE: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    PYTHONUTF8: '1',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  });
});

test('Python is the one that was named, or what it is called', () => {
  assert.deepEqual(pythonsFor(' /venv/bin/python ', 'linux'), ['/venv/bin/python']);
  assert.deepEqual(pythonsFor('', 'linux'), ['python3', 'python']);
  assert.deepEqual(pythonsFor(undefined, 'win32'), ['python', 'py']);
});
