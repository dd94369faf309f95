import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { commonFolder, freeName, sidecarPaths } from '../../../batch/src/answerNames';
import { batchOptions } from '../../../client/src/batch/outputs';

const at = (...parts: string[]): string => path.resolve(path.sep, ...parts);

test('each picture gets a text file of its own name', () => {
  assert.deepEqual(sidecarPaths([at('p', 'a.png'), at('p', 'b.c.JPG'), at('q', 'a.png')]), [
    at('p', 'a.txt'),
    at('p', 'b.c.txt'),
    at('q', 'a.txt'),
  ]);
});

test('pictures that would share a text file keep their whole names, also where only the case differs', () => {
  assert.deepEqual(sidecarPaths([at('a.png'), at('A.jpg'), at('b.png')]), [
    at('a.png.txt'),
    at('A.jpg.txt'),
    at('b.txt'),
  ]);
});

test('pages of a document get files of their own, named after them', () => {
  assert.deepEqual(sidecarPaths([at('p', 'a.pdf#page=1'), at('p', 'a.pdf#page=12'), at('p', 'a.pdf')]), [
    at('p', 'a.page-1.txt'),
    at('p', 'a.page-12.txt'),
    at('p', 'a.txt'),
  ]);
});

test('a free name counts on', () => {
  const taken = new Set([at('c.jsonl'), at('c-2.jsonl')]);
  assert.equal(freeName(at('c.jsonl'), candidate => taken.has(candidate)), at('c-3.jsonl'));
  assert.equal(freeName(at('d.jsonl'), candidate => taken.has(candidate)), at('d.jsonl'));
});

test('the common folder is the deepest one that holds all of them', () => {
  assert.equal(commonFolder([at('p', 'a')]), at('p', 'a'));
  assert.equal(commonFolder([at('p', 'a'), at('p', 'a', 'b')]), at('p', 'a'));
  assert.equal(commonFolder([at('p', 'ab'), at('p', 'a')]), at('p'));
  assert.equal(commonFolder([at('x'), at('y')]), at());
});

test('options are found among whatever a command is called with', () => {
  assert.deepEqual(batchOptions([{ scheme: 'file', path: '/a' }, [], { output: 'jsonl', existing: 'skip' }]), {
    output: 'jsonl',
    existing: 'skip',
  });
  assert.deepEqual(batchOptions([{ output: 'xml', existing: 3 }, null, 'jsonl', undefined]), {});
});
