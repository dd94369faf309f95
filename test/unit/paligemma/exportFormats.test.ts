// Formats by their definitions; the sources stand at the functions.
import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import { test } from 'node:test';
import { cocoJson, runLengths } from '../../../paligemma/src/answers/coco';
import { clipped } from '../../../paligemma/src/answers/exportSource';
import type { ExportSource } from '../../../paligemma/src/answers/exportSource';
import { readGreyPng } from '../../../paligemma/src/answers/greyPng';
import { pascalVocXml } from '../../../paligemma/src/answers/pascalVoc';
import { classesText, extendedClasses, parseClasses, yoloLabels } from '../../../paligemma/src/answers/yolo';
import { seededRandom } from '../../support/seededRandom';

/** A PNG whose rows have the filters given; only what the reader looks at is right. */
function png(data: Uint8Array, width: number, height: number, filters: readonly number[] = [0]): string {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    const kind = filters[y % filters.length] ?? 0;
    rows[y * (width + 1)] = kind;
    for (let x = 0; x < width; x++) {
      const [left, up, upLeft] = [
        x > 0 ? data[y * width + x - 1]! : 0,
        y > 0 ? data[(y - 1) * width + x]! : 0,
        x > 0 && y > 0 ? data[(y - 1) * width + x - 1]! : 0,
      ];
      const guess = left + up - upLeft;
      const paeth = [left, up, upLeft].reduce((best, value) =>
        Math.abs(guess - value) < Math.abs(guess - best) ? value : best
      );
      rows[y * (width + 1) + 1 + x] = data[y * width + x]! - [0, left, up, Math.floor((left + up) / 2), paeth][kind]!;
    }
  }
  const chunk = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(type, 'latin1'), body, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]).toString('base64');
}

const source: ExportSource = {
  fileName: 'kitchen & co.jpg',
  widthPx: 200,
  heightPx: 100,
  prompt: 'detect cup ; plate',
  suffix: '<loc0000><loc0000><loc0512><loc0512> cup',
  regions: [
    { label: 'cup', box: { x1: 10.4, y1: 20.6, x2: 60.4, y2: 70.6 } },
    { label: '<b>plate</b>', box: { x1: -20, y1: 50, x2: 100, y2: 500 } },
    { label: '', box: { x1: 0, y1: 0, x2: 200, y2: 100 } },
    { label: 'cup', box: { x1: 300, y1: 0, x2: 400, y2: 50 } },
  ],
};

test('boxes are clipped to the picture, and what lies outside is left out', () => {
  assert.deepEqual(clipped({ x1: -20, y1: 50, x2: 100, y2: 500 }, 200, 100), { x1: 0, y1: 50, x2: 100, y2: 100 });
  assert.equal(clipped({ x1: 300, y1: 0, x2: 400, y2: 50 }, 200, 100), undefined);
});

test('COCO: ids that refer to each other, boxes as x, y, width, height', () => {
  const coco = JSON.parse(cocoJson(source)) as {
    images: unknown[];
    categories: { id: number; name: string }[];
    annotations: Record<string, unknown>[];
  };
  assert.deepEqual(coco.images, [{ id: 1, file_name: 'kitchen & co.jpg', width: 200, height: 100 }]);
  assert.deepEqual(coco.categories.map(({ id, name }) => [id, name]), [[1, 'cup'], [2, '<b>plate</b>'], [3, 'object']]);
  assert.deepEqual(
    coco.annotations.map(({ id, image_id, category_id, bbox, area, iscrowd }) => ({
      id,
      image_id,
      category_id,
      bbox,
      area,
      iscrowd,
    })),
    [
      { id: 1, image_id: 1, category_id: 1, bbox: [10.4, 20.6, 50, 50], area: 2500, iscrowd: 0 },
      { id: 2, image_id: 1, category_id: 2, bbox: [0, 50, 100, 50], area: 5000, iscrowd: 0 },
      { id: 3, image_id: 1, category_id: 3, bbox: [0, 0, 200, 100], area: 20000, iscrowd: 0 },
    ],
  );
});

test('COCO: masks become run lengths by columns that begin outside', () => {
  // Column by column: 0 255 0 | 255 255 0.
  const mask = new Uint8Array([0, 255, 255, 255, 0, 0]);
  assert.deepEqual(runLengths(mask, 2, 3), [1, 1, 1, 2, 1]);
  assert.deepEqual(runLengths(new Uint8Array([255]), 1, 1), [0, 1]);
  const coco = JSON.parse(
    cocoJson({
      ...source,
      widthPx: 2,
      heightPx: 3,
      regions: [{
        label: 'a',
        box: { x1: 0, y1: 0, x2: 2, y2: 3 },
        mask: { width: 2, height: 3, png: png(mask, 2, 3) },
      }],
    }),
  ) as { annotations: { area: number; segmentation: unknown }[] };
  assert.deepEqual(coco.annotations[0]?.segmentation, { size: [3, 2], counts: [1, 1, 1, 2, 1] });
  assert.equal(coco.annotations[0]?.area, 3);
});

test('a mask is read with every filter; what is none fails', () => {
  const generator = seededRandom(11);
  const random = () => generator.below(1_000_000) / 1_000_000;
  const data = Uint8Array.from({ length: 17 * 13 }, () => Math.floor(random() * 256));
  const read = readGreyPng(png(data, 17, 13, [0, 1, 2, 3, 4]));
  assert.deepEqual([read.width, read.height], [17, 13]);
  assert.deepEqual(Buffer.from(read.data), Buffer.from(data));
  for (const bad of ['', 'aGVsbG8=', png(data, 17, 13).slice(0, 60)]) assert.throws(() => readGreyPng(bad));
});

test('YOLO: class and centre, all as parts of the sides; numbers of an existing file are kept', () => {
  const classes = extendedClasses(['dog', 'cup'], source);
  assert.deepEqual(classes, ['dog', 'cup', '<b>plate</b>', 'object']);
  assert.equal(
    yoloLabels(source, classes),
    '1 0.177000 0.456000 0.250000 0.500000\n2 0.250000 0.750000 0.500000 0.500000\n3 0.500000 0.500000 1.000000 1.000000\n',
  );
  assert.deepEqual(parseClasses('dog\r\ncup\n\n'), ['dog', 'cup']);
  assert.equal(classesText(classes.slice(0, 2)), 'dog\ncup\n');
  assert.throws(() => yoloLabels(source, ['dog']), RangeError);
  assert.equal(yoloLabels({ ...source, regions: [] }, []), '');
});

test('Pascal VOC: whole pixels from 1, the last one included, text escaped', () => {
  const xml = pascalVocXml(source, 'my <pictures>');
  const box = (index: number) =>
    ['xmin', 'ymin', 'xmax', 'ymax'].map(name =>
      Number([...xml.matchAll(new RegExp(`<${name}>(\\d+)</${name}>`, 'g'))][index]?.[1])
    );
  assert.deepEqual(box(0), [11, 22, 60, 71]);
  assert.deepEqual(box(1), [1, 51, 100, 100]);
  assert.deepEqual(box(2), [1, 1, 200, 100]);
  assert.equal([...xml.matchAll(/<object>/g)].length, 3);
  for (
    const part of [
      '<name>&lt;b&gt;plate&lt;/b&gt;</name>',
      '<filename>kitchen &amp; co.jpg</filename>',
      '<folder>my &lt;pictures&gt;</folder>',
      '<depth>3</depth>',
    ]
  ) assert.ok(xml.includes(part), part);
  assert.ok(!pascalVocXml({ ...source, fileName: 'a\u0000b' }, '').includes('\u0000'));
});

test('COCO tells the confidence as the score of detection results, and leaves it out where there is none', () => {
  const box = { x1: 0, y1: 0, x2: 10, y2: 10 };
  const regions = [{ label: 'cup', box, confidence: 0.3712 }, { label: 'cup', box }];
  const { annotations } = JSON.parse(cocoJson({ ...source, regions })) as { annotations: Record<string, unknown>[] };
  assert.equal(annotations[0]?.['score'], 0.3712);
  assert.ok(annotations[1] !== undefined && !('score' in annotations[1]));
});

test('YOLO labels have five columns, whatever the confidence', () => {
  const regions = [{ label: 'cup', box: { x1: 0, y1: 0, x2: 20, y2: 50 }, confidence: 0.3 }];
  assert.equal(yoloLabels({ ...source, regions }, ['cup']), '0 0.050000 0.250000 0.100000 0.500000\n');
});
