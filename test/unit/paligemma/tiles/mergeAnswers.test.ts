import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, Region } from '../../../../paligemma/src/facts';
import { boxFromLocBins } from '../../../../paligemma/src/locTokens';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import { mergeAnswers, type AnsweredTile } from '../../../../paligemma/src/tiles/mergeAnswers';
import { seededRandom } from '../../../support/seededRandom';

const codes = Array.from({ length: 16 }, (_, i) => `<seg${String(i).padStart(3, '0')}>`).join('');

/** A part with the answer that a host would tell of this suffix. */
function answered(
  box: Box,
  suffix: string,
  { isWhole = false, stopReason = 'eos' as const, mask = '' } = {},
): AnsweredTile {
  const { boxes, text } = parseSuffix(suffix, stopReason !== 'eos');
  const regions = boxes.map(({ label, bins }): Region => {
    const { x1, y1, x2, y2 } = boxFromLocBins(bins, box.x2 - box.x1, box.y2 - box.y1, 1024);
    const placed = { x1: box.x1 + x1, y1: box.y1 + y1, x2: box.x1 + x2, y2: box.y1 + y2 };
    return { label, box: placed, ...(mask === '' ? {} : { mask: { width: 4, height: 4, png: mask } }) };
  });
  return { box, isWhole, answer: { suffix, stopReason, regions, text } };
}

const left = { x1: 0, y1: 0, x2: 550, y2: 500 };
const right = { x1: 450, y1: 0, x2: 1000, y2: 500 };
const options = { picture: { widthPx: 1000, heightPx: 500 }, locDivisor: 1024 as const };

test('the suffix of read parts is their text, and each part keeps its own', () => {
  const merged = mergeAnswers([answered(left, 'The quick bro'), answered(right, 'ick brown fox')], {
    ...options,
    kind: 'text',
  });
  assert.equal(merged.suffix, 'The quick brown fox');
  assert.equal(merged.text, merged.suffix);
  assert.deepEqual(merged.tiles, [{ ...left, suffix: 'The quick bro' }, { ...right, suffix: 'ick brown fox' }]);
  assert.deepEqual([merged.regions, merged.stopReason], [[], 'eos']);
});

test('a part of one colour has an empty answer, and counts as a part', () => {
  const merged = mergeAnswers([{ box: left, answer: undefined, isWhole: false }, answered(right, 'word')], {
    ...options,
    kind: 'text',
  });
  assert.deepEqual([merged.suffix, merged.tiles[0]], ['word', { ...left, suffix: '' }]);
});

test('a part that fell into a loop gives what it read before, and the answer says that one was cut off', () => {
  const loop = `Total 5\n${'and so on '.repeat(40)}`;
  const merged = mergeAnswers([answered(left, loop, { stopReason: 'maxNewTokens' as never }), answered(right, 'end')], {
    ...options,
    kind: 'text',
  });
  assert.equal(merged.text, 'Total 5\nand so on\nend');
  assert.equal(merged.stopReason, 'maxNewTokens');
  assert.equal(merged.tiles[0]?.suffix, loop, 'as the model wrote it');
});

test('the suffix of merged regions is read back as the same regions, whatever they are', () => {
  const random = seededRandom(3);
  for (let i = 0; i < 200; i++) {
    const bins = () => {
      const [low, high] = [random.below(1000), random.below(1000)];
      return [Math.min(low, high), Math.max(low, high) + 1 + random.below(20)] as const;
    };
    const suffixOf = () => {
      const [[y1, y2], [x1, x2]] = [bins(), bins()];
      return `${[y1, x1, y2, x2].map(bin => `<loc${String(Math.min(bin, 1023)).padStart(4, '0')}>`).join('')} ${
        random.pick(['cup', 'plate', ''])
      }`;
    };
    const tile = { x1: 0, y1: 0, x2: 40, y2: 30 };
    const stopReason = random.pick(['eos', 'maxNewTokens']) as 'eos';
    const merged = mergeAnswers(
      [answered(tile, `${suffixOf()} ; ${suffixOf()} ;`, { stopReason }), answered(right, suffixOf())],
      {
        picture: { widthPx: 100_000, heightPx: 60_000 },
        locDivisor: random.pick([1023, 1024] as const),
        kind: 'objects',
      },
    );
    const { boxes, text } = parseSuffix(merged.suffix, merged.stopReason !== 'eos');
    assert.deepEqual(boxes.map(({ label }) => label), merged.regions.map(({ label }) => label), merged.suffix);
    assert.equal(text, '');
  }
});

test('bins of the whole picture are as near to the box as bins can be', () => {
  const merged = mergeAnswers([answered(right, '<loc0100><loc0200><loc0300><loc0400> cup')], {
    ...options,
    kind: 'objects',
  });
  const [found] = parseSuffix(merged.suffix).boxes;
  const box = boxFromLocBins(found!.bins, 1000, 500, 1024);
  for (const side of ['x1', 'y1', 'x2', 'y2'] as const) {
    assert.ok(Math.abs(box[side] - merged.regions[0]!.box[side]) <= 0.5, side);
  }
});

test('the codes of a mask stay where one part has it, and the masks of a united object are told together', () => {
  const alone = mergeAnswers([answered(left, `<loc0100><loc0200><loc0300><loc0400>${codes} cup`, { mask: 'A' })], {
    ...options,
    kind: 'objects',
  });
  assert.equal(parseSuffix(alone.suffix).boxes[0]?.codes?.length, 16);
  assert.deepEqual(alone.regions[0]?.masks.map(({ png }) => png), ['A']);
  const united = mergeAnswers([
    answered(left, `<loc0100><loc0700><loc0300><loc1023>${codes} cup`, { mask: 'A' }),
    answered(right, `<loc0100><loc0000><loc0300><loc0400>${codes} cup`, { mask: 'B' }),
  ], { ...options, kind: 'objects' });
  assert.equal(united.regions.length, 1);
  assert.deepEqual(united.regions[0]?.masks.map(({ png }) => png), ['A', 'B']);
  assert.equal(parseSuffix(united.suffix).boxes[0]?.codes, undefined);
});
