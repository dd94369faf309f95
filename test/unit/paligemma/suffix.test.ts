import assert from 'node:assert/strict';
import test from 'node:test';
import { parseSuffix } from '../../../paligemma/src/suffix';
import { boxFromLocBins } from '../../../paligemma/src/locTokens';
import { pixelBox } from '../../../model-host/src/output/pasteMask';
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
  test(`suffix “${id}” parses as recorded`, () => {
    const parsed = parseSuffix(text);
    assert.deepEqual(parsed.between, tolerant.between);
    assert.equal(parsed.freeText, tolerant.free_text);
    assert.equal(parsed.hasStrayTokens, tolerant.stray_loc_or_seg);
    assert.deepEqual(
      parsed.entries.map(({ raw, start, end, bins, label, codes, issues, keep }) => ({
        raw,
        start,
        end,
        bins,
        label,
        codes: codes ?? null,
        issues,
        keep,
      })),
      tolerant.objects.map(({ raw, start, end, loc_yxyx, label, seg, issues, keep }) => ({
        raw,
        start,
        end,
        bins: loc_yxyx,
        label,
        codes: seg,
        issues,
        keep,
      })),
    );
  });

  test(`boxes of suffix “${id}” are as recorded, with both divisors`, () => {
    parseSuffix(text).entries.forEach((entry, i) => {
      const expected = tolerant.objects[i]!;
      for (const divisor of [1024, 1023] as const) {
        const box = boxFromLocBins(entry.bins, width, height, divisor);
        if (!expected.keep) {
          assert.equal(box, undefined);
          continue;
        }
        assert.ok(box !== undefined);
        assert.deepEqual([box.x1, box.y1, box.x2, box.y2], divisor === 1024 ? expected.xyxy_1024 : expected.xyxy_1023);
        const pixels = pixelBox(box, divisor);
        const whole = divisor === 1024 ? expected.xyxy_1024_round : expected.xyxy_1023_trunc;
        const hasPixels = whole[2]! > whole[0]! && whole[3]! > whole[1]!;
        assert.deepEqual(pixels && [pixels.x1, pixels.y1, pixels.x2, pixels.y2], hasPixels ? whole : undefined);
      }
    });
  });
}

test('random text never throws, and its parts are in order and make up the whole', () => {
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
  let entryCount = 0;
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: Math.floor(draw() * 30) }, () => pieces[Math.floor(draw() * pieces.length)]!)
      .join('');
    const { entries, between } = parseSuffix(text);
    assert.equal(between.length, entries.length + 1);
    assert.equal(between.reduce((whole, part, i) => whole + part + (entries[i]?.raw ?? ''), ''), text);
    let position = 0;
    for (const entry of entries) {
      assert.ok(entry.start >= position && entry.end > entry.start && text.slice(entry.start, entry.end) === entry.raw);
      assert.ok(entry.bins.every(bin => bin >= 0 && bin <= 1023));
      assert.ok(
        entry.codes === undefined || (entry.codes.length === 16 && entry.codes.every(code => code >= 0 && code <= 127)),
      );
      assert.ok(!/[;<>]/.test(entry.label) && entry.label === entry.label.trim());
      assert.equal(entry.keep, !entry.issues.includes('empty-or-inverted-box'));
      position = entry.end;
    }
    entryCount += entries.length;
  }
  assert.ok(entryCount > 1000, 'the text must hold entries for the test to mean anything');
});

test('hostile text of megabytes takes time that grows with its length only', () => {
  const box = '<loc0001><loc0002><loc0003><loc0004>';
  const hostile = (length: number) => [
    '<loc0001>'.repeat(length / 9),
    box + ' '.repeat(length),
    `${box}${' '.repeat(length)}<`,
    box + '<seg001>'.repeat(length / 8),
    '<'.repeat(length),
    ';'.repeat(length),
    '; '.repeat(length / 2),
    `${box} ;`.repeat(length / 38),
    '<loc000'.repeat(length / 7),
    ' '.repeat(length),
    box + 'x'.repeat(length),
    `${'<seg001>'.repeat(length / 8)};`,
    `${box}${' <seg001>'.repeat(length / 9)}`,
  ];
  const timed = (text: string) => {
    const before = process.cpuUsage().user;
    parseSuffix(text);
    return (process.cpuUsage().user - before) / 1000;
  };
  hostile(2000).forEach(timed); // compiled before it is timed
  hostile(4_000_000).forEach((text, i) => {
    const ms = timed(text);
    assert.ok(ms < 4000, `pattern ${i}: ${ms} ms; anything quadratic would take hours`);
  });
});
