// `paligemma metrics`: values of metrics on given answers, and what is wrong with a file of them.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import { objectsOf, runCommand, temporaryFolder } from '../support/commandLine';

const folder = temporaryFolder();
const cache = folder.at('cache');
const fixture = path.resolve('test/fixtures/metrics/cases.json');
after(() => folder.remove());

function cases(content: unknown): string {
  const file = folder.at('cases.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('paligemma metrics', () => {
  test('prints the value of each case, by its id', async () => {
    const result = await runCommand(['metrics', 'tallyqa', fixture], { cache });
    assert.equal(result.code, 0, result.stderr);
    const { metrics } = JSON.parse(readFileSync(fixture, 'utf8')) as {
      readonly metrics: { readonly tallyqa: { readonly cases: readonly { id: string; expected: boolean }[] } };
    };
    assert.deepEqual(objectsOf(result), metrics.tallyqa.cases.map(({ id, expected }) => ({ id, expected })));
    assert.match(result.stderr, /All 10 cases: acc 0\.6/);
  });

  test('compares molecules as RDKit does', async () => {
    const file = cases([{ id: 'a', prediction: 'OCC', target: 'CCO' }]);
    const [{ expected } = { expected: undefined }] = objectsOf(
      await runCommand(['metrics', 'molecules', file], { cache }),
    );
    assert.equal((expected as { readonly canonical_prediction: string }).canonical_prediction, 'CCO');
  });

  test('judges the other cases where one lacks a field, and says which', async () => {
    const file = cases({ cases: [{ id: 'first', prediction: '1' }, { prediction: '1', target: 'one' }, 7] });
    const result = await runCommand(['metrics', 'tallyqa', file, '--json'], { cache });
    assert.equal(result.code, 1);
    const [first, second, third] = objectsOf(result);
    assert.equal(first?.['id'], 'first');
    assert.equal((first?.['error'] as { readonly code: number }).code, failureTable.badArgument.code);
    assert.deepEqual(second, { id: 2, expected: true });
    assert.equal(third?.['id'], 3);
    assert.match(result.stderr, /case first: The field “target” is missing\./);
  });

  test('names the metrics that there are, the nearest first', async () => {
    const result = await runCommand(['metrics', 'coco_mpa', fixture], { cache });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /There is no metric "coco_mpa"\. There are coco_map, vqa_generic, /);
  });

  const broken: readonly (readonly [what: string, content: unknown, sentence: RegExp])[] = [
    ['a file that is not JSON', '{"cases": [', /is not JSON: .+\. Correct it there\./],
    ['a file without cases', { metrics: {} }, /holds no cases of tallyqa\./],
    ['an empty list', [], /holds no case\./],
  ];
  for (const [what, content, sentence] of broken) {
    test(`refuses ${what}`, async () => {
      const result = await runCommand(['metrics', 'tallyqa', cases(content)], { cache });
      assert.equal(result.code, 1);
      assert.match(result.stderr, sentence);
      assert.equal(result.stdout, '');
    });
  }

  test('needs a name and one file', async () => {
    for (const words of [[], ['tallyqa'], ['tallyqa', fixture, fixture]]) {
      assert.equal((await runCommand(['metrics', ...words], { cache })).code, 2, words.join(' '));
    }
  });
});
