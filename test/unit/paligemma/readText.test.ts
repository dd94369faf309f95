import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from '../../../paligemma/src/answers/readText';
import { runResult } from '../../support/results';

const read = (suffix: string) => readText(runResult({ prompt: 'ocr', suffix, text: suffix, regions: [] }));

test('what was read is taken as it was read, whatever it looks like', () => {
  const texts = [
    '<html><body><h1>Hello world</h1>',
    '<td class="x">Price</td> foo();',
    'CC(=O)Oc1ccccc1C(=O)O',
    'Findings: a\nb',
    '\\frac{a}{b} = \\sqrt{c}',
    '**kern\n4c\n*-',
    '0301234567',
  ];
  for (const text of texts) assert.equal(read(text), text);
  assert.equal(read(' \u001ba\r\nb\n'), 'a\nb');
});

test('words and cells that have places come line by line, and what stands beside other regions as it is', () => {
  const regions = [{ label: 'a', box: { x1: 1, y1: 2, x2: 3, y2: 4 } }];
  const at = '<loc0128><loc0256><loc0512><loc0768>';
  const placed = (suffix: string, text: string, prompt = 'ocr') =>
    readText(runResult({ prompt, suffix, text, regions }));
  assert.equal(placed(`${at} a`, ''), 'a');
  assert.equal(placed(`<tr><td coords="${at}">a</td><td>b</td></tr>`, '<tr>'), '| a   | b   |\n| --- | --- |');
  assert.equal(placed(`<html>${at} a`, '<html>'), '<html>', 'a table without a row is none');
  assert.equal(placed(`${at} cat`, '', 'detect cat'), '');
});
