import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box } from '../../../../paligemma/src/facts';
import { mergeRegions, type SeenRegion } from '../../../../paligemma/src/tiles/mergeRegions';
import { planTiles, type PictureSize } from '../../../../paligemma/src/tiles/plan';

const picture: PictureSize = { widthPx: 1000, heightPx: 1000 };
const nowhereBlank = { rows: new Uint8Array(1000), columns: new Uint8Array(1000) };
const tiles = planTiles(picture, { columns: 2, rows: 2 }, nowhereBlank, 'objects');
const whole: Box = { x1: 0, y1: 0, x2: 1000, y2: 1000 };

/** What each part sees of an object, as a model without a fault tells it. */
function seenIn(label: string, { x1, y1, x2, y2 }: Box, parts = tiles): SeenRegion[] {
  return parts.flatMap(tile => {
    const box = {
      x1: Math.max(x1, tile.x1),
      y1: Math.max(y1, tile.y1),
      x2: Math.min(x2, tile.x2),
      y2: Math.min(y2, tile.y2),
    };
    return box.x2 - box.x1 > 5 && box.y2 - box.y1 > 5 ? [{ label, box, tile }] : [];
  });
}

function merge(
  inParts: readonly SeenRegion[],
  inWhole: readonly SeenRegion[] = [],
  kind: 'text' | 'objects' = 'objects',
) {
  return mergeRegions({ inParts, inWhole, tiles, kind }).map(({ label, box }) => ({ label, box }));
}

test('an object that is dragged across both seams is one object, with its own box, at every place', () => {
  for (const side of [40, 150, 420]) {
    for (let x = 0; x + side <= 1000; x += 10) {
      for (const y of [0, 300, 500 - side / 2, 1000 - side]) {
        const box = { x1: x, y1: y, x2: x + side, y2: y + side };
        assert.deepEqual(merge(seenIn('star', box)), [{ label: 'star', box }], JSON.stringify(box));
      }
    }
  }
});

test('two objects of one label beside each other stay two, on a seam too', () => {
  for (let x = 300; x < 600; x += 7) {
    const first = { x1: x, y1: 100, x2: x + 60, y2: 160 };
    const second = { x1: x + 65, y1: 100, x2: x + 125, y2: 160 };
    const below = { x1: x, y1: 170, x2: x + 60, y2: 230 };
    const found = merge([first, second, below].flatMap(box => seenIn('icon', box)));
    assert.equal(found.length, 3, `at ${x}: ${JSON.stringify(found)}`);
  }
});

test('objects of different labels are different objects, wherever they lie', () => {
  const box = { x1: 480, y1: 100, x2: 520, y2: 140 };
  assert.deepEqual(merge([...seenIn('cup', box), ...seenIn('plate', box)]).map(({ label }) => label), ['cup', 'plate']);
});

test('the half of an object that is called something else is left out where the neighbour sees all of it', () => {
  const [left, right] = tiles;
  const found = merge([
    { label: 'square', box: { x1: 500, y1: 100, x2: 550, y2: 180 }, tile: left! },
    { label: 'circle', box: { x1: 500, y1: 100, x2: 580, y2: 180 }, tile: right! },
  ]);
  assert.deepEqual(found.map(({ label }) => label), ['circle']);
});

test('an answer that names one box again and again names it once', () => {
  const box = { x1: 10, y1: 10, x2: 90, y2: 90 };
  assert.equal(merge([...seenIn('cup', box), ...seenIn('cup', { ...box, x2: 92 })]).length, 1);
});

test('the whole picture adds what is larger than a part, and nothing that a part has', () => {
  const large = { x1: 50, y1: 60, x2: 950, y2: 930 };
  const inWhole = seenIn('bus', large, [whole]);
  // Each part sees a quarter of it, and one of them does not know it for a bus.
  assert.deepEqual(merge(seenIn('bus', large).slice(0, 3), inWhole), [{ label: 'bus', box: large }]);
  const small = { x1: 100, y1: 100, x2: 160, y2: 160 };
  const vague = { x1: 97, y1: 103, x2: 163, y2: 163 };
  assert.deepEqual(merge(seenIn('cup', small), seenIn('cup', vague, [whole])), [{ label: 'cup', box: small }]);
  assert.deepEqual(
    merge(seenIn('cup', small), seenIn('mug', vague, [whole])),
    [{ label: 'cup', box: small }],
    'a part sees better what it is',
  );
  assert.deepEqual(merge([], seenIn('cup', vague, [whole])), [{ label: 'cup', box: vague }], 'what the parts missed');
});

test('the half of an object that is called something else is left out where the whole picture shows all of it', () => {
  const [left, right] = tiles;
  const heart = { x1: 400, y1: 100, x2: 600, y2: 300 };
  const pieces = [
    { label: 'star', box: { ...heart, x2: 550 }, tile: left! },
    { label: 'heart', box: { ...heart, x1: 450 }, tile: right! },
  ];
  assert.deepEqual(merge(pieces, [{ label: 'heart', box: heart, tile: whole }]), [{ label: 'heart', box: heart }]);
  const inFront = { label: 'cup', box: { x1: 500, y1: 120, x2: 550, y2: 160 }, tile: left! };
  assert.equal(merge([inFront], [{ label: 'table', box: heart, tile: whole }]).length, 2);
});

test('words at a seam are joined with their boxes', () => {
  const [left, right] = tiles;
  const found = merge(
    [
      { label: 'Invoice num', box: { x1: 300, y1: 100, x2: 550, y2: 120 }, tile: left! },
      { label: 'ice number', box: { x1: 450, y1: 100, x2: 640, y2: 120 }, tile: right! },
      { label: 'Date', box: { x1: 700, y1: 100, x2: 740, y2: 120 }, tile: right! },
    ],
    [],
    'text',
  );
  assert.deepEqual(found, [
    { label: 'Invoice number', box: { x1: 300, y1: 100, x2: 640, y2: 120 } },
    { label: 'Date', box: { x1: 700, y1: 100, x2: 740, y2: 120 } },
  ]);
});

test('at a clean cut nothing is united: nothing crosses it', () => {
  const halves = [{ x1: 0, y1: 0, x2: 500, y2: 1000 }, { x1: 500, y1: 0, x2: 1000, y2: 1000 }];
  const seen = [{ x1: 440, y1: 100, x2: 498, y2: 160 }, { x1: 502, y1: 100, x2: 560, y2: 160 }].flatMap(box =>
    seenIn('icon', box, halves)
  );
  assert.equal(mergeRegions({ inParts: seen, inWhole: [], tiles: halves, kind: 'objects' }).length, 2);
});
