import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageAt, keyOfWish, placeWords, wishAt } from '../../../client/src/viewer/pictureSeries';
import type { PictureSeries } from '../../../client/src/viewer/pictureSeries';
import type { KnownAnswer } from '../../../server/src/contract/answers';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const folder: PictureSeries = { kind: 'folder', name: 'photos', imageUris: ['file:///a.png', 'file:///b.png'] };
const run: PictureSeries = {
  kind: 'run',
  run: {
    prompt: 'detect cup',
    pictures: [{ imageUri: 'file:///a.png', key: 'k' }, { imageUri: 'file:///b.png', error: 'It is empty.' }],
  },
};
const answer = (key: string, prompt: string, model: string): KnownAnswer => ({
  key,
  prompt,
  model,
  text: '',
  labels: [],
  widthPx: 1,
  heightPx: 1,
  storedAtMs: 0,
});

test('a picture of a run is to be seen with its answer, one of a folder with whatever is known', () => {
  assert.deepEqual(wishAt({ series: run, index: 0 }), { prompt: 'detect cup', key: 'k' });
  assert.deepEqual(wishAt({ series: run, index: 1 }), { prompt: 'detect cup', error: 'It is empty.' });
  assert.equal(wishAt({ series: folder, index: 0 }), undefined);
});

test('there is nothing beyond the ends', () => {
  for (const series of [run, folder]) {
    assert.equal(imageAt({ series, index: 1 }), 'file:///b.png');
    for (const index of [-1, 2]) assert.equal(imageAt({ series, index }), undefined);
    const ends = [0, 1].map(index => placeWords({ series, index }, t)).map(
      place => [place?.text, place?.hasPrevious, place?.hasNext],
    );
    assert.deepEqual(ends, [['1 of 2', false, true], ['2 of 2', true, false]]);
  }
  const alone: PictureSeries = { ...folder, imageUris: ['file:///a.png'] };
  assert.equal(placeWords({ series: alone, index: 0 }, t), undefined, 'a picture alone has no place');
});

test('the answer that is wished for: by its key, else the newest of the prompt, and of the model where one is named', () => {
  const known = [answer('1', 'ocr', 'm'), answer('2', 'detect cup', 'n'), answer('3', 'detect cup', 'm')];
  assert.equal(keyOfWish({ prompt: 'detect cup', key: 'k' }, known), 'k');
  assert.equal(keyOfWish({ prompt: 'detect cup' }, known), '2');
  assert.equal(keyOfWish({ prompt: 'detect cup', model: 'm' }, known), '3');
  assert.equal(keyOfWish({ prompt: 'detect plate' }, known), undefined);
});

test('the pages of a document are counted as pages', () => {
  const pages: PictureSeries = {
    kind: 'document',
    name: 'report.pdf',
    imageUris: ['file:///report.pdf', 'file:///report.pdf#page%3D2'],
  };
  assert.equal(placeWords({ series: pages, index: 1 }, t)?.text, 'page 2 of 2');
  assert.equal(placeWords({ series: pages, index: 1 }, t)?.title, 'Pages of report.pdf');
  assert.equal(wishAt({ series: pages, index: 1 }), undefined);
});
