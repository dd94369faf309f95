import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globMatcher } from '../../../server/src/util/glob';
import { growthFault } from '../../support/hostile/growth';

const cases: readonly (readonly [glob: string, hits: readonly string[], misses: readonly string[]])[] = [
  ['*.png', ['a.png', 'a b.png', '😀.png'], ['a.jpg', 'a.png.txt', 'x/a.png', '.a.png', 'a.PNG']],
  ['a?c', ['abc', 'a😀c'], ['ac', 'abbc']],
  ['*a*b*', ['ab', 'xaxbx'], ['ba', 'xbxa']],
  ['img[0-9].png', ['img7.png'], ['img10.png', 'imgx.png']],
  ['img[!0-9].png', ['imgx.png'], ['img7.png']],
  ['[a-]x', ['ax', '-x'], ['bx']],
  ['a[', ['a['], ['a']],
  ['*.{png,jpg}', ['a.png', 'a.jpg'], ['a.gif', 'a.{png,jpg}']],
  ['{a,b{c,d}}/x', ['a/x', 'bc/x', 'bd/x'], ['b/x']],
  ['{a}', ['{a}'], ['a']],
  ['{a', ['{a'], ['a']],
  ['**/*.png', ['a.png', 'x/a.png', 'x/y/z/a.png'], ['.git/a.png', 'x/.hidden/a.png']],
  ['x/**', ['x/a', 'x/y/a'], ['y/a']],
  ['x/**/y/*', ['x/y/a', 'x/1/2/y/a'], ['x/a', 'x/y/1/a']],
  ['.hidden/*', ['.hidden/a'], ['hidden/a', '.hidden/.a']],
  ['./x//*.png', ['x/a.png'], ['a.png']],
  ['a.b+c(d)$', ['a.b+c(d)$'], ['aXb+c(d)$']],
];
for (const [glob, hits, misses] of cases) {
  test(glob, () => {
    const matcher = globMatcher(glob);
    for (const hit of hits) assert.equal(matcher.matches(hit.split('/')), true, hit);
    for (const miss of misses) assert.equal(matcher.matches(miss.split('/')), false, miss);
    for (const hit of hits) {
      for (let depth = 0; depth < hit.split('/').length; depth++) {
        assert.equal(matcher.mayContain(hit.split('/').slice(0, depth)), true, `${hit} lies below`);
      }
    }
  });
}

test('folders that cannot hold a match are not entered', () => {
  assert.equal(globMatcher('x/*.png').mayContain(['y']), false);
  assert.equal(globMatcher('x/*.png').mayContain(['x', 'y']), false);
  assert.equal(globMatcher('*.png').mayContain(['x']), false);
  assert.equal(globMatcher('**/*.png').mayContain(['.git']), false);
});

test('patterns made to be slow are not', () => {
  const path = [...Array.from({ length: 30 }, () => 'a'), 'a'.repeat(255)];
  for (const piece of ['*a', '{a,b}', '**/']) {
    const fault = growthFault(
      (pattern: string) => assert.equal(globMatcher(pattern).matches(path), false),
      count => `${piece.repeat(count)}b`,
      400,
    );
    assert.equal(fault, undefined, piece);
  }
});
