/** One judgement of what a region is: lines, hints and expectations agree with the regions that the host makes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { buildRegions } from '../../../model-host/src/output/regions';
import { compareExpectation } from '../../../server/src/language/knowledge/expectations';
import { answerLine, answerMarkdown, regionCount, resultLine } from '../../../server/src/language/knowledge/resultText';
import { runResult } from '../../support/results';

const cat = '<loc0100><loc0200><loc0900><loc0777> cat';
const noRegions = {
  'beyond the last bin': '<loc1024><loc0200><loc0900><loc0777> cat',
  'upside down': '<loc0800><loc0100><loc0200><loc0300> cat',
  'right to left': '<loc0100><loc0800><loc0200><loc0300> cat',
  'without an area': '<loc0100><loc0100><loc0100><loc0900> cat',
};

for (const [what, suffix] of Object.entries(noRegions)) {
  test(`a box ${what} is a region nowhere, and stays in the text as written`, async () => {
    const { regions, text } = await buildRegions({
      suffix: `${cat} ; ${suffix}`,
      image: { widthPx: 320, heightPx: 240 },
      locDivisor: 1024,
      isTruncated: false,
    });
    assert.equal(regions.length, 1);
    assert.equal(text, suffix);
    assert.equal(answerLine(`${cat} ; ${suffix}`, 100), `cat · ${suffix}`);
    assert.equal(answerLine(suffix, 100), suffix);
    assert.equal(compareExpectation(`${cat} ; ${suffix}`, `${suffix} ; ${cat}`), 'close', 'text is compared as text');
    assert.equal(compareExpectation(`${cat} ; ${suffix}`, `${cat} ; ${cat}`), 'different');
  });
}

test('an entry that was cut off is counted neither by the line of a result nor by the regions', () => {
  const suffix = `${cat} ; <loc0000><loc0010><loc0100><loc0500> do`;
  assert.match(
    resultLine(runResult({ prompt: 'detect cat', suffix, stopReason: 'maxNewTokens' }), 100),
    /^cat · <loc0000>.* do \(cut off/,
  );
  assert.equal(resultLine(runResult({ prompt: 'detect cat', suffix }), 100), 'cat, do');
});

test('an answer is read once, however often it is asked for, and again where it is shown as something else', () => {
  let reads = 0;
  const suffix = '<tr><td>a</td></tr>';
  const result = {
    ...runResult({ suffix }),
    get prompt() {
      reads++;
      return 'table';
    },
  };
  assert.equal(resultLine(result, 100), '1 × 1 cells · a');
  assert.match(answerMarkdown(result, 100), /^\| a/);
  assert.equal(regionCount(result), 0);
  assert.equal(reads, 1);
  assert.equal(resultLine(result, 100, 'text'), suffix);
  assert.equal(resultLine(result, 100), '1 × 1 cells · a');
  assert.equal(reads, 3);
});
