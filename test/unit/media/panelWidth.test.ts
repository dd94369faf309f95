import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largestPanel, panelWithin, SMALLEST_PANEL, steppedPanel } from '../../../media/viewer/panelWidth';

test('the panel is never too narrow to be read, and leaves the picture its room', () => {
  assert.equal(panelWithin(10, 1_000), SMALLEST_PANEL);
  assert.equal(panelWithin(5_000, 1_000), 800);
  assert.equal(panelWithin(333.4, 1_000), 333);
  assert.equal(panelWithin(5_000, 300), SMALLEST_PANEL, 'where there is no room for both');
});

test('the arrows move the edge the way that they point, Home and End go to its ends', () => {
  assert.equal(steppedPanel('ArrowLeft', 300, 1_000), 316);
  assert.equal(steppedPanel('ArrowRight', 300, 1_000), 284);
  assert.equal(steppedPanel('ArrowRight', SMALLEST_PANEL, 1_000), SMALLEST_PANEL);
  assert.equal(steppedPanel('Home', 300, 1_000), SMALLEST_PANEL);
  assert.equal(steppedPanel('End', 300, 1_000), largestPanel(1_000));
  for (const key of ['ArrowUp', 'Tab', 'n']) assert.equal(steppedPanel(key, 300, 1_000), undefined, key);
});
