import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findImages } from '../../../server/src/util/imageFiles';
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
function find(pathOrGlob: string): string[] {
  return findImages(documentUri, pathOrGlob).uris.map(uri =>
    path.relative(folder, fileURLToPath(uri)).split(path.sep).join('/')
  );
}

test('a path is relative to the prompt file, or absolute', () => {
  assert.deepEqual(find('a.png'), ['a.png']);
  assert.deepEqual(find('./sub/../b.png'), ['b.png']);
  assert.deepEqual(find('sub\\c d.webp'), ['sub/c d.webp']);
  assert.deepEqual(find(path.join(folder, 'a.png')), ['a.png']);
  assert.deepEqual(find('sub/deep/ü#%.PNG'), ['sub/deep/ü#%.PNG']);
});

test('a file that has the very name of a pattern comes first', () => {
  assert.deepEqual(find('photo[1].jpg'), ['photo[1].jpg']);
  assert.deepEqual(findImages(documentUri, 'photo[1].jpg').isGlob, false);
});

test('globs take pictures only, in order, without hidden ones', () => {
  assert.deepEqual(find('*'), ['a.png', 'b.png', 'photo[1].jpg']);
  assert.deepEqual(find('*.{png,webp}'), ['a.png', 'b.png']);
  assert.deepEqual(find('**/*'), ['a.png', 'b.png', 'photo[1].jpg', 'sub/c d.webp', 'sub/deep/ü#%.PNG']);
  assert.deepEqual(find('sub/**/*.PNG'), ['sub/deep/ü#%.PNG']);
  assert.deepEqual(find(`${folder}/s*/*`), ['sub/c d.webp']);
  assert.deepEqual(find('../*/nothing-*.png'), []);
});

test('what is not there', () => {
  for (
    const item of [
      'none.png',
      'none/*.png',
      'https://example.org/a.png',
      'data:image/png;base64,A',
      '\0',
      'x'.repeat(5000),
    ]
  ) assert.deepEqual(find(item), [], item);
  assert.equal(findImages(documentUri, 'sub').problem, 'folder');
  assert.deepEqual(findImages('untitled:Untitled-1', 'a.png').uris, []);
});

test('a name is found however its letters are composed, and the exact one comes first', () => {
  const [composed, apart] = ['caf\u00e9', 'cafe\u0301'];
  writeFileSync(path.join(folder, `${apart}.png`), 'x');
  mkdirSync(path.join(folder, `dir-${composed}`));
  writeFileSync(path.join(folder, `dir-${composed}`, 'x.png'), 'x');
  const names = (item: string) => find(item).map(name => name.normalize('NFC'));
  assert.deepEqual(names(`${composed}.png`), [`${composed}.png`]);
  assert.deepEqual(names(`${composed}.*`), [`${composed}.png`]);
  assert.deepEqual(names(`dir-${apart}/x.png`), [`dir-${composed}/x.png`]);
  assert.deepEqual(names(`dir-${apart}/*.png`), [`dir-${composed}/x.png`]);
  assert.deepEqual(names(`*-caf?/x.png`), [`dir-${composed}/x.png`]);
  assert.deepEqual(find('cafe.png'), []);
  writeFileSync(path.join(folder, `${composed}.png`), 'x');
  assert.deepEqual(find(`${composed}.png`), [`${composed}.png`]);
});

test('links that lead in a circle do not trap it', t => {
  if (process.platform === 'win32') return t.skip('links to folders need a privilege on Windows');
  symlinkSync(folder, path.join(folder, 'sub', 'circle'));
  assert.deepEqual(find('**/a.png'), ['a.png']);
});
