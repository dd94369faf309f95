import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedByAll } from '../../../../client/src/ocr/places';
import { seededRandom } from '../../../support/seededRandom';

const change = (rangeOffset: number, rangeLength: number, text: string) => ({ rangeOffset, rangeLength, text });

test('text before a place pushes it on, text behind it does not', () => {
  assert.deepEqual(movedByAll({ start: 5, end: 5 }, [change(0, 0, 'ab')]), { start: 7, end: 7 });
  assert.deepEqual(movedByAll({ start: 5, end: 5 }, [change(5, 0, 'ab')]), { start: 7, end: 7 });
  assert.deepEqual(movedByAll({ start: 5, end: 5 }, [change(6, 2, '')]), { start: 5, end: 5 });
  assert.deepEqual(movedByAll({ start: 5, end: 8 }, [change(8, 0, 'ab')]), { start: 5, end: 8 });
});

test('several changes of one event speak of the text before it', () => {
  assert.deepEqual(movedByAll({ start: 10, end: 10 }, [change(0, 0, 'abc'), change(5, 2, '')]), { start: 11, end: 11 });
});

test('of a place whose text was replaced, what is left is kept', () => {
  assert.deepEqual(movedByAll({ start: 5, end: 9 }, [change(3, 4, 'x')]), { start: 4, end: 6 });
  assert.deepEqual(movedByAll({ start: 5, end: 9 }, [change(0, 20, 'xy')]), { start: 2, end: 2 });
  assert.deepEqual(movedByAll({ start: 5, end: 9 }, [change(6, 1, 'long')]), { start: 5, end: 12 });
});

test('a place that no change touches keeps its text, whatever happens around it', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 500; round++) {
    let text = 'aaaaaaaaaa[X]bbbbbbbbbb';
    let place = { start: 10, end: 13 };
    for (let step = 0; step < 6; step++) {
      const isBefore = random.below(2) === 0;
      const [from, to] = isBefore ? [0, place.start] : [place.end, text.length];
      const start = from + random.below(to - from + 1);
      const length = random.below(to - start + 1);
      const inserted = 'z'.repeat(random.below(4));
      place = movedByAll(place, [change(start, length, inserted)]);
      text = text.slice(0, start) + inserted + text.slice(start + length);
      assert.equal(text.slice(place.start, place.end), '[X]');
    }
  }
});
