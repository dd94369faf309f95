import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continuationAfter, setInto } from '../../../../client/src/ocr/continuation';
import { parseCommentMarks } from '../../../../client/src/ocr/languageConfiguration';

const typescript = { line: ['//'], blockStart: '/*' };
const python = { line: ['#'] };
const markdown = { line: [] };
const set = (
  before: string,
  marks: Parameters<typeof continuationAfter>[1],
  text = 'one\ntwo\n\nthree\n',
  eol = '\n',
) => before + setInto(text, continuationAfter(before, marks), eol);

test('further lines are indented like the one the text begins on, empty lines stay empty', () => {
  assert.equal(set('    let x = ', typescript), '    let x = one\n    two\n\n    three');
  assert.equal(set('\t', markdown, 'one\r\ntwo\rthree', '\r\n'), '\tone\r\n\ttwo\r\n\tthree');
  assert.equal(set('', markdown), 'one\ntwo\n\nthree');
});

test('a comment goes on as a comment', () => {
  assert.equal(set('  // ', typescript), '  // one\n  // two\n  //\n  // three');
  assert.equal(set('  //', typescript), '  //one\n  // two\n  //\n  // three');
  assert.equal(set('/// ', typescript), '/// one\n/// two\n///\n/// three');
  assert.equal(set('  # ', python), '  # one\n  # two\n  #\n  # three');
  assert.equal(set('/** ', typescript), '/** one\n * two\n *\n * three');
  assert.equal(set('   * ', typescript), '   * one\n   * two\n   *\n   * three');
});

test('what only looks like a comment is none', () => {
  assert.equal(set('# ', markdown), '# one\ntwo\n\nthree', 'a heading');
  assert.equal(set('/* done */ ', typescript), '/* done */ one\ntwo\n\nthree');
  assert.equal(set('* ', markdown), '* one\ntwo\n\nthree', 'a list');
  assert.equal(set('url = "http://', typescript), 'url = "http://one\ntwo\n\nthree');
});

test('language configurations are read as the editor writes them', () => {
  assert.deepEqual(
    parseCommentMarks(
      '{ // marks\n "comments": { "lineComment": "//", "blockComment": ["/*", "*/"], }, /* "x" */ "a": ["//,]"], }',
    ),
    { line: ['//'], blockStart: '/*' },
  );
  assert.deepEqual(parseCommentMarks('{"comments":{"lineComment":{"comment":"#","noIndent":true}}}'), { line: ['#'] });
  assert.deepEqual(parseCommentMarks('{}'), { line: [] });
  assert.deepEqual(parseCommentMarks('[]'), { line: [] });
});
