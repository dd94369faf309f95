import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { commonFolder, freeName, sidecarPaths } from '../../../../client/src/images/answerNames';
import { batchOptions } from '../../../../client/src/batch/outputs';

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

test('a free name counts on', () => {
  const taken = new Set([at('c.jsonl'), at('c-2.jsonl')]);
  assert.equal(freeName(at('c.jsonl'), candidate => taken.has(candidate)), at('c-3.jsonl'));
  assert.equal(freeName(at('d.jsonl'), candidate => taken.has(candidate)), at('d.jsonl'));
});

test('the common folder is the deepest one that holds all pictures', () => {
  assert.equal(commonFolder([at('p', 'a', '1.png')]), at('p', 'a'));
  assert.equal(commonFolder([at('p', 'a', '1.png'), at('p', 'a', 'b', '2.png')]), at('p', 'a'));
  assert.equal(commonFolder([at('p', 'ab', '1.png'), at('p', 'a', '2.png')]), at('p'));
  assert.equal(commonFolder([at('x', '1.png'), at('y', '2.png')]), at());
});

test('options are found among whatever a command is called with', () => {
  assert.deepEqual(batchOptions([{ scheme: 'file', path: '/a' }, [], { output: 'jsonl', existing: 'skip' }]), {
    output: 'jsonl',
    existing: 'skip',
  });
  assert.deepEqual(batchOptions([{ output: 'xml', existing: 3 }, null, 'jsonl', undefined]), {});
});
