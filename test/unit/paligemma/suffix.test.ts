import assert from 'node:assert/strict';
import test from 'node:test';
import { parseSuffix, suffixSummary } from '../../../paligemma/src/suffix';
import { boxFromLocBins } from '../../../paligemma/src/locTokens';
import { pixelBox } from '../../../model-host/src/output/pasteMask';
import { growthFault } from '../../support/hostile/growth';
import { random, readGoldenJson } from '../image/support';

interface GoldenEntry {
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  readonly loc_yxyx: readonly number[];
  readonly label: string;
  readonly seg: readonly number[] | null;
  readonly issues: readonly string[];
  readonly keep: boolean;
  readonly xyxy_1024: readonly number[];
  readonly xyxy_1023: readonly number[];
  readonly xyxy_1024_round: readonly number[];
  readonly xyxy_1023_trunc: readonly number[];
}

interface GoldenCase {
  readonly id: string;
  readonly text: string;
  readonly width: number;
  readonly height: number;
  readonly tolerant: {
    readonly objects: readonly GoldenEntry[];
    readonly between: readonly string[];
    readonly free_text: string;
    readonly stray_loc_or_seg: boolean;
  };
}

const { cases } = readGoldenJson<{ cases: readonly GoldenCase[] }>('outputs/suffixes.json');

for (const { id, text, width, height, tolerant } of cases) {
  const kept = tolerant.objects.filter(({ keep }) => keep);

  test(`suffix “${id}” parses as recorded`, () => {
    const parsed = parseSuffix(text);
    assert.deepEqual(
      parsed.boxes.map(({ start, end, bins, label, codes }) => ({ start, end, bins, label, codes: codes ?? null })),
      kept.map(({ start, end, loc_yxyx, label, seg }) => ({ start, end, bins: loc_yxyx, label, codes: seg })),
    );
    // The reference drops stray tokens from its free text, and counts boxes without an area as objects.
    if (!tolerant.stray_loc_or_seg && kept.length === tolerant.objects.length) {
      assert.equal(parsed.text, tolerant.free_text);
    }
  });

  test(`boxes of suffix “${id}” are as recorded, with both divisors`, () => {
    parseSuffix(text).boxes.forEach(({ bins }, i) => {
      const expected = kept[i]!;
      for (const divisor of [1024, 1023] as const) {
        const box = boxFromLocBins(bins, width, height, divisor);
        assert.deepEqual([box.x1, box.y1, box.x2, box.y2], divisor === 1024 ? expected.xyxy_1024 : expected.xyxy_1023);
        const pixels = pixelBox(box, divisor);
        const whole = divisor === 1024 ? expected.xyxy_1024_round : expected.xyxy_1023_trunc;
        const hasPixels = whole[2]! > whole[0]! && whole[3]! > whole[1]!;
        assert.deepEqual(pixels && [pixels.x1, pixels.y1, pixels.x2, pixels.y2], hasPixels ? whole : undefined);
      }
    });
  });
}

test('four digits beyond 1023 are no token: the four that follow still make a box', () => {
  const { boxes, text } = parseSuffix('<loc1024><loc0001><loc0002><loc0003><loc0004> cat');
  assert.deepEqual(boxes.map(({ bins, label }) => [bins, label]), [[[1, 2, 3, 4], 'cat']]);
  assert.equal(text, '<loc1024>');
});

test('a summary names each kind once, in the order of the answer, and the text behind them', () => {
  const box = '<loc0001><loc0002><loc0003><loc0004>';
  const suffix = `${box} red cup ; ${box}<seg001> it's, a "plate" ; well\nthere ${box} ; ${box}red cup`;
  assert.equal(suffixSummary(suffix), 'red cup ×2, it\'s, a "plate", region · well there');
  assert.equal(
    suffixSummary(suffix, true),
    'red cup, it\'s, a "plate", region · well there <loc0001><loc0002><loc0003><loc0004>red cup',
  );
  assert.equal(suffixSummary(' \n'), '');
});

test('random text never throws, and its boxes are in order and within the model’s tokens', () => {
  const draw = random(20261123);
  const pieces = [
    '<loc0001>',
    '<loc1023>',
    '<loc1024>',
    '<loc12>',
    '<seg000>',
    '<seg127>',
    '<seg128>',
    '<seg',
    '<loc0',
    '>',
    '<',
    ';',
    ' ; ',
    ' ',
    '\n',
    'cat',
    '猫',
    '🐱',
    '\u0000',
    '\ud800',
    '<eos>',
    '<loc0010><loc0020><loc0300><loc0400>',
    '<seg001>'.repeat(16),
  ];
  let boxCount = 0;
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: Math.floor(draw() * 30) }, () => pieces[Math.floor(draw() * pieces.length)]!)
      .join('');
    const { boxes } = parseSuffix(text);
    let position = 0;
    for (const { start, end, bins, codes, label } of boxes) {
      assert.ok(start >= position && end > start && text.slice(start, end).startsWith('<loc'));
      assert.ok(bins.every(bin => bin >= 0 && bin <= 1023) && bins[2] > bins[0] && bins[3] > bins[1]);
      assert.ok(codes === undefined || (codes.length === 16 && codes.every(code => code >= 0 && code <= 127)));
      assert.ok(!/[;<>]/.test(label) && label === label.trim());
      position = end;
    }
    boxCount += boxes.length;
  }
  assert.ok(boxCount > 1000, 'the text must hold boxes for the test to mean anything');
});

test('hostile text of megabytes takes time that grows with its length only', () => {
  const box = '<loc0001><loc0002><loc0003><loc0004>';
  const hostile: readonly ((length: number) => string)[] = [
    length => '<loc0001>'.repeat(length / 9),
    length => box + ' '.repeat(length),
    length => `${box}${' '.repeat(length)}<`,
    length => box + '<seg001>'.repeat(length / 8),
    length => '<'.repeat(length),
    length => ';'.repeat(length),
    length => '; '.repeat(length / 2),
    length => `${box} ;`.repeat(length / 38),
    length => '<loc000'.repeat(length / 7),
    length => ' '.repeat(length),
    length => box + 'x'.repeat(length),
    length => `${'<seg001>'.repeat(length / 8)};`,
    length => `${box}${' <seg001>'.repeat(length / 9)}`,
  ];
  for (const make of hostile) assert.equal(growthFault(parseSuffix, make, 4_000_000), undefined, make(60));
});
