import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../../../paligemma/src/failures';
import { readRunParams } from '../../../../server/src/lsp/requests/runParams';
import { imagePathOf } from '../../../../server/src/runs/imagePath';

test('what is right comes through, what is unknown does not', () => {
  const params = {
    imageUris: ['file:///a.png'],
    prompt: '',
    model: 'demo',
    maxNewTokens: 5,
    adapter: path.resolve('adapter'),
    locDivisor: 1023,
    device: 'cpu',
    weights: 'f32',
    tiles: '3x2',
    region: { x1: 0, y1: 0, x2: 5.5, y2: 7 },
    workDoneToken: 1,
    partialResultToken: 'p',
  };
  assert.deepEqual(readRunParams({ ...params, more: true }), params);
  assert.deepEqual(readRunParams({ imageUris: [], prompt: 'ocr', model: null, maxNewTokens: null }), {
    imageUris: [],
    prompt: 'ocr',
  });
});

const wrong: readonly unknown[] = [
  undefined,
  null,
  'caption',
  7,
  [],
  {},
  { prompt: 'ocr' },
  { imageUris: 'file:///a.png', prompt: 'ocr' },
  { imageUris: [7], prompt: 'ocr' },
  { imageUris: [] },
  { imageUris: [], prompt: 7 },
  { imageUris: [], prompt: '', model: 7 },
  { imageUris: [], prompt: '', maxNewTokens: 0 },
  { imageUris: [], prompt: '', maxNewTokens: 1.5 },
  { imageUris: [], prompt: '', maxNewTokens: '5' },
  { imageUris: [], prompt: '', adapter: 'relative' },
  { imageUris: [], prompt: '', locDivisor: 1000 },
  { imageUris: [], prompt: '', device: 'tpu' },
  { imageUris: [], prompt: '', weights: 4 },
  { imageUris: [], prompt: '', tiles: '0x5' },
  { imageUris: [], prompt: '', tiles: '100x100' },
  { imageUris: [], prompt: '', tiles: 4 },
  { imageUris: [], prompt: '', region: { x1: 0 } },
  { imageUris: [], prompt: '', region: 'left' },
];
for (const value of wrong) {
  test(`refused: ${JSON.stringify(value)}`, () =>
    assert.throws(
      () => readRunParams(value),
      (error: unknown) => error instanceof Failure && error.reason === 'badArgument',
    ));
}

test('file URIs become paths, with spaces, umlauts and signs', () => {
  const file = path.resolve('pictures', 'a b#ü%?.png');
  assert.equal(imagePathOf(pathToFileURL(file).href), file);
});

for (
  const uri of [
    'untitled:Untitled-1',
    'https://example.org/a.png',
    'vscode-vfs://github/a.png',
    'a.png',
    '',
    'file://%/a',
    'data:image/png;base64,AAAA',
  ]
) {
  test(`no file: ${uri}`, () =>
    assert.throws(
      () => imagePathOf(uri),
      (error: unknown) => error instanceof Failure && error.reason === 'badArgument' && /file/.test(error.message),
    ));
}
