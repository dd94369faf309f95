import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxBetween, closeUp, fitted, moved, revealed, within, zoomed } from '../../../media/viewer/placement';
import type { Placement, Point } from '../../../media/viewer/placement';

const room = { width: 800, height: 600 };
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
const pictureAt = ({ scale, x, y }: Placement, at: Point) => ({ x: (at.x - x) / scale, y: (at.y - y) / scale });

test('a picture is fitted in the middle with room around it', () => {
  const placement = fitted({ width: 1504, height: 400 }, room);
  near(placement.scale, 0.5);
  near(placement.x, 24);
  near(placement.y, 200);
});

test('a small picture is not blown up beyond three times its size', () => {
  assert.equal(fitted({ width: 10, height: 10 }, room).scale, 3);
});

test('a picture of 20,000 pixels is fitted too', () => {
  const placement = fitted({ width: 20_000, height: 1_000 }, room);
  near(placement.scale * 20_000, 752);
});

test('zooming keeps what lies under the pointer where it is', () => {
  const picture = { width: 4_000, height: 3_000 };
  let placement = zoomed(fitted(picture, room), 2, { x: 400, y: 300 }, picture, room);
  for (const at of [{ x: 300, y: 250 }, { x: 500, y: 310 }]) {
    const before = pictureAt(placement, at);
    placement = zoomed(placement, 1.5, at, picture, room);
    near(pictureAt(placement, at).x, before.x);
    near(pictureAt(placement, at).y, before.y);
  }
});

test('zoom has an end on both sides', () => {
  const picture = { width: 400, height: 300 };
  let placement = fitted(picture, room);
  for (let i = 0; i < 60; i++) placement = zoomed(placement, 1.5, { x: 1, y: 1 }, picture, room);
  assert.equal(placement.scale, 40);
  for (let i = 0; i < 60; i++) placement = zoomed(placement, 0.5, { x: 1, y: 1 }, picture, room);
  assert.ok(placement.scale > 0.05, String(placement.scale));
});

test('a picture cannot be lost: it stays in the middle, or covers the room', () => {
  const small = moved(
    fitted({ width: 100, height: 100 }, room),
    { x: 500, y: -500 },
    { width: 100, height: 100 },
    room,
  );
  assert.deepEqual(small, { scale: 3, x: 250, y: 150 });
  const large = within({ scale: 1, x: 5_000, y: -50_000 }, { width: 2_000, height: 2_000 }, room);
  assert.deepEqual(large, { scale: 1, x: 24, y: 600 - 24 - 2_000 });
});

test('a region is brought into sight with as little movement as is needed', () => {
  const picture = { width: 2_000, height: 2_000 };
  const placement = { scale: 1, x: 0, y: 0 };
  assert.equal(
    revealed(placement, { x1: 100, y1: 100, x2: 200, y2: 200 }, picture, room),
    placement,
    'it is in sight already',
  );
  assert.deepEqual(revealed(placement, { x1: 900, y1: 100, x2: 1_000, y2: 200 }, picture, room), {
    scale: 1,
    x: 800 - 24 - 1_000,
    y: 0,
  });
});

test('a close-up has the whole box in the middle of the room, however small or wide it is', () => {
  const [picture, room] = [{ width: 4_000, height: 3_000 }, { width: 800, height: 600 }];
  for (
    const box of [
      { x1: 1_900, y1: 1_400, x2: 2_000, y2: 1_600 },
      { x1: 1_000, y1: 1_500, x2: 3_000, y2: 1_502 },
      { x1: 2_000, y1: 1_500, x2: 2_000, y2: 1_500 },
    ]
  ) {
    const { scale, x, y } = closeUp(box, picture, room);
    assert.ok(box.x1 * scale + x >= 0 && box.x2 * scale + x <= room.width, JSON.stringify(box));
    assert.ok(box.y1 * scale + y >= 0 && box.y2 * scale + y <= room.height, JSON.stringify(box));
    assert.ok(Math.abs((box.x1 + box.x2) / 2 * scale + x - 400) < 1, 'in the middle');
  }
});

test('what is drawn around in the room is the part of the picture that lies there, from whichever corner', () => {
  const placement = { scale: 2, x: 10, y: 20 };
  const picture = { width: 100, height: 50 };
  const box = { x1: 5, y1: 10, x2: 45, y2: 30 };
  assert.deepEqual(boxBetween({ x: 20, y: 40 }, { x: 100, y: 80 }, placement, picture), box);
  assert.deepEqual(boxBetween({ x: 100, y: 40 }, { x: 20, y: 80 }, placement, picture), box);
  assert.deepEqual(boxBetween({ x: -50, y: -50 }, { x: 900, y: 900 }, placement, picture), {
    x1: 0,
    y1: 0,
    x2: 100,
    y2: 50,
  });
  assert.equal(boxBetween({ x: 0, y: 0 }, { x: 9, y: 200 }, placement, picture), undefined, 'beside the picture');
});
