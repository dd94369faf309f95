import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contours } from '../../../media/viewer/contours';
import type { Contour } from '../../../media/viewer/contours';
import { seededRandom } from '../../support/seededRandom';

/** Shoelace formula; holes come out with the other sign. */
function signedArea(line: Contour): number {
  let sum = 0;
  for (let i = 0; i < line.length; i += 2) {
    const j = (i + 2) % line.length;
    sum += line[i]! * line[j + 1]! - line[j]! * line[i + 1]!;
  }
  return sum / 2;
}

test('an empty mask has no outline', () => {
  assert.deepEqual(contours(new Uint8Array(12), 4, 3), []);
  assert.deepEqual(contours(new Uint8Array(0), 0, 0), []);
});

test('one pixel gives one closed line around its centre', () => {
  const [line, ...others] = contours([0, 0, 0, 0, 255, 0, 0, 0, 0], 3, 3);
  assert.equal(others.length, 0);
  assert.equal(line?.length, 8);
  const xs = line?.filter((_, i) => i % 2 === 0) ?? [];
  const ys = line?.filter((_, i) => i % 2 === 1) ?? [];
  assert.deepEqual([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)], [1, 2, 1, 2]);
});

test('a full mask reaches its edges and covers it up to the corners', () => {
  const lines = contours(new Uint8Array(100).fill(255), 10, 10);
  assert.equal(lines.length, 1);
  const area = Math.abs(signedArea(lines[0] ?? []));
  assert.ok(area > 98 && area <= 100, String(area));
});

test('a hole runs the other way round', () => {
  const ring = [255, 255, 255, 255, 0, 255, 255, 255, 255];
  const areas = contours(ring, 3, 3).map(signedArea);
  assert.equal(areas.length, 2);
  assert.ok(areas.some(area => area > 0) && areas.some(area => area < 0), areas.join(', '));
});

test('any mask gives closed lines whose area is about that of the mask', () => {
  const generator = seededRandom(7);
  const random = () => generator.below(1_000_000) / 1_000_000;
  for (let round = 0; round < 50; round++) {
    const [width, height] = [1 + Math.floor(random() * 20), 1 + Math.floor(random() * 20)];
    const values = Array.from({ length: width * height }, () => random() < 0.5 ? 0 : 255);
    const lines = contours(values, width, height);
    const inside = values.filter(value => value > 127).length;
    for (const line of lines) assert.ok(line.length >= 6 && line.every(Number.isFinite));
    const area = Math.abs(lines.reduce((sum, line) => sum + signedArea(line), 0));
    // Each corner of a shape loses an eighth of a pixel, or wins one.
    assert.ok(Math.abs(area - inside) <= inside * 0.5 + 0.5, `${area} for ${inside} pixels`);
  }
});
