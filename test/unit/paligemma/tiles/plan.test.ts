import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box } from '../../../../paligemma/src/facts';
import { gridOfChoice, MOST_TILES, tileChoiceOf, tileCount, tilesAskedFor } from '../../../../paligemma/src/tileChoice';
import { advisedTiles } from '../../../../paligemma/src/tiles/advice';
import { tileKindOf, type TileKind } from '../../../../paligemma/src/tiles/kind';
import { autoGrid, planTiles, type BlankLines, type PictureSize } from '../../../../paligemma/src/tiles/plan';
import { seededRandom } from '../../../support/seededRandom';

const noneBlank = ({ widthPx, heightPx }: PictureSize): BlankLines => ({
  rows: new Uint8Array(heightPx),
  columns: new Uint8Array(widthPx),
});

function isCovered({ widthPx, heightPx }: PictureSize, tiles: readonly Box[]): boolean {
  const isSeen = new Uint8Array(widthPx * heightPx);
  for (const { x1, y1, x2, y2 } of tiles) {
    for (let y = y1; y < y2; y++) isSeen.fill(1, y * widthPx + x1, y * widthPx + x2);
  }
  return !isSeen.includes(0);
}

test('a choice is off, auto, or columns and rows, in one form', () => {
  const understood: Record<string, string> = { off: 'off', auto: 'auto', '3x2': '3x2', '3X2': '3x2', '03×02': '3x2' };
  for (const [text, choice] of Object.entries(understood)) assert.equal(tileChoiceOf(text), choice);
  assert.equal(tileChoiceOf('1x1'), 'off', 'one part is the whole picture');
  assert.equal(tileChoiceOf('36x1'), '36x1');
  for (const text of ['', 'on', 'Auto', '0x5', '5x0', '-1x2', '3', '3x', 'x3', '3x2x1', '2.5x2', '37x1', '100x100']) {
    assert.equal(tileChoiceOf(text), undefined, text);
  }
  assert.equal(tilesAskedFor('100x100'), 10_000);
  assert.equal(tilesAskedFor('0x5'), undefined);
  assert.deepEqual(gridOfChoice('4x2'), { columns: 4, rows: 2 });
  assert.equal(gridOfChoice('auto'), undefined);
});

test('only reading and looking for objects can be asked of parts', () => {
  assert.deepEqual(['ocr', 'OCR', ' ocr\n', 'detect cat ; dog', 'segment cat'].map(tileKindOf), [
    'text',
    'text',
    'text',
    'objects',
    'objects',
  ]);
  for (const prompt of ['', 'caption en', 'answer en is there ocr?', 'ocrx', 'describe en']) {
    assert.equal(tileKindOf(prompt), undefined, prompt);
  }
});

test('every plan covers the picture, stays inside it, and has no part that lies in another', () => {
  const random = seededRandom(7);
  for (let i = 0; i < 300; i++) {
    const picture = { widthPx: 1 + random.below(240), heightPx: 1 + random.below(240) };
    const grid = { columns: 1 + random.below(6), rows: 1 + random.below(6) };
    const kind = random.pick<TileKind>(['text', 'objects']);
    const blank: BlankLines = {
      rows: Uint8Array.from({ length: picture.heightPx }, () => Number(random.below(3) === 0)),
      columns: Uint8Array.from({ length: picture.widthPx }, () => Number(random.below(9) === 0)),
    };
    const tiles = planTiles(picture, grid, blank, kind);
    const what = JSON.stringify({ picture, grid, kind });
    assert.equal(
      tiles.length,
      Math.min(grid.columns, picture.widthPx) * Math.min(grid.rows, picture.heightPx),
      what,
    );
    assert.ok(isCovered(picture, tiles), what);
    for (const { x1, y1, x2, y2 } of tiles) {
      assert.ok(x1 >= 0 && y1 >= 0 && x2 <= picture.widthPx && y2 <= picture.heightPx && x2 > x1 && y2 > y1, what);
      assert.ok([x1, y1, x2, y2].every(Number.isInteger), what);
      const holders = tiles.filter(other => other.x1 <= x1 && other.y1 <= y1 && other.x2 >= x2 && other.y2 >= y2);
      assert.equal(holders.length, 1, `${what}: ${JSON.stringify({ x1, y1, x2, y2 })}`);
    }
  }
});

test('where nothing is blank neighbours overlap: text by 15 % of a part, objects by 20 %', () => {
  const picture = { widthPx: 1000, heightPx: 100 };
  const overlapOf = (kind: TileKind) => {
    const [left, right] = planTiles(picture, { columns: 2, rows: 1 }, noneBlank(picture), kind);
    return left!.x2 - right!.x1;
  };
  assert.equal(overlapOf('text'), 76, '75 rounded to equal halves');
  assert.equal(overlapOf('objects'), 100);
});

test('a cut goes through the middle of the widest blank run near it, and its neighbours do not overlap', () => {
  const picture = { widthPx: 1000, heightPx: 10 };
  const blank = noneBlank(picture);
  blank.columns.fill(1, 495, 498).fill(1, 540, 560).fill(1, 200, 300);
  const [left, right] = planTiles(picture, { columns: 2, rows: 1 }, blank, 'text');
  assert.deepEqual([left!.x2, right!.x1], [550, 550]);
  blank.columns.fill(0, 540, 560);
  assert.equal(planTiles(picture, { columns: 2, rows: 1 }, blank, 'text')[0]!.x2, 497);
  blank.columns.fill(0, 495, 498);
  assert.equal(planTiles(picture, { columns: 2, rows: 1 }, blank, 'text')[0]!.x2, 538, 'too far away');
});

test('auto cuts a picture once its text, or its objects, would become too small', () => {
  assert.deepEqual(autoGrid({ widthPx: 896, heightPx: 896 }, 448, 'text'), { columns: 1, rows: 1 });
  assert.deepEqual(autoGrid({ widthPx: 1920, heightPx: 1080 }, 448, 'text'), { columns: 3, rows: 2 });
  assert.deepEqual(autoGrid({ widthPx: 1240, heightPx: 1754 }, 448, 'text'), { columns: 2, rows: 2 });
  assert.deepEqual(autoGrid({ widthPx: 1920, heightPx: 1080 }, 896, 'text'), { columns: 2, rows: 1 });
  assert.deepEqual(autoGrid({ widthPx: 1792, heightPx: 1792 }, 448, 'objects'), { columns: 1, rows: 1 });
  assert.deepEqual(autoGrid({ widthPx: 4000, heightPx: 3000 }, 448, 'objects'), { columns: 3, rows: 2 });
  assert.deepEqual(autoGrid({ widthPx: 1, heightPx: 1 }, 224, 'text'), { columns: 1, rows: 1 });
});

test('auto never makes more parts than are read, and keeps them near square where it can', () => {
  const random = seededRandom(11);
  for (let i = 0; i < 2000; i++) {
    const picture = { widthPx: 1 + random.below(30_000), heightPx: 1 + random.below(30_000) };
    const grid = autoGrid(picture, random.pick([224, 448, 896]), random.pick<TileKind>(['text', 'objects']));
    const what = JSON.stringify({ picture, grid });
    assert.ok(tileCount(grid) >= 1 && tileCount(grid) <= MOST_TILES, what);
    const ratio = (picture.widthPx / grid.columns) / (picture.heightPx / grid.rows);
    if (tileCount(grid) > 1 && tileCount(grid) < 18) assert.ok(ratio < 2.1 && ratio > 1 / 2.1, what);
  }
  assert.deepEqual(autoGrid({ widthPx: 30_000, heightPx: 1 }, 448, 'text'), { columns: 36, rows: 1 });
  assert.deepEqual(autoGrid({ widthPx: 1, heightPx: 30_000 }, 448, 'text'), { columns: 1, rows: 36 });
  assert.deepEqual(autoGrid({ widthPx: 1_000_000, heightPx: 268 }, 224, 'text'), { columns: 36, rows: 1 });
});

test('parts are advised for text that is likely too small to be read, and for nothing else', () => {
  assert.equal(advisedTiles({ widthPx: 1920, heightPx: 1080 }, 448, 'ocr'), 6);
  assert.equal(advisedTiles({ widthPx: 1240, heightPx: 1754 }, 448, 'ocr'), 4, 'a page at 150 dpi');
  assert.equal(advisedTiles({ widthPx: 1920, heightPx: 1080 }, 896, 'ocr'), undefined);
  assert.equal(advisedTiles({ widthPx: 640, heightPx: 814 }, 224, 'ocr'), undefined);
  assert.equal(advisedTiles({ widthPx: 1920, heightPx: 1080 }, 448, 'detect cat'), undefined);
  assert.equal(advisedTiles({ widthPx: 1920, heightPx: 1080 }, 448, 'caption en'), undefined);
});
