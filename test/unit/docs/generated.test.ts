/** The parts of the documentation that follow from the code are those of this code: `npm run docs` writes them. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';

interface Page {
  readonly file: string;
  readonly written: string;
  readonly text: string;
}

let pages: readonly Page[];
before(async () => {
  const { renderedPages } = await scriptModule<{ readonly renderedPages: () => Promise<readonly Page[]> }>(
    'docs/pages.mjs',
  );
  pages = await renderedPages();
});

test('every generated part is up to date', () => {
  assert.ok(pages.length >= 5);
  for (const { file, written, text } of pages) assert.equal(written, text, `${file} is stale: run npm run docs`);
});

test('the tables name what the code has', () => {
  const page = (file: string): string =>
    pages.find(candidate => candidate.file === file)?.text ?? assert.fail(`${file} has no generated part`);
  assert.match(
    page('docs/settings.md'),
    /^\| `paligemma\.device` \| The part of the machine .* \| `"auto"` \| you \|$/m,
  );
  assert.match(page('docs/commands.md'), /^\| Choose Model… \| `paligemma\.chooseModel` \|/m);
  assert.match(page('docs/command-line.md'), /^\| `--overlay FOLDER` \| .* \| every run \|$/m);
  assert.match(page('docs/command-line.md'), /^\| 1001 \| `imageMissing` \|/m);
  assert.match(page('docs/diagnostics.md'), /^\| \[capital-task\]\(#capital-task\) \| warning \| yes \|  \|$/m);
});
