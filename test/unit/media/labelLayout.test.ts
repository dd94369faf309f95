import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeLabels } from '../../../media/viewer/labelLayout';
import type { LabelToPlace } from '../../../media/viewer/labelLayout';
import { growthFault } from '../../support/hostile/growth';
import { seededRandom } from '../../support/seededRandom';

const room = { width: 800, height: 600 };
const label = (x1: number, y1: number, x2: number, y2: number, isUrgent = false): LabelToPlace => ({
  box: { x1, y1, x2, y2 },
  width: 80,
  height: 20,
  isUrgent,
});

test('a label stands above its box, or inside where there is no room above', () => {
  assert.deepEqual(placeLabels([label(100, 100, 300, 300)], room), [{ x: 100, y: 78 }]);
  assert.deepEqual(placeLabels([label(100, 0, 300, 300)], room), [{ x: 100, y: 0 }]);
});

test('a label does not cover what it names, nor what others name, as long as there is room elsewhere', () => {
  const covered = (labels: readonly LabelToPlace[]) =>
    placeLabels(labels, room).map(place =>
      labels.map(({ box }) => {
        if (place === undefined) return 0;
        const across = Math.min(box.x2, place.x + 80) - Math.max(box.x1, place.x);
        const down = Math.min(box.y2, place.y + 20) - Math.max(box.y1, place.y);
        return across <= 0 || down <= 0 ? 0 : across * down / ((box.x2 - box.x1) * (box.y2 - box.y1));
      }).reduce((most, share) => Math.max(most, share), 0)
    );
  const cases: readonly (readonly [name: string, labels: readonly LabelToPlace[]])[] = [
    ['small, at the upper edge', [label(300, 2, 340, 26)]],
    ['small, in each corner', [
      label(0, 0, 30, 24),
      label(770, 0, 800, 24),
      label(0, 576, 30, 600),
      label(770, 576, 800, 600),
    ]],
    ['as wide as the room, at the upper edge', [label(0, 0, 800, 24)]],
    ['one above the other', [label(100, 300, 180, 320), label(100, 276, 180, 298)]],
    ['a row at the upper edge', [0, 1, 2, 3].map(i => label(100 + i * 30, 0, 125 + i * 30, 24))],
  ];
  for (const [name, labels] of cases) {
    for (const share of covered(labels)) assert.ok(share <= 0.06, `${name}: ${share}`);
  }
});

test('a label of a box that is partly out of sight is in sight; one that is wholly out of it has none', () => {
  assert.deepEqual(placeLabels([label(-500, -500, 1_500, 1_500)], room), [{ x: 0, y: 0 }]);
  assert.deepEqual(placeLabels([label(790, 300, 1_000, 400)], room), [{ x: 720, y: 278 }]);
  assert.deepEqual(placeLabels([label(900, 300, 1_000, 400)], room), [undefined]);
});

test('labels of equal boxes do not cover each other', () => {
  const places = placeLabels([label(100, 100, 300, 300), label(100, 100, 300, 300)], room);
  assert.equal(places.length, 2);
  assert.notDeepEqual(places[0], places[1]);
});

/** All over the room; the last one is small and selected. */
function manyLabels(count: number): LabelToPlace[] {
  const generator = seededRandom(3);
  const random = () => generator.below(1_000_000) / 1_000_000;
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [random() * 700, random() * 580];
    return label(x, y, x + (i === count - 1 ? 20 : 90), y + 20, i === count - 1);
  });
}

test('the time for labels grows with their number only', () => {
  assert.equal(growthFault(labels => placeLabels(labels, room), manyLabels, 20_000), undefined);
});

test('500 labels: those that are placed lie in the room and apart, the selected one is always there', () => {
  const labels = manyLabels(500);
  const places = placeLabels(labels, room);
  assert.ok(places[499] !== undefined);
  const placed = places.filter(place => place !== undefined);
  assert.ok(placed.length > 50, String(placed.length));
  for (const [i, a] of placed.entries()) {
    assert.ok(a.x >= 0 && a.y >= 0 && a.x + 80 <= 800 && a.y + 20 <= 600);
    for (const b of placed.slice(0, i)) {
      assert.ok(a.x >= b.x + 80 || b.x >= a.x + 80 || a.y >= b.y + 20 || b.y >= a.y + 20);
    }
  }
});

test('in a crowd, boxes that are narrower than their label have one only while they are pointed at', () => {
  const few = Array.from({ length: 10 }, (_, i) => label(i * 30, 100, i * 30 + 20, 300));
  const many = Array.from({ length: 60 }, (_, i) => label(i * 12, 100, i * 12 + 10, 300, i === 30));
  assert.ok(placeLabels(few, room).filter(place => place !== undefined).length > 5);
  assert.deepEqual(placeLabels(many, room).flatMap((place, index) => place === undefined ? [] : [index]), [30]);
});
