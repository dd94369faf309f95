// What the readers of COCO, YOLO and Pascal VOC make of annotations, good and bad.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, readCocoAnnotation, readCocoImage } from '../../../../datasets/src/forms/cocoParts';
import { readVocXml } from '../../../../datasets/src/forms/vocXml';
import { dataYaml, readDataYaml, readYoloLine } from '../../../../datasets/src/forms/yoloText';
import { pascalVocXml } from '../../../../paligemma/src/answers/pascalVoc';
import { growthFault } from '../../../support/hostile/growth';

const image = { id: 1, fileName: 'a.jpg', widthPx: 100, heightPx: 50 };
const annotation = (value: Readonly<Record<string, unknown>>) =>
  readCocoAnnotation(value, image, 'cat', 'annotation 1');

test('COCO: boxes and outlines are parts of the picture that its entry gives', () => {
  assert.deepEqual(annotation({ bbox: [10, 5, 20, 10], segmentation: [[10, 5, 30, 5, 30, 15]] }), {
    label: 'cat',
    place: 'annotation 1',
    box: { x1: 0.1, y1: 0.1, x2: 0.3, y2: 0.3 },
    shape: { kind: 'rings', rings: [[0.1, 0.1, 0.3, 0.1, 0.3, 0.3]] },
  });
  assert.equal(annotation({ iscrowd: 1, bbox: [0, 0, 1, 1] }), crowd);
});

test('COCO: what is no annotation is refused with a sentence', () => {
  const wrong: readonly Readonly<Record<string, unknown>>[] = [
    {},
    { bbox: [1, 2, 3] },
    { bbox: [1, 2, null, 4] },
    { bbox: [1, 2, -3, 4] },
    { bbox: [1, 2, 3, 4], segmentation: [[1, 2, 3, 4]] },
    { bbox: [1, 2, 3, 4], segmentation: [[1, 2, 3, 4, 5, Number.NaN]] },
    { bbox: [1, 2, 3, 4], segmentation: [[1, 2, 3, 4, 5]] },
    { bbox: [1, 2, 3, 4], segmentation: { size: [50, 100], counts: [1] } },
    { bbox: [1, 2, 3, 4], segmentation: { size: [10, 10], counts: [100] } },
  ];
  for (const value of wrong) assert.equal(typeof annotation(value), 'string', JSON.stringify(value));
  for (const value of [null, {}, { id: 1, file_name: 'a', width: 0, height: 1 }, { id: {}, file_name: 'a' }]) {
    assert.equal(typeof readCocoImage(value), 'string');
  }
});

test('YOLO: boxes, outlines and poses are told apart by their columns', () => {
  const names = ['cat', 'dog'];
  const read = (line: string, keypoints = 0) => readYoloLine(line, names, keypoints, '');
  const box = read('1 0.5 0.5 0.2 0.4');
  assert.ok(typeof box === 'object');
  assert.equal(box.object.label, 'dog');
  assert.deepEqual(Object.values(box.object.box).map(side => Math.round(side * 100)), [40, 30, 60, 70]);
  const outline = read('0 0.1 0.1 0.3 0.1 0.3 0.4');
  assert.ok(typeof outline === 'object');
  assert.deepEqual(outline.object.box, { x1: 0.1, y1: 0.1, x2: 0.3, y2: 0.4 });
  assert.equal(outline.object.shape?.kind, 'rings');
  const pose = read('0 0.5 0.5 0.2 0.2 0.1 0.1 2 0.2 0.2 2', 6);
  assert.ok(typeof pose === 'object');
  assert.deepEqual([pose.hasKeypoints, pose.object.shape], [true, undefined]);
  for (
    const line of [
      '7 0.5 0.5 0.2 0.2',
      '0 0.5',
      '0 a b c d',
      '0 320 240 50 60',
      '0 0.5 0.5 -1 0.2',
      '-1 0 0 0 0',
      'nan 1 1 1 1',
    ]
  ) {
    assert.equal(typeof read(line), 'string', line);
  }
});

test('YOLO: names of classes are read in each way that tools write them', () => {
  const names = ['10 of clubs', "driver's seat", 'a: b'];
  for (
    const yaml of [
      `train: x\nnames: ['10 of clubs', 'driver''s seat', "a: b"]\nnc: 3\n`,
      `names:\n- 10 of clubs\n- driver's seat\n- 'a: b'\nkpt_shape: [17, 3]\n`,
      `names:\n  0: 10 of clubs\n  1: "driver's seat"\n  2: 'a: b'  # the last\n`,
      dataYaml(names, { train: 'images/train' }),
    ]
  ) assert.deepEqual(readDataYaml(yaml).names, names, yaml);
  assert.equal(readDataYaml('kpt_shape: [17, 3]').keypoints, 51);
});

test('Pascal VOC: what is written is read again, counted from 1', () => {
  const xml = pascalVocXml({
    fileName: 'a & b.jpg',
    widthPx: 100,
    heightPx: 50,
    prompt: '',
    suffix: '',
    regions: [{ label: 'cat <1>', box: { x1: 0, y1: 10, x2: 100, y2: 50 } }],
  }, 'JPEGImages');
  const read = readVocXml(xml);
  assert.ok(typeof read === 'object');
  assert.equal(read.fileName, 'a & b.jpg');
  assert.deepEqual(read.objects, [
    { label: 'cat <1>', place: 'object 1', box: { x1: 0, y1: 0.2, x2: 1, y2: 1 } },
  ]);
});

test('Pascal VOC: parts of an object do not name it, and a 0 says that pixels are counted from 0', () => {
  const read = readVocXml(
    `<annotation><size><width>10</width><height>10</height></size><object><part><name>head</name></part><name>man</name>
    <bndbox><xmin>0</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox></object>
    <object><name>x</name><bndbox><xmin>one</xmin></bndbox></object></annotation>`,
  );
  assert.ok(typeof read === 'object');
  assert.deepEqual(read.objects.map(({ label, box }) => [label, box]), [['man', { x1: 0, y1: 0.2, x2: 0.5, y2: 0.6 }]]);
  assert.equal(read.refusals.length, 1);
  for (const text of ['', '<annotation>', 'no xml', '<annotation></annotation>', '<annotation><object></annotation>']) {
    assert.equal(typeof readVocXml(text), 'string', text);
  }
});

test('Pascal VOC: the time to read an annotation grows with its length only', () => {
  const objects = (count: number) =>
    '<object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object>'.repeat(
      count,
    );
  const text = (count: number) =>
    `<annotation><size><width>9</width><height>9</height></size>${objects(count)}</annotation>`;
  assert.equal(growthFault(readVocXml, text, 8000), undefined);
});
