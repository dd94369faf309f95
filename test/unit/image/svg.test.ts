import assert from 'node:assert/strict';
import test from 'node:test';
import { Failure } from '../../../paligemma/src/failures';
import { drawSvg } from '../../../model-host/src/image/svg';

const svg = (body: string, size = 'width="8" height="4"') =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${body}</svg>`);
const options = { maxPixels: 1e6, pixels: 32 };
/** Every mask draws the one before it twice: 2³⁰ drawings. */
const masks = svg(
  `<defs><mask id="m0"><rect width="8" height="4"/></mask>${
    Array.from({ length: 30 }, (_, id) =>
      `<mask id="m${
        id + 1
      }"><rect width="8" height="4" mask="url(#m${id})"/><rect width="8" height="4" mask="url(#m${id})"/></mask>`).join(
        '',
      )
  }</defs><rect width="8" height="4" mask="url(#m30)"/>`,
);

test('an SVG is drawn on white, in its own size or smaller', async () => {
  const drawn = await drawSvg('a.svg', svg('<rect width="4" height="4" fill="#f00"/>'), options);
  assert.deepEqual([drawn.widthPx, drawn.heightPx, drawn.data.length], [8, 4, 96]);
  assert.deepEqual([...drawn.data.subarray(0, 3), ...drawn.data.subarray(21, 24)], [255, 0, 0, 255, 255, 255]);
  const small = await drawSvg('a.svg', svg(''), { ...options, maxSidePx: 4 });
  assert.deepEqual([small.widthPx, small.heightPx], [4, 2]);
});

test('one that asks for years of work is given up, and the sentence says what to do', async () => {
  await assert.rejects(
    drawSvg('bomb.svg', masks, { ...options, limitMs: 700 }),
    (error: unknown) =>
      error instanceof Failure && error.reason === 'imageTooLarge'
      && /bomb\.svg.*0\.7 seconds\. Save it as PNG/.test(error.message),
  );
});

test('one that asks for gigabytes of memory is given up by its memory, long before its time', async () => {
  const side = 3000;
  const nested = Array.from(
    { length: 60 },
    (_, id) => `<mask id="m${id + 1}"><rect width="${side}" height="${side}" fill="#fff" mask="url(#m${id})"/></mask>`,
  ).join('');
  const greedy = svg(
    `<defs><mask id="m0"><rect width="${side}" height="${side}" fill="#fff"/></mask>${nested}</defs><rect width="${side}" height="${side}" mask="url(#m60)"/>`,
    `width="${side}" height="${side}"`,
  );
  await assert.rejects(
    drawSvg('bomb.svg', greedy, { maxPixels: 1e8, pixels: side * side }),
    (error: unknown) =>
      error instanceof Failure && error.reason === 'imageTooLarge'
      && /bomb\.svg.*too much memory: more than 546 MiB\. Save it as PNG/.test(error.message),
  );
});

test('drawing is cancelled at once', async () => {
  const controller = new AbortController();
  const drawing = drawSvg('bomb.svg', masks, { ...options, signal: controller.signal });
  controller.abort();
  await assert.rejects(drawing, { name: 'AbortError' });
});

test('what cannot be drawn is told in the words of the library', async () => {
  await assert.rejects(drawSvg('a.svg', svg('<rect wid'), options), /svg|XML/i);
  await assert.rejects(drawSvg('a.svg', svg('', 'width="9999" height="9999"'), options), /limit|large|pixel/i);
});
