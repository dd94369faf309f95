import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';

interface Readme {
  readonly linkedWithin: (
    text: string,
    from: string,
    paths: ReadonlySet<string>,
    renamed?: Readonly<Record<string, string>>,
  ) => string;
  readonly linkedOnline: (
    text: string,
    from: string,
    addresses: { readonly pages?: string; readonly pictures?: string },
  ) => string;
}

const paths = new Set(['README.md', 'docs/a.md', 'media/samples/01.png']);
let readme: Readme;
before(async () => {
  readme = await scriptModule<Readme>('packaging/readme.mjs');
});

test('links to what the package holds stay, others become their words', () => {
  const text =
    'See [A](docs/a.md#part), [samples](media/samples), [tests](test/), ![a view](media/none.png) and [the web](https://example.org/x).';
  assert.equal(
    readme.linkedWithin(text, 'README.md', paths),
    'See [A](docs/a.md#part), [samples](media/samples), tests, a view and [the web](https://example.org/x).',
  );
});

test('links are relative to their document', () => {
  assert.equal(
    readme.linkedWithin('[up](../README.md) [gone](../../README.md) [here](#top)', 'docs/a.md', paths),
    '[up](../README.md) gone [here](#top)',
  );
});

test('a file that the package calls by another name is linked by it', () => {
  assert.equal(
    readme.linkedWithin('[licence](../LICENSE)', 'docs/a.md', paths, { LICENSE: 'LICENSE.txt' }),
    '[licence](../LICENSE.txt)',
  );
});

const page = '![a view](media/view.png) and [A](docs/a.md#part), [here](#top) and [the web](https://example.org/x).';

test('on a page links and pictures have the addresses of the repository', () => {
  const addresses = { pages: 'https://github.com/o/n/blob/HEAD/', pictures: 'https://github.com/o/n/raw/HEAD/' };
  assert.equal(
    readme.linkedOnline(page, 'README.md', addresses),
    '![a view](https://github.com/o/n/raw/HEAD/media/view.png) and [A](https://github.com/o/n/blob/HEAD/docs/a.md#part), [here](#top) and [the web](https://example.org/x).',
  );
});

test('on a page without a repository they are their words, so that none is broken', () => {
  assert.equal(
    readme.linkedOnline(page, 'README.md', {}),
    'a view and A, [here](#top) and [the web](https://example.org/x).',
  );
});

test('without a repository a picture that stands alone is left out, words and all', () => {
  assert.equal(readme.linkedOnline('One.\n\n![a view](media/view.png)\n\nTwo.\n', 'README.md', {}), 'One.\n\nTwo.\n');
  assert.equal(
    readme.linkedOnline('![web](https://example.org/x.png)\n\nTwo.\n', 'README.md', {}),
    '![web](https://example.org/x.png)\n\nTwo.\n',
  );
});
