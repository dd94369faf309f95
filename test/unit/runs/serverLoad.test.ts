import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerLoads, type Place } from '../../../server/src/models/servers/serverLoad';
import { ManualTimers } from '../../support/manualTimers';

const a = 'http://a:8000/v1';
const b = 'http://b:8000/v1';

function setUp() {
  const timers = new ManualTimers();
  const loads = new ServerLoads(timers);
  /** Fills the servers and answers everything. */
  const round = (
    urls: readonly string[],
    firstTextMs: number,
    setbacks: readonly { url: string; isOverload: boolean }[] = [],
  ) => {
    const places = Array.from({ length: loads.freePlaces(urls) }, () => loads.take(urls));
    for (const place of places) place.succeeded({ url: place.urls[0] ?? '', setbacks }, firstTextMs);
    return places.length;
  };
  return { timers, loads, round };
}

test('eight to begin with, about one more after as many answers of a server that is kept busy, sixty-four at most', () => {
  const { loads } = setUp();
  const places: Place[] = [];
  const sizes = Array.from({ length: 4000 }, () => {
    while (loads.freePlaces([a]) > 0) places.push(loads.take([a]));
    const size = places.length;
    places.shift()?.succeeded({ url: a, setbacks: [] }, 100);
    return size;
  });
  assert.deepEqual([sizes[0], sizes[7], sizes[9], sizes[20]], [8, 8, 9, 10]);
  assert.ok(sizes.every((size, index) => index === 0 || size >= (sizes[index - 1] ?? 0)));
  assert.equal(sizes.at(-1), 64);
});

test('a server that is not kept busy does not grow', () => {
  const { loads } = setUp();
  for (let run = 0; run < 100; run++) loads.take([a]).succeeded({ url: a, setbacks: [] }, 100);
  assert.equal(loads.freePlaces([a]), 8);
});

test('one overload halves the limit, however many runs met it; it never goes below one', () => {
  const { loads, round, timers } = setUp();
  round([a], 100, [{ url: a, isOverload: true }]);
  assert.equal(loads.freePlaces([a]), 4);
  for (let cut = 0; cut < 10; cut++) {
    timers.advance(1_000);
    loads.take([a]).failed(true);
  }
  assert.equal(loads.freePlaces([a]), 1);
});

test('first text that comes much later than usual lowers the limit', () => {
  const { loads, round } = setUp();
  loads.take([a]).succeeded({ url: a, setbacks: [] }, 200);
  round([a], 900);
  assert.equal(loads.freePlaces([a]), 8, 'within what is usual');
  loads.take([a]).succeeded({ url: a, setbacks: [] }, 5_000);
  assert.equal(loads.freePlaces([a]), 6);
});

test('runs are spread over the servers, each time to the one with most room', () => {
  const { loads } = setUp();
  const first = Array.from({ length: 6 }, () => loads.take([a, b]));
  assert.deepEqual(first.map(({ urls }) => urls[0]), [a, b, a, b, a, b]);
  assert.deepEqual(first[0]?.urls, [a, b], 'the other one follows, for the case that this one fails');
  assert.equal(loads.freePlaces([a, b]), 10);
  first[0]?.release();
  first[0]?.release();
  assert.equal(loads.freePlaces([a, b]), 11, 'given back once');
});

test('servers that have nothing to do take turns', () => {
  const { loads } = setUp();
  const order = Array.from({ length: 4 }, () => {
    const place = loads.take([a, b]);
    place.release();
    return place.urls[0];
  });
  assert.deepEqual(order, [a, b, a, b]);
});

test('a server that fails is set aside, longer each time, and tried again later', () => {
  const { loads, timers } = setUp();
  const failB = () => loads.take([a, b]).succeeded({ url: a, setbacks: [{ url: b, isOverload: false }] }, 100);
  failB();
  assert.deepEqual([loads.freePlaces([a, b]), loads.take([a, b]).urls], [8, [a, b]]);
  assert.ok(Array.from({ length: 7 }, () => loads.take([a, b]).urls[0]).every(url => url === a));
  timers.advance(15_000);
  assert.equal(loads.take([a, b]).urls[0], b);
  loads.take([b]).failed(false);
  timers.advance(15_000);
  assert.equal(loads.freePlaces([a, b]), 0, 'still set aside, and the other is full');
  timers.advance(15_000);
  assert.ok(loads.freePlaces([a, b]) > 0);
});

test('where every server failed, all of them are asked: nobody waits for good', () => {
  const { loads } = setUp();
  loads.take([a, b]).failed(false);
  assert.equal(loads.freePlaces([a, b]), 16);
});
