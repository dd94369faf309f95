import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFromClipboardPage, readFromViewer } from '../../../client/src/viewer/viewerMessages';
import { seededRandom } from '../../support/seededRandom';

const good: readonly unknown[] = [
  { type: 'ready' },
  { type: 'ready', kept: { view: 5 } },
  { type: 'copy', what: 'text' },
  { type: 'copy', what: 'json' },
  { type: 'export', shown: [0, 3] },
  { type: 'saveCrop', index: 0, png: 'iVBORw0KGgoAAA' },
  { type: 'run', prompt: '' },
  { type: 'run', prompt: 'ocr', region: { x1: 0, y1: 1.5, x2: 20, y2: 30 } },
  { type: 'bannerAction', action: 'readInParts' },
  { type: 'stop' },
  { type: 'showModelCard' },
  { type: 'previewWanted', imageSrc: 'https://a/b.tiff' },
  { type: 'bannerAction', action: 'reload' },
  { type: 'bannerAction', action: 'runAgain' },
  { type: 'cure', cure: 'chooseModel' },
  { type: 'showAnswer', key: 'a1' },
  { type: 'step', by: -1 },
  { type: 'preferences', preferences: { areLabelsShown: true, maskOpacity: 0.5 } },
  { type: 'preferences', preferences: { panelWidthPx: 300, areLabelsShown: false, maskOpacity: 1 } },
];
const bad: readonly unknown[] = [
  null,
  undefined,
  5,
  'ready',
  [],
  [{ type: 'ready' }],
  {},
  { type: 'constructor' },
  { type: 'copy' },
  { type: 'copy', what: 'password' },
  { type: 'export' },
  { type: 'export', shown: 5 },
  { type: 'export', shown: [-1] },
  { type: 'export', shown: ['0'] },
  { type: 'saveCrop', index: 0, png: 'PHN2Zz4=' },
  { type: 'saveCrop', index: 1.5, png: 'iVBORw0KGgo' },
  { type: 'saveCrop', index: 0, png: 5 },
  { type: 'run' },
  { type: 'run', prompt: 5 },
  { type: 'run', prompt: 'ocr', region: { x1: 0, y1: 0, x2: 'far' } },
  { type: 'run', prompt: 'ocr', region: null },
  { type: 'bannerAction', action: 'readEverything' },
  { type: 'run', prompt: 'x'.repeat(1_000_001) },
  { type: 'bannerAction', action: 'delete' },
  { type: 'cure', cure: 'removeModel' },
  { type: 'showAnswer', key: 5 },
  { type: 'showAnswer', key: 'x'.repeat(201) },
  { type: 'step', by: 2 },
  { type: 'step' },
  { type: 'preferences' },
  { type: 'preferences', preferences: { areLabelsShown: true, maskOpacity: 1.1 } },
  { type: 'preferences', preferences: { areLabelsShown: 'yes', maskOpacity: 0.5 } },
  { type: 'preferences', preferences: { panelWidthPx: -1, areLabelsShown: true, maskOpacity: 0.5 } },
];

test('the messages of the image view come through as they are, without anything else that they carry', () => {
  for (const message of good) assert.deepEqual(readFromViewer({ ...message as object, extra: 1 }), message);
});

test('a message that is none of these is dropped', () => {
  for (const message of bad) assert.equal(readFromViewer(message), undefined, JSON.stringify(message)?.slice(0, 80));
});

test('the page of the clipboard: a picture, none, or nothing of ours', () => {
  const bytes = new ArrayBuffer(3);
  assert.deepEqual(readFromClipboardPage({ type: 'image', mimeType: 'image/svg+xml', bytes }), {
    type: 'image',
    mimeType: 'image/svg+xml',
    bytes,
  });
  for (const type of ['ready', 'noImage']) assert.deepEqual(readFromClipboardPage({ type }), { type });
  for (
    const message of [null, 5, {}, { type: 'image' }, { type: 'image', mimeType: 'text/html', bytes }, {
      type: 'image',
      mimeType: 'image/png',
      bytes: [1],
    }, { type: 'image', mimeType: 'image/../../x', bytes }]
  ) assert.equal(readFromClipboardPage(message), undefined);
});

test('random messages are read or dropped, never more', () => {
  const random = seededRandom(20_260_501);
  const values: readonly unknown[] = [null, 0, -1, 'text', '', [], [1], {}, 'iVBORw0KGgo', ...good];
  for (let round = 0; round < 5000; round++) {
    const message = {
      type: random.pick(['ready', 'copy', 'export', 'saveCrop', 'run', 'stop', 'bannerAction', '__proto__']),
      [random.pick(['what', 'shown', 'index', 'png', 'prompt', 'action', 'kept'])]: random.pick(values),
    };
    const read = readFromViewer(message);
    assert.ok(read === undefined || read.type === message.type);
  }
});
