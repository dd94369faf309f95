import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excludeRules, parseIgnoreFile } from '../../../server/src/workspace/ignoreRules';

/** Rules, then paths with what is said of them; a slash at the end marks a folder. */
const cases: readonly (readonly [rules: string, verdicts: Readonly<Record<string, boolean | undefined>>])[] = [
  ['# comment\n\n*.tmp\r\n', { 'a.tmp': true, 'x/y/a.tmp': true, 'a.png': undefined, '# comment': undefined }],
  ['build/', { 'build/': true, 'x/build/': true, build: undefined }],
  ['/out', { out: true, 'out/': true, 'x/out': undefined }],
  ['docs/*.png', { 'docs/a.png': true, 'docs/x/a.png': undefined, 'x/docs/a.png': undefined }],
  ['docs/**/*.png', { 'docs/a.png': true, 'docs/x/y/a.png': true }],
  ['*.png\n!keep.png', { 'a.png': true, 'keep.png': false, 'x/keep.png': false }],
  ['!keep.png\n*.png', { 'keep.png': true }],
  ['\\#a\n\\!b', { '#a': true, '!b': true }],
  ['.*', { '.hidden/': true, 'a.png': undefined }],
  ['a b.png  ', { 'a b.png': true }],
  // Idioms of README files and of Git's manual; what git 2.39 says of them by `git check-ignore`.
  ['data/**\n!data/keep.png', { 'data/': undefined, 'data/a.png': true, 'data/x/': true, 'data/keep.png': false }],
  ['{a,b}.png', { '{a,b}.png': true, 'a.png': undefined }],
  ['a\\*b', { 'a*b': true, axb: undefined }],
  ['foo\\ ', { 'foo ': true, foo: undefined }],
  ['tail\t', { tail: undefined, 'tail\t': true }],
  ['**/deep/*.png', { 'deep/a.png': true, 'x/y/deep/a.png': true, 'deep/x/a.png': undefined }],
  ['a/**/b', { 'a/b': true, 'a/x/y/b': true, 'a/b/c': undefined }],
  ['/*\n!/kept/', { 'other/': true, 'a.png': true, 'kept/': false, 'kept/a.png': undefined }],
  ['[!k]eep.png', { 'deep.png': true, 'keep.png': undefined }],
];
for (const [rules, verdicts] of cases) {
  test(JSON.stringify(rules), () => {
    const parsed = parseIgnoreFile(rules);
    for (const [path, verdict] of Object.entries(verdicts)) {
      const isFolder = path.endsWith('/');
      assert.equal(parsed.ignores(path.replace(/\/$/, '').split('/'), isFolder), verdict, path);
    }
  });
}

test('files.exclude speaks of whole paths', () => {
  const rules = excludeRules(['**/.git', '**/*.tmp', 'big']);
  for (
    const [path, verdict] of [
      ['.git', true],
      ['x/.git', true],
      ['x/a.tmp', true],
      ['big', true],
      ['x/big', undefined],
      ['a.png', undefined],
    ] as const
  ) {
    assert.equal(rules.ignores(path.split('/'), false), verdict, path);
  }
});
