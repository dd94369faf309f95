import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';

interface Manifest {
  readonly repository?: { readonly type?: string; readonly url?: string };
  readonly bugs?: { readonly url: string };
  readonly homepage?: string;
}
interface Publishing {
  readonly publishingOf: (manifest: Manifest) => Readonly<Record<string, string | undefined>>;
  readonly unfilled: (manifest: Manifest) => readonly string[];
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest & Readonly<Record<string, unknown>>;
let publishing: Publishing;
before(async () => {
  publishing = await scriptModule<Publishing>('packaging/publishing.mjs');
});

test('all addresses of a page follow from that of the repository', () => {
  const expected = {
    repository: 'https://github.com/o/n',
    bugs: 'https://github.com/o/n/issues',
    homepage: 'https://github.com/o/n#readme',
    pages: 'https://github.com/o/n/blob/HEAD/',
    pictures: 'https://github.com/o/n/raw/HEAD/',
  };
  for (const url of ['https://github.com/o/n', 'https://github.com/o/n.git', 'git+https://github.com/o/n.git']) {
    assert.deepEqual(publishing.publishingOf({ repository: { url } }), expected);
    assert.deepEqual(publishing.unfilled({ repository: { url } }), []);
  }
});

test('what the manifest names itself is kept', () => {
  const { bugs, homepage } = publishing.publishingOf({
    repository: { url: 'https://gitlab.com/group/part/n.git' },
    bugs: { url: 'https://bugs.example' },
    homepage: 'https://home.example',
  });
  assert.deepEqual([bugs, homepage], ['https://bugs.example', 'https://home.example']);
});

test('a repository that is not named, or whose pictures have no known address, is told in a sentence', () => {
  assert.match(publishing.unfilled({}).join(), /names no "repository"/);
  assert.match(
    publishing.unfilled({ repository: { url: 'https://git.example/o/n' } }).join(),
    /github\.com and gitlab/,
  );
});

test('an address that no other can be made of is refused with the form that is wanted', () => {
  for (const url of ['o/n', 'git@github.com:o/n.git', 'https://github.com/o', undefined]) {
    assert.throws(
      () => publishing.publishingOf({ repository: url === undefined ? {} : { url } }),
      /"url": "https:/,
      url,
    );
  }
});

test('the manifest has what needs no owner to be known', () => {
  assert.equal(manifest['pricing'], 'Free');
  assert.equal(manifest['qna'], 'marketplace');
  assert.deepEqual(manifest['galleryBanner'], { color: '#17324d', theme: 'dark' });
});
