import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../../paligemma/src/failures';
import { readOverlayRequest } from '../../../../server/src/lsp/requests/runParams';

const region = { label: 'cat', box: { x1: 0, y1: 0, x2: 1, y2: 1 } };
const request = { imageUri: 'file:///p/cat.png', regions: [region], outPath: '/p/out.png' };

test('a request to draw regions is taken as it is, without what does not belong to it', () => {
  assert.deepEqual(readOverlayRequest({ ...request, more: 1 }), request);
  assert.deepEqual(readOverlayRequest({ ...request, regions: [] }).regions, []);
});

test('anything else is refused with a sentence', () => {
  const bad: unknown[] = [
    undefined,
    null,
    [],
    'x',
    { ...request, imageUri: 3 },
    { ...request, regions: {} },
    { ...request, regions: [{}] },
    { ...request, regions: [{ ...region, mask: {} }] },
    { ...request, regions: [{ ...region, box: { x1: 0, y1: 0, x2: null, y2: 1 } }] },
    { ...request, outPath: 'out.png' },
  ];
  for (const value of bad) {
    assert.throws(
      () => readOverlayRequest(value),
      (error: unknown) => error instanceof Failure && error.reason === 'badArgument' && error.message.endsWith('.'),
      JSON.stringify(value),
    );
  }
});
