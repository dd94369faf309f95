import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedParts } from '../../../../paligemma/src/tiles/askedParts';
import { autoGrid, planTiles } from '../../../../paligemma/src/tiles/plan';

const picture = { widthPx: 2000, heightPx: 1500 };
const blank = { rows: new Uint8Array(1500), columns: new Uint8Array(2000) };
const whole = { x1: 0, y1: 0, x2: 2000, y2: 1500, suffix: '' };
const tilesOf = (columns: number, rows: number) =>
  planTiles(picture, { columns, rows }, blank, 'text').map(box => ({ ...box, suffix: '' }));

test('a run that is repeated reads the picture in the same columns and rows', () => {
  for (const [columns, rows] of [[1, 2], [2, 1], [3, 2], [6, 6]] as const) {
    const tiles = tilesOf(columns, rows);
    assert.deepEqual(askedParts({ tiles }), { tiles: `${columns}x${rows}` });
    assert.deepEqual(
      askedParts({ tiles: [...tiles, whole] }),
      { tiles: `${columns}x${rows}` },
      'with the whole picture',
    );
  }
  const { columns, rows } = autoGrid(picture, 224, 'objects');
  assert.deepEqual(askedParts({ tiles: tilesOf(columns, rows) }), { tiles: `${columns}x${rows}` });
});

test('a region is looked at again, and a picture as a whole as a whole', () => {
  const region = { x1: 10, y1: 20, x2: 300, y2: 400 };
  assert.deepEqual(askedParts({ tiles: [{ ...region, suffix: 'a' }] }), { region });
  assert.deepEqual(askedParts({ tiles: [] }), {});
  assert.deepEqual(askedParts({}), {});
});
