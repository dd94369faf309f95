import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  endingOfMimeType,
  imageExtensions,
  imageGlob,
  isImagePath,
  isImageTarget,
  isShownByEditors,
} from '../../../paligemma/src/pictureTypes';
import { imageNamedAt } from '../../../server/src/contract/imageLinks';
import { watchedGlobs } from '../../../server/src/workspace/fileWatch';
import { globMatcher } from '../../../server/src/util/glob';

const cases = (ending: string) => [
  ending,
  ending.toUpperCase(),
  ending[0]!.toUpperCase() + ending.slice(1),
  ending.slice(0, -1) + ending.slice(-1).toUpperCase(),
];

test('a picture of every kind and case is watched, found, and taken for one in links', () => {
  const watchers = watchedGlobs.map(glob => globMatcher(glob));
  for (const ending of imageExtensions.flatMap(cases)) {
    const name = `a b.${ending}`;
    assert.ok(watchers.some(watcher => watcher.matches(['folder', name])), `${name} is watched`);
    assert.ok(globMatcher(imageGlob).matches([name]), name);
    assert.ok(isImagePath(`/folder/${name}`) && isImagePath(`C:\\folder\\${name}`), name);
    assert.ok(isImageTarget(`${name}?v=2#x`), name);
    assert.equal(imageNamedAt(`see "x/${name}" here`, 8)?.target, `x/${name}`);
  }
});

test('what only looks like the ending of a picture is none', () => {
  for (const path of ['png', '/a.png/b', 'C:\\a.png\\b', '/a/b.png.txt', '/a/b.', '', '/a/b.pngx', 'a.constructor']) {
    assert.ok(!isImagePath(path), path);
  }
});

test('a MIME type has the usual ending; what editors do not show is known', () => {
  assert.deepEqual(['image/jpeg', 'image/tiff', 'image/svg+xml', 'text/plain'].map(endingOfMimeType), [
    'jpg',
    'tif',
    'svg',
    undefined,
  ]);
  assert.deepEqual(['a.JPG', 'a.tiff', 'a.heic', 'a.svg', 'a'].map(isShownByEditors), [
    true,
    false,
    false,
    true,
    false,
  ]);
});
