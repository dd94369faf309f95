// The queue of the test runner: what runs beside what, and in which order.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';

interface Job {
  readonly name: string;
  readonly seconds: number;
  readonly lane?: string;
  readonly after?: readonly string[];
}
interface Queue {
  readonly runQueue: (
    jobs: readonly (Job & { readonly run: () => Promise<void> })[],
    slots: number,
  ) => Promise<void>;
}

let queue: Queue;
before(async () => {
  queue = await scriptModule<Queue>('testing/queue.mjs');
});

/** Runs jobs that last as many ticks as they say seconds. @returns Who began and ended, in order: `+name`, `-name`. */
async function eventsOf(jobs: readonly Job[], slots: number): Promise<readonly string[]> {
  const events: string[] = [];
  const clock = { running: [] as { left: number; readonly end: () => void }[] };
  const ended = queue.runQueue(
    jobs.map(job => ({
      ...job,
      run: () => {
        events.push(`+${job.name}`);
        return new Promise<void>(resolve => {
          clock.running.push({
            left: job.seconds,
            end: () => {
              events.push(`-${job.name}`);
              resolve();
            },
          });
        });
      },
    })),
    slots,
  );
  while (clock.running.length > 0) {
    for (const one of clock.running) one.left--;
    const done = clock.running.filter(({ left }) => left <= 0);
    clock.running = clock.running.filter(({ left }) => left > 0);
    for (const { end } of done) end();
    // What follows begins before the next tick.
    await new Promise(setImmediate);
  }
  await ended;
  return events;
}

const begun = (events: readonly string[]) => events.filter(event => event.startsWith('+')).map(event => event.slice(1));

test('the longest jobs begin first, as many at once as there are slots', async () => {
  const events = await eventsOf([
    { name: 'short', seconds: 1 },
    { name: 'long', seconds: 5 },
    { name: 'middle', seconds: 3 },
    { name: 'other', seconds: 2 },
  ], 2);
  assert.deepEqual(events, ['+long', '+middle', '-middle', '+other', '-long', '-other', '+short', '-short']);
});

test('of a lane one job runs at a time, and a lane begins early enough for all of it', async () => {
  const events = await eventsOf([
    { name: 'alone', seconds: 5 },
    { name: 'first of the lane', seconds: 4, lane: 'a' },
    { name: 'second of the lane', seconds: 3, lane: 'a' },
    { name: 'small', seconds: 1 },
  ], 2);
  assert.deepEqual(begun(events), ['first of the lane', 'alone', 'second of the lane', 'small']);
  assert.ok(events.indexOf('+second of the lane') > events.indexOf('-first of the lane'));
});

test('a job waits for what it comes after, and what others wait for begins before longer ones', async () => {
  const events = await eventsOf([
    { name: 'long', seconds: 6 },
    { name: 'test', seconds: 10, after: ['build', 'a part that is not run'] },
    { name: 'build', seconds: 1 },
  ], 1);
  assert.deepEqual(events, ['+build', '-build', '+test', '-test', '+long', '-long']);
});

test('a slot is not kept free for a job that may not begin yet', async () => {
  const events = await eventsOf([
    { name: 'build', seconds: 3 },
    { name: 'test', seconds: 9, after: ['build'] },
    { name: 'lint', seconds: 1 },
    { name: 'types', seconds: 1 },
  ], 2);
  assert.deepEqual(begun(events), ['build', 'lint', 'types', 'test']);
});

test('every job runs once, however many slots there are', async () => {
  const jobs = Array.from({ length: 20 }, (_, index) => ({ name: String(index), seconds: 1 + index % 4 }));
  for (const slots of [1, 2, 7, 50]) {
    const events = await eventsOf(jobs, slots);
    assert.deepEqual(begun(events).sort(), jobs.map(({ name }) => name).sort());
    const most = events.reduce(
      ({ now, top }, event) => {
        const next = now + (event.startsWith('+') ? 1 : -1);
        return { now: next, top: Math.max(top, next) };
      },
      { now: 0, top: 0 },
    );
    assert.equal(most.top, Math.min(slots, jobs.length));
  }
});

test('what a job throws ends the queue', async () => {
  await assert.rejects(
    queue.runQueue([{ name: 'a', seconds: 1, run: () => Promise.reject(new Error('broken')) }], 2),
    /broken/,
  );
});
