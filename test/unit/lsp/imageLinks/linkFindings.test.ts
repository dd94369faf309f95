import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageLinks } from '../../../../server/src/imageLinks/imageLinks';
import { linkFindings, type LookedAt } from '../../../../server/src/lsp/imageLinks/linkFindings';

function findingsIn(text: string, fileOf: (target: string) => LookedAt['file'] = () => 'found') {
  const looked = imageLinks(text, 'markdown').map(link => ({ link, file: fileOf(link.target) }));
  const found = linkFindings(looked, character => ({ line: 0, character }), 'file:///diagnostics.md');
  return found.map(({ code, range: { start, end } }) => `${code} ${text.slice(start.character, end.character)}`);
}

test('a picture without alt text is told, one that is decoration on purpose is not', () => {
  assert.deepEqual(findingsIn('![](a.png) ![b](b.png) <img src="c.png"> <img src="d.png" alt="">'), [
    'missing-alt-text ![](a.png)',
    'missing-alt-text <img src="c.png">',
  ]);
});

test('a picture whose file is missing is told at its path; one that is elsewhere is not', () => {
  const where = (target: string) => target.startsWith('https:') ? 'elsewhere' : 'missing';
  assert.deepEqual(findingsIn('![a](gone.png) ![b](https://example.org/b.png)', where), ['missing-picture gone.png']);
});
