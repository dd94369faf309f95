import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { imageNamedAt } from '../../../../server/src/contract/imageLinks';
import { existingFile, targetPaths } from '../../../../server/src/lsp/pictures/targets';
import type { LinkKind } from '../../../../server/src/imageLinks/imageLink';
import { temporaryFolder } from '../../../support/temporary';

const root = temporaryFolder('targets');
const other = temporaryFolder('targets-outside');
for (
  const name of [
    'docs/a.png',
    'docs/a b.png',
    'docs/100%.png',
    'docs/a#1.png',
    'docs/ü.png',
    'img/x.png',
    'public/site.png',
    'src/assets/y.png',
    'docs/fig/z.jpg',
    'docs/folder.png/inside.png',
    'docs/cafe\u0301.png',
    'website/static/img/d.png',
    'attachments/note.png',
    'docs/public/vite.png',
  ]
) {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), name);
}
writeFileSync(path.join(other, 'far.png'), 'far');
const place = {
  documentUri: pathToFileURL(path.join(root, 'docs/page.md')).href,
  workspaceFolderUris: [pathToFileURL(root).href],
};

async function found(
  target: string,
  kind: LinkKind = 'markdown',
  more: { bases?: string[]; mayLackExtension?: true } = {},
): Promise<string | undefined> {
  const file = await existingFile(targetPaths({ target, kind, ...more }, place));
  return file === undefined ? undefined : path.relative(root, file.path).split(path.sep).join('/');
}

const rows: readonly (readonly [string, string | undefined])[] = [
  ['a.png', 'docs/a.png'],
  ['./a.png', 'docs/a.png'],
  ['../img/x.png', 'img/x.png'],
  ['a%20b.png', 'docs/a b.png'],
  ['a b.png', 'docs/a b.png'],
  ['100%.png', 'docs/100%.png'],
  ['%C3%BC.png', 'docs/ü.png'],
  ['a.png?v=1', 'docs/a.png'],
  ['a.png#top', 'docs/a.png'],
  ['a#1.png', 'docs/a#1.png'],
  ['a%231.png', 'docs/a#1.png'],
  ['/img/x.png', 'img/x.png'],
  ['/site.png', 'public/site.png'],
  ['@/assets/y.png', 'src/assets/y.png'],
  ['~@/assets/y.png', 'src/assets/y.png'],
  ['img/x.png', 'img/x.png'],
  ['..\\img\\x.png', 'img/x.png'],
  ['missing.png', undefined],
  ['folder.png', undefined],
  ['', undefined],
  ['a.png\0', undefined],
  ['%00a.png', undefined],
  ['x'.repeat(5000), undefined],
  ['http://example.org/a.png', undefined],
  ['data:image/png;base64,AAAA', undefined],
  ['//example.org/a.png', undefined],
  ['\\\\server\\share\\a.png', undefined],
  ['file://server/share/a.png', undefined],
  ['file:///%zz', undefined],
  // Vite serves the folder `public` beside the page; MkDocs the page's own root.
  ['/vite.png', 'docs/public/vite.png'],
  ['/a.png', 'docs/a.png'],
  ['@site/img/x.png', 'img/x.png'],
  ['@site/a.png', 'docs/a.png'],
  ['pathname:///img/x.png', 'img/x.png'],
  ['{{ site.baseurl }}/img/x.png', 'img/x.png'],
  ["{{ '/img/x.png' | relative_url }}", 'img/x.png'],
  ["{% static 'site.png' %}", 'public/site.png'],
  ["{% static '/site.png' %}", 'public/site.png'],
  ["{{ url_for('static', filename='a.png') }}", 'docs/a.png'],
  ["{{ asset('/img/x.png') }}", 'img/x.png'],
  ['{{ picture }}', undefined],
];
for (const [target, expected] of rows) {
  test(`target ${JSON.stringify(target.slice(0, 60))}`, async () => assert.equal(await found(target), expected));
}

test('a name is found however its letters are composed', async () => {
  for (const target of ['caf\u00e9.png', 'cafe\u0301.png', 'caf%C3%A9.png']) {
    assert.equal((await found(target))?.normalize('NFC'), 'docs/caf\u00e9.png', target);
  }
  assert.equal(await found('cafe.png'), undefined);
});

test('the root of a site is any folder above the page, and an embed lies anywhere in the vault', async () => {
  const deep = { ...place, documentUri: pathToFileURL(path.join(root, 'website/docs/guide/page.md')).href };
  const relative = async (target: string, kind: LinkKind) => {
    const file = await existingFile(targetPaths({ target, kind }, deep));
    return file === undefined ? undefined : path.relative(root, file.path).split(path.sep).join('/');
  };
  assert.equal(await relative('/img/d.png', 'markdown'), 'website/static/img/d.png');
  assert.equal(await relative('@site/static/img/d.png', 'markdown'), 'website/static/img/d.png');
  assert.equal(await relative('note.png', 'wiki'), 'attachments/note.png');
  assert.equal(await relative('note.png', 'markdown'), undefined);
});

test('a file: URI, and a picture outside of the workspace', async () => {
  assert.equal(await found(pathToFileURL(path.join(root, 'docs/a b.png')).href), 'docs/a b.png');
  const far = await existingFile(targetPaths({ target: path.join(other, 'far.png'), kind: 'markdown' }, place));
  assert.equal(far?.path, path.join(other, 'far.png'));
  assert.equal(far?.bytes, 3);
});

test('folders that the document names, and a missing extension', async () => {
  assert.equal(await found('z', 'latex', { bases: ['img', 'fig'], mayLackExtension: true }), 'docs/fig/z.jpg');
  assert.equal(await found('x.png', 'asciidoc', { bases: ['../img'] }), 'img/x.png');
});

test('a document that was never saved has workspace paths only', async () => {
  const unsaved = { ...place, documentUri: 'untitled:Untitled-1' };
  assert.deepEqual(targetPaths({ target: 'a.png', kind: 'markdown' }, unsaved), []);
  assert.equal(
    (await existingFile(targetPaths({ target: '/img/x.png', kind: 'markdown' }, unsaved)))?.path,
    path.join(root, 'img/x.png'),
  );
});

const lines: readonly (readonly [string, string | undefined])[] = [
  ['x = "img/a|.png"', 'img/a.png'],
  ["x = 'my pic|ture.jpg'", 'my picture.jpg'],
  ['x = `a|.svg`', 'a.svg'],
  ['x = "a.png" + "|b.png"', 'b.png'],
  ['x = "a.png" +| "b.png"', undefined],
  ['open("a.png|")', 'a.png'],
  ['x = "it\'s |a.png"', "it's a.png"],
  ['x = "a\\"b|.png"', 'b.png'],
  ['image: docs/a|.png', 'docs/a.png'],
  ['![](a|.png)', 'a.png'],
  ['see a.png|.', 'a.png'],
  ['x = "a|.txt"', undefined],
  ['|', undefined],
  ['x = "a|.png?raw=1"', 'a.png?raw=1'],
  ['{"icon":"media/ic|on.png"}', 'media/icon.png'],
];
for (const [marked, expected] of lines) {
  test(`named in ${marked}`, () => {
    const at = marked.indexOf('|');
    const line = marked.replace('|', '');
    const named = imageNamedAt(line, at);
    assert.equal(named?.target, expected);
    if (named !== undefined) assert.equal(line.slice(named.start, named.end).trim(), expected);
  });
}
