import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEntities, decodeLooseEntities } from '../../../paligemma/src/entities';
import { decodeEntities as decodeInMarkup } from '../../../server/src/imageLinks/entities';
import { readTable } from '../../../paligemma/src/kinds/tableTokens';
import { growthFault } from '../../support/hostile/growth';

test('references are what they stand for, and what is none stays', () => {
  const cases = [
    ['&lt;b&gt; &amp; &#228;&#xE4;&#XE4; &auml;&hellip;&Dagger;', '<b> & äää ä…‡'],
    ['R&D &nosuch; &constructor; &; &#; &#x; a&b', 'R&D &nosuch; &constructor; &; &#; &#x; a&b'],
    ['&#128; &#x95;', '€ •'],
  ] as const;
  for (const decode of [decodeEntities, decodeLooseEntities, decodeInMarkup]) {
    for (const [written, meant] of cases) assert.equal(decode(written), meant);
  }
});

test('without a semicolon they count in pages only', () => {
  assert.equal(decodeEntities('a&ltb &copy 2 &#65 &notit;'), 'a&ltb &copy 2 &#65 &notit;');
  assert.equal(decodeLooseEntities('a&ltb &copy 2 &#65 &notit;'), 'a<b © 2 A ¬it;');
});

test('signs of markup have names in markup', () => {
  assert.equal(decodeInMarkup('&lcub;a&rcub; &num;&dollar;&commat;'), '{a} #$@');
});

test('no reference gives a NUL, half of a character, or a character that is none', () => {
  const wild = ['&#0;', '&#x0;', '&#xD800;', '&#57343;', '&#x110000;', `&#${'9'.repeat(400)};`];
  for (const decode of [decodeEntities, decodeLooseEntities, decodeInMarkup]) {
    for (const written of wild) assert.equal(decode(written), '\ufffd', written);
  }
  const [row] = readTable(`<tr><td>${wild.join('')}&Omega;</td></tr>`).root.children;
  assert.match(JSON.stringify(row), new RegExp(`${'\ufffd'.repeat(wild.length)}Ω`));
});

test('time grows with the length only', () => {
  for (const piece of ['&', '&#', '&#1', '&a', '&#x', '&amp', '&amp;']) {
    for (const decode of [decodeEntities, decodeLooseEntities]) {
      assert.equal(growthFault(decode, size => piece.repeat(size), 20_000), undefined, piece);
      assert.equal(growthFault(decode, size => piece + 'a1'.repeat(size), 20_000), undefined, piece);
    }
  }
});
