import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { binsBetween, centreBins, handles, movedBins, resizedBins } from '../../../datasets/src/edits/boxBins';
import { plainLabel, suffixEdits, type BoxChange } from '../../../datasets/src/edits/suffixEdits';
import { differingPart, editedText } from '../../../datasets/src/edits/textEdit';
import { hasArea, locText, type LocBins } from '../../../paligemma/src/locTokens';
import { parseSuffix } from '../../../paligemma/src/suffix';
import { seededRandom, type SeededRandom } from '../../support/seededRandom';

const one = '<loc0100><loc0200><loc0300><loc0400>';
const two = '<loc0001><loc0002><loc0003><loc0004>';
const codes = Array.from({ length: 16 }, (_, at) => `<seg${String(at).padStart(3, '0')}>`).join('');

function after(suffix: string, change: BoxChange): string {
  return editedText(suffix, suffixEdits(suffix, change));
}

describe('an edit of a box', () => {
  test('moves its four tokens and leaves mask, label and neighbours as they are', () => {
    const suffix = `${one}${codes}  cup ;  ${two} big plate\n`;
    assert.equal(
      after(suffix, { kind: 'bins', box: 0, bins: [5, 6, 7, 8] }),
      `<loc0005><loc0006><loc0007><loc0008>${codes}  cup ;  ${two} big plate\n`,
    );
    assert.deepEqual(suffixEdits(suffix, { kind: 'bins', box: 0, bins: [100, 200, 300, 400] }), []);
  });

  test('renames its label only, gives one a label, and takes it away', () => {
    assert.equal(
      after(`${one} cup ; ${two} cup`, { kind: 'label', box: 1, label: 'plate' }),
      `${one} cup ; ${two} plate`,
    );
    assert.equal(
      after(`${one}${codes} ; ${two}`, { kind: 'label', box: 0, label: 'cup' }),
      `${one}${codes} cup ; ${two}`,
    );
    assert.equal(after(`${one} cup ; ${two}`, { kind: 'label', box: 0, label: ' ' }), `${one} ; ${two}`);
    assert.deepEqual(suffixEdits(`${one} cup`, { kind: 'label', box: 0, label: 'cup' }), []);
  });

  test('writes no label that would end early, open a token or break the line', () => {
    assert.equal(plainLabel('a;b <loc0001>\n c'), 'a b loc0001 c');
  });

  test('takes a box away with one separator, wherever it stands', () => {
    const suffix = `${one} a ; ${two} b ; ${one} c`;
    assert.equal(after(suffix, { kind: 'delete', box: 0 }), `${two} b ; ${one} c`);
    assert.equal(after(suffix, { kind: 'delete', box: 1 }), `${one} a ; ${one} c`);
    assert.equal(after(suffix, { kind: 'delete', box: 2 }), `${one} a ; ${two} b`);
    assert.equal(after(`${one} a`, { kind: 'delete', box: 0 }), '');
    assert.equal(after(`a cat ; ${one} a`, { kind: 'delete', box: 0 }), 'a cat');
  });

  test('puts a copy with its mask behind it, and a new box at the end', () => {
    assert.equal(
      after(`${one}${codes} a ; ${two} b`, { kind: 'duplicate', box: 0 }),
      `${one}${codes} a ; <loc0116><loc0216><loc0316><loc0416>${codes} a ; ${two} b`,
    );
    const add: BoxChange = { kind: 'add', bins: [1, 2, 3, 4], label: 'cup' };
    assert.equal(after('', add), `${two} cup`);
    assert.equal(after(`${one} a\n`, add), `${one} a ; ${two} cup\n`);
    assert.equal(after(`${one} a ; `, add), `${one} a ; ${two} cup `);
    assert.equal(after('a cat', { ...add, label: '' }), `a cat ; ${two}`);
  });

  test('of a box that is not there changes nothing', () => {
    for (const kind of ['delete', 'duplicate'] as const) assert.deepEqual(suffixEdits('a cat', { kind, box: 0 }), []);
  });

  test('leaves every other box, in whatever answer', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 400; round++) {
      const suffix = randomSuffix(random);
      const before = parseSuffix(suffix).boxes;
      if (before.length === 0) continue;
      const box = random.below(before.length);
      const written = (text: string) =>
        parseSuffix(text).boxes.map(({ start, end }) => text.slice(start, end).trimEnd());
      const others = written(suffix).filter((_, at) => at !== box);
      const edited = after(suffix, randomChange(random, box, before[box]!.bins));
      const now = written(edited);
      const extra = now.length - others.length;
      assert.ok(extra >= 0 && extra <= 2, `${suffix} → ${edited}`);
      assert.deepEqual(now.filter((_, at) => at < box || at >= box + extra), others, `${suffix} → ${edited}`);
    }
  });

  test('is taken back by the edit that undoes it, to the letter', () => {
    const random = seededRandom(8);
    for (let round = 0; round < 200; round++) {
      const suffix = randomSuffix(random);
      const edits = suffixEdits(suffix, randomChange(random, 0, centreBins));
      const edited = editedText(suffix, edits);
      let shift = 0;
      const back = edits.map(({ start, end, text }) => {
        const undo = { start: start + shift, end: start + shift + text.length, text: suffix.slice(start, end) };
        shift += text.length - (end - start);
        return undo;
      });
      assert.equal(editedText(edited, back), suffix);
    }
  });
});

function randomSuffix(random: SeededRandom): string {
  const count = random.below(5);
  const boxes = Array.from({ length: count }, () => {
    const [y, x] = [random.below(900), random.below(900)];
    const bins: LocBins = [y, x, y + 1 + random.below(100), x + 1 + random.below(100)];
    return `${locText(bins)}${random.pick(['', codes, `${codes}<seg001>`])}${
      random.pick(['', ' cup', ' café', '  a b', ' 😀', '\tx'])
    }`;
  });
  return `${random.pick(['', 'text ; ', ' '])}${boxes.join(random.pick([' ; ', ';', ' ;  ']))}${
    random.pick(['', '\n', ' ', ' ; '])
  }`;
}

function randomChange(random: SeededRandom, box: number, bins: LocBins): BoxChange {
  const change: BoxChange[] = [
    { kind: 'bins', box, bins: movedBins(bins, { x: 3, y: -4 }) },
    { kind: 'label', box, label: random.pick(['', 'new', 'ä b']) },
    { kind: 'delete', box },
    { kind: 'duplicate', box },
  ];
  return random.pick(change);
}

describe('bins', () => {
  test('move as far as the picture goes and keep their size', () => {
    assert.deepEqual(movedBins([10, 10, 20, 30], { x: -99, y: 2000 }), [1013, 0, 1023, 20]);
    assert.deepEqual(movedBins([10, 10, 20, 30], { x: 0.4, y: 1.6 }), [12, 10, 22, 30]);
  });

  test('keep an area in the picture, whatever handle is dragged where', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 500; round++) {
      const by = { x: random.below(4000) - 2000, y: random.below(4000) - 2000 };
      const bins = resizedBins([100, 200, 300, 400], random.pick(handles), by);
      assert.ok(hasArea(bins) && bins.every(bin => bin >= 0 && bin <= 1023), String(bins));
    }
    assert.deepEqual(resizedBins([100, 200, 300, 400], 'se', { x: 7, y: 9 }), [100, 200, 309, 407]);
    assert.deepEqual(resizedBins([100, 200, 300, 400], 'n', { x: 7, y: 900 }), [299, 200, 300, 400]);
  });

  test('come from two corners in any order, as training data are made', () => {
    assert.deepEqual(binsBetween({ x: 1, y: 1.2 }, { x: 0.5, y: 0 }), [0, 512, 1023, 1023]);
    assert.equal(binsBetween({ x: 0.5, y: 0 }, { x: 0.5, y: 1 }), undefined);
  });
});

describe('the part in which two texts differ', () => {
  test('makes the one of the other and never cuts a character in two', () => {
    const random = seededRandom(5);
    const letters = ['a', 'b', '😀', '😁', 'ä', '\ud83d'];
    for (let round = 0; round < 500; round++) {
      const text = () => Array.from({ length: random.below(6) }, () => random.pick(letters)).join('');
      const [before, after] = [text(), text()];
      const edit = differingPart(before, after);
      assert.equal(edit === undefined ? before : editedText(before, [edit]), after);
    }
    assert.deepEqual(differingPart('x😀y', 'x😁y'), { start: 1, end: 3, text: '😁' });
    assert.equal(differingPart('a', 'a'), undefined);
  });
});
