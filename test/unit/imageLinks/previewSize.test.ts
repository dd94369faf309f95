import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelHeight, shownSize, THUMBNAIL_SIDE_PX } from '../../../server/src/lsp/imageLinks/previewSize';

test('a preview fits its room in its own shape, and is never enlarged', () => {
  assert.deepEqual(shownSize(640, 480), { width: 187, height: 140 });
  assert.deepEqual(shownSize(4000, 400), { width: 400, height: 40 });
  assert.deepEqual(shownSize(16, 20), { width: 16, height: 20 });
  assert.deepEqual(shownSize(100_000, 10), { width: 400, height: 1 });
});

test('letters of labels have the same height on the screen, whatever the picture', () => {
  for (const [width, height] of [[640, 480], [480, 640], [4000, 3000], [3000, 1000]] as const) {
    const inFile = height * Math.min(1, THUMBNAIL_SIDE_PX / Math.max(width, height));
    const onScreen = labelHeight(width, height) * shownSize(width, height).height / inFile;
    assert.ok(Math.abs(onScreen - 11) < 0.6, `${onScreen} for ${width} × ${height}`);
  }
  assert.ok(labelHeight(10, 100_000) <= 200 && labelHeight(1, 1) >= 8, 'within what the host takes');
});
