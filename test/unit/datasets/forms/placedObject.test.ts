import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsPrefix, objectsSuffix, placeObjects } from '../../../../datasets/src/forms/placedObject';
import { suffixObjects } from '../../../../datasets/src/forms/suffixObjects';
import { seededRandom } from '../../../support/seededRandom';

const size = { widthPx: 100, heightPx: 200 };
const object = (x1: number, y1: number, x2: number, y2: number, label = 'cat') => ({
  label,
  place: 'annotation 1',
  box: { x1: x1 / 100, y1: y1 / 200, x2: x2 / 100, y2: y2 / 200 },
});

test('a box that leaves its picture by two pixels is cut and told, one by more is refused', () => {
  const near = placeObjects([object(-2, 0, 102, 202)], size, '');
  assert.deepEqual([near.objects[0]?.bins, near.remarks], [[0, 0, 1023, 1023], ['clipped']]);
  const far = placeObjects([object(-2.5, 0, 50, 50)], size, '');
  assert.deepEqual(far.objects, []);
  assert.match(far.refusals[0]?.message ?? '', /leaves the picture by 3 pixels/);
  assert.equal(far.refusals[0]?.place, 'annotation 1');
});

test('a box that rounding leaves without an area is widened by one bin, inside the picture', () => {
  const thin = placeObjects([object(50, 0, 50.01, 200), object(99.99, 0, 100, 200)], size, '');
  assert.deepEqual(thin.objects.map(({ bins }) => bins), [[0, 512, 1023, 513], [0, 1022, 1023, 1023]]);
  assert.deepEqual(thin.remarks, ['widened', 'widened']);
});

test('labels that end an answer, and boxes that are none, are refused', () => {
  const labels = ['a ; b', 'a;b', '<loc0001>', '', ' ', 'a\nb'];
  const placed = placeObjects(labels.map(label => object(0, 0, 10, 10, label)), size, 'picture 1');
  assert.equal(placed.refusals.length, labels.length);
  const boxes = [object(Number.NaN, 0, 1, 1), object(10, 0, 5, 5), object(5, 5, 5, 5), object(0, 0, Infinity, 5)];
  assert.equal(placeObjects(boxes, size, '').refusals.length, boxes.length);
  assert.equal(objectsPrefix('detect', ['cat', 'a ; b', ' dog ', 'cat']), 'detect cat ; dog');
});

test('boxes come back from a line within half a bin', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 200; round++) {
    const [a, b, c, d] = Array.from({ length: 4 }, () => random.below(1_000_001) / 1_000_000);
    const box = {
      x1: Math.min(a!, b!),
      y1: Math.min(c!, d!),
      x2: Math.max(a!, b!),
      y2: Math.max(c!, d!),
    };
    if (box.x2 - box.x1 < 0.002 || box.y2 - box.y1 < 0.002) continue;
    const { objects } = placeObjects([{ label: 'tree', place: '', box }], undefined, '');
    const [said] = suffixObjects('detect tree', objectsSuffix(objects));
    assert.ok(typeof said === 'object');
    for (const side of ['x1', 'y1', 'x2', 'y2'] as const) {
      assert.ok(Math.abs(said.box[side] - box[side]) <= 0.5 / 1023 + 1e-9, `${side} ${said.box[side]} ${box[side]}`);
    }
  }
});

test('a line without a label takes that of its prefix, and a text is no object', () => {
  const box = '<loc0000><loc0000><loc0100><loc0100>';
  const [only] = suffixObjects('segment the left dog', box);
  assert.deepEqual(typeof only === 'object' ? only.label : only, 'the left dog');
  assert.equal(typeof suffixObjects('detect cat ; dog', box), 'string');
  assert.match(JSON.stringify(suffixObjects('caption en', 'a dog')), /answers with text/);
  assert.deepEqual(suffixObjects('detect cat', ''), []);
});
