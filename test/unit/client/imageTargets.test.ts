import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageTargets } from '../../../client/src/images/imageTargets';
import { isImagePath } from '../../../paligemma/src/pictureTypes';

const file = (path: string) => ({ scheme: 'file', path });
const cat = file('/p/cat.png');
const dog = file('/p/dog.JPG');
const notes = file('/p/notes.md');

test('a menu on one picture means that picture', () => {
  assert.deepEqual(imageTargets([cat], undefined), { kind: 'images', uris: [cat] });
});

test('a menu on a selection means its pictures, in its order, each once', () => {
  assert.deepEqual(imageTargets([dog, [cat, notes, dog, cat]], undefined), { kind: 'images', uris: [cat, dog] });
});

test('the object that an editor title menu adds is not a selection', () => {
  assert.deepEqual(imageTargets([cat, { groupId: 1, editorIndex: 0 }], dog), { kind: 'images', uris: [cat] });
});

test('a selection without a picture is not replaced by the open picture', () => {
  assert.deepEqual(imageTargets([notes, [notes]], cat), { kind: 'none' });
});

test('without arguments the picture in front is meant', () => {
  assert.deepEqual(imageTargets([], cat), { kind: 'images', uris: [cat] });
});

test('a menu on the page of an image view means the picture that it shows', () => {
  assert.deepEqual(imageTargets([{ scheme: 'webview-panel', path: 'webview-1' }, { groupId: 0 }], cat), {
    kind: 'images',
    uris: [cat],
  });
});

test('without a picture anywhere the person is asked', () => {
  for (const args of [[], [undefined], [null, 3], [{ path: '/p/cat.png' }], ['/p/cat.png'], [[]]]) {
    assert.deepEqual(imageTargets(args, notes), { kind: 'pick' });
  }
  assert.deepEqual(imageTargets([], undefined), { kind: 'pick' });
});

test('a list of pictures in first place is taken too', () => {
  assert.deepEqual(imageTargets([[cat, dog]], undefined), { kind: 'images', uris: [cat, dog] });
});

test('pictures are told by their extension, in any case, and only by the last part of the path', () => {
  for (const path of ['/a/b.png', '/a/b.PNG', '/a/b.c.jpeg', '/a.b/c.svg', '/x/ü ñ.webp']) {
    assert.ok(isImagePath(path), path);
  }
  for (const path of ['/a/png', '/a.png/b', '/a/b.png.txt', '/a/b.', '', '/a/b.pngx']) {
    assert.ok(!isImagePath(path), path);
  }
});
