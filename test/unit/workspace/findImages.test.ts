import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findImages } from '../../../server/src/workspace/imageMatches';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('images');
const documentUri = pathToFileURL(path.join(folder, 'prompts.paligemma')).href;
for (
  const name of ['b.png', 'a.png', 'note.txt', 'photo[1].jpg', 'sub/c d.webp', 'sub/deep/ü#%.PNG', '.hidden/x.png']
) {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), 'x');
}

/** Found paths relative to the folder. */
async function find(pathOrGlob: string): Promise<string[]> {
  return (await findImages(documentUri, pathOrGlob)).uris.map(uri =>
    path.relative(folder, fileURLToPath(uri)).split(path.sep).join('/')
  );
}

test('a path is relative to the prompt file, or absolute', async () => {
  assert.deepEqual(await find('a.png'), ['a.png']);
  assert.deepEqual(await find('./sub/../b.png'), ['b.png']);
  assert.deepEqual(await find('sub\\c d.webp'), ['sub/c d.webp']);
  assert.deepEqual(await find(path.join(folder, 'a.png')), ['a.png']);
  assert.deepEqual(await find('sub/deep/ü#%.PNG'), ['sub/deep/ü#%.PNG']);
});

test('a file that has the very name of a pattern comes first', async () => {
  assert.deepEqual(await find('photo[1].jpg'), ['photo[1].jpg']);
  assert.deepEqual((await findImages(documentUri, 'photo[1].jpg')).isGlob, false);
});

test('globs take pictures only, in order, without hidden ones', async () => {
  assert.deepEqual(await find('*'), ['a.png', 'b.png', 'photo[1].jpg']);
  assert.deepEqual(await find('*.{png,webp}'), ['a.png', 'b.png']);
  assert.deepEqual(await find('**/*'), ['a.png', 'b.png', 'photo[1].jpg', 'sub/c d.webp', 'sub/deep/ü#%.PNG']);
  assert.deepEqual(await find('sub/**/*.PNG'), ['sub/deep/ü#%.PNG']);
  assert.deepEqual(await find(`${folder}/s*/*`), ['sub/c d.webp']);
  assert.deepEqual(await find('../*/nothing-*.png'), []);
});

test('nothing is found for what is not there or is not a path', async () => {
  for (
    const item of [
      'none.png',
      'none/*.png',
      'https://example.org/a.png',
      'data:image/png;base64,A',
      '\0',
      'x'.repeat(5000),
    ]
  ) assert.deepEqual(await find(item), [], item);
  assert.equal((await findImages(documentUri, 'sub')).problem, 'folder');
  assert.deepEqual((await findImages('untitled:Untitled-1', 'a.png')).uris, []);
});

test('links that lead in a circle do not trap it', async t => {
  if (process.platform === 'win32') return t.skip('links to folders need a privilege on Windows');
  symlinkSync(folder, path.join(folder, 'sub', 'circle'));
  assert.deepEqual(await find('**/a.png'), ['a.png']);
});
