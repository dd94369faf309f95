import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { findImages } from '../../../server/src/workspace/imageMatches';
import { walkFolder } from '../../../server/src/workspace/walkFolder';
import { WorkspaceFiles } from '../../../server/src/workspace/workspaceFiles';
import { silentLog } from '../../../server/src/util/log';
import { temporaryFolder } from '../../support/temporary';

/** @returns Absolute path of a folder with these files. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const root = path.join(temporaryFolder(name), 'root');
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
}

const everything = { enters: () => true, takes: () => true };

test('the index leaves out what is ignored, excluded or belongs to programs', async () => {
  const root = folderOf('index', {
    '.gitignore': 'build/\n*.gif\n',
    'a.png': '',
    'b.gif': '',
    'build/c.png': '',
    'x/.gitignore': '!*.gif\n/own.png\n',
    'x/d.gif': '',
    'x/own.png': '',
    'x/y/own.png': '',
    '.git/e.png': '',
    'node_modules/f.png': '',
    'shots/g.JPG': '',
    'x/p.paligemma': '',
    'notes.txt': '',
  });
  const files = new WorkspaceFiles({
    log: silentLog,
    now: () => 0,
    onDidChange: () => undefined,
    excludedGlobs: () => Promise.resolve(['**/shots']),
  });
  files.setFolders([root]);
  await files.settled;
  const uri = (file: string) => pathToFileURL(path.join(root, file)).href;
  assert.deepEqual(files.images.map(image => image.uri), ['a.png', 'x/d.gif', 'x/y/own.png'].map(uri));
  assert.deepEqual(files.promptFiles, [path.join(root, 'x/p.paligemma')]);
  const { images } = files;
  await files.rescan();
  assert.equal(files.images, images, 'the same array while nothing changed');
});

/** Pictures of a folder, as the index has them. */
async function indexed(root: string): Promise<readonly string[]> {
  const files = new WorkspaceFiles({
    log: silentLog,
    now: () => 0,
    onDidChange: () => undefined,
    excludedGlobs: () => Promise.resolve([]),
  });
  files.setFolders([root]);
  await files.settled;
  return files.images.map(({ uri }) => uri.slice(pathToFileURL(root).href.length + 1));
}

test('of an ignore file that goes on and on the beginning counts, in whole lines', { timeout: 30_000 }, async () => {
  const root = folderOf('long-ignore', { 'a.png': '', 'b.png': '', 'b': '' });
  // Its limit is in the middle of the last line.
  writeFileSync(path.join(root, '.gitignore'), `a.png\n${'\n'.repeat((256 << 10) - 7)}b.png and more`);
  assert.deepEqual(await indexed(root), ['b.png']);
  truncateSync(path.join(root, '.gitignore'), 2 ** 40);
  assert.deepEqual(await indexed(root), ['b.png']);
});

test('an ignore file that is a pipe, a device or a folder is none', {
  timeout: 30_000,
  skip: process.platform === 'win32' && 'makes pipes',
}, async () => {
  const root = folderOf('other-ignore', { 'a.png': '' });
  const place = path.join(root, '.gitignore');
  for (const [program, ...args] of [['mkfifo', place], ['ln', '-s', '/dev/zero', place], ['mkdir', place]] as const) {
    execFileSync(program, args);
    assert.deepEqual(await indexed(root), ['a.png'], program);
    rmSync(place, { recursive: true });
  }
});

test('links in a circle end, links to files count, folders that cannot be read are left out', {
  skip: process.platform === 'win32' && 'links to files need a privilege on Windows',
}, async () => {
  const root = folderOf('links', { 'a/one.png': '' });
  symlinkSync(root, path.join(root, 'a', 'circle'));
  symlinkSync(path.join(root, 'a', 'one.png'), path.join(root, 'two.png'));
  symlinkSync(path.join(root, 'gone'), path.join(root, 'broken.png'));
  const { files, isTruncated } = await walkFolder(root, everything, { mostFiles: 10, mostEntries: 10 });
  assert.deepEqual([files.map(file => path.relative(root, file)), isTruncated], [
    [path.join('a', 'one.png'), 'two.png'],
    false,
  ]);
  assert.deepEqual(await walkFolder(path.join(root, 'none'), everything, { mostFiles: 1, mostEntries: 1 }), {
    files: [],
    isTruncated: false,
  });
});

test('limits cut off in the order of the names, and say so', async () => {
  const root = folderOf(
    'limits',
    Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${String(index).padStart(2, '0')}.png`, ''])),
  );
  const { files, isTruncated } = await walkFolder(root, everything, { mostFiles: 3, mostEntries: 100 });
  assert.deepEqual([files.map(file => path.basename(file)), isTruncated], [['00.png', '01.png', '02.png'], true]);
  assert.equal((await walkFolder(root, everything, { mostFiles: 30, mostEntries: 100 })).isTruncated, false);
  assert.equal((await walkFolder(root, everything, { mostFiles: 100, mostEntries: 29 })).isTruncated, true);
});

test('paths and globs lead to the pictures that they stand for', async () => {
  const png = '\x89PNG\r\n\x1a\n';
  const root = folderOf('matches', {
    'a b#%.png': '',
    'photo[1].png': '',
    'x/c.png': '',
    'text.png': 'text',
    'x/.hidden.png': '',
  });
  writeFileSync(path.join(root, 'a b#%.png'), png, 'latin1');
  writeFileSync(path.join(root, 'photo[1].png'), png, 'latin1');
  writeFileSync(path.join(root, 'cafe\u0301.png'), png, 'latin1');
  const documentUri = pathToFileURL(path.join(root, 'p.paligemma')).href;
  const uri = (file: string) => pathToFileURL(path.join(root, file)).href;
  for (
    const [text, expected] of [
      ['a b#%.png', { uris: [uri('a b#%.png')], isGlob: false }],
      ['photo[1].png', { uris: [uri('photo[1].png')], isGlob: false }],
      ['.\\x\\*.png', { uris: [uri('x/c.png')], isGlob: true }],
      ['**/c.*', { uris: [uri('x/c.png')], isGlob: true }],
      ['text.png', { uris: [uri('text.png')], isGlob: false, problem: 'unsupported' }],
      ['x/c.png', { uris: [uri('x/c.png')], isGlob: false, problem: 'unreadable' }],
      ['x', { uris: [], isGlob: false, problem: 'folder' }],
      ['none.png', { uris: [], isGlob: false }],
      ['none/*.png', { uris: [], isGlob: true }],
      ['a\0.png', { uris: [], isGlob: false }],
    ] as const
  ) assert.deepEqual(await findImages(documentUri, text), expected, text);
  // However its letters are composed; the file system may know no difference either.
  for (const text of ['caf\u00e9.png', 'c*\u00e9.png']) {
    const { uris } = await findImages(documentUri, text);
    assert.deepEqual(uris.map(found => decodeURI(found).normalize('NFC')), [decodeURI(uri('caf\u00e9.png'))], text);
  }
});
