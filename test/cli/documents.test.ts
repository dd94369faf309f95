// Documents by the command line: pages as pictures of their own, their own text, files for their answers.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { linesOf, objectsOf, runCommand, temporaryFolder } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { encryptedPdf, pdf } from '../support/pdfs';

const folder = temporaryFolder();
const cache = folder.at('cache');
withDemoModel(cache);
after(() => folder.remove());

writeFileSync(
  folder.at('report.pdf'),
  pdf([{ lines: ['Rent', 'is due'] }, { rectangle: [50, 25, 100, 50] }, { lines: ['Third'] }]),
);
writeFileSync(folder.at('locked.pdf'), encryptedPdf('secret'));
const exact = ['--model', 'demo', '--weights', 'f32', '--device', 'cpu'];
const run = (...words: readonly string[]) => runCommand([...words, ...exact], { cache, cwd: folder.path });

test('named pages are read each by itself, from their own text where they bring some', async () => {
  const result = await run('ocr', 'report.pdf#page=1-2', '--json');
  assert.equal(result.code, 0, result.stderr);
  const [first, second] = objectsOf(result);
  assert.deepEqual([first?.['image'], first?.['suffix'], first?.['source']], [
    'report.pdf#page=1',
    'Rent\nis due',
    'text layer',
  ]);
  assert.equal(second?.['image'], 'report.pdf#page=2');
  assert.ok(second !== undefined && !('source' in second), 'a page that is a picture goes to the model');
});

test('without a page all of them are meant, and how many is said', async () => {
  const result = await run('ocr', 'report.pdf');
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(linesOf(result).map(line => line.split('\t')[0]), [1, 2, 3].map(page => `report.pdf#page=${page}`));
  assert.match(result.stderr, /report\.pdf has 3 pages\./);
  assert.match(result.stderr, /--no-text-layer asks the model/);
});

test('of a text that the document brings nobody says that it is too small', async () => {
  const result = await run('ocr', 'report.pdf#page=1', 'report.pdf#page=3', '--json');
  assert.doesNotMatch(result.stderr, /too small/);
  assert.deepEqual(objectsOf(result).map(object => 'advisedTiles' in object), [false, false]);
});

test('one page that is named is one answer, without a column of paths', async () => {
  const result = await run('ocr', 'report.pdf#page=3');
  assert.deepEqual(linesOf(result), ['Third']);
});

test('pages are named of an address and of a pattern as of a path', async () => {
  for (const name of [pathToFileURL(folder.at('report.pdf')).href, 'rep*.pdf']) {
    const result = await run('ocr', `${name}#page=3-`, '--raw');
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /Third/, name);
    assert.doesNotMatch(result.stdout, /Rent/, name);
  }
});

test('--no-text-layer has the model read, and its answer is not taken for that of the document', async () => {
  const [byModel] = objectsOf(await run('ocr', 'report.pdf#page=3', '--no-text-layer', '--json'));
  assert.ok(byModel !== undefined && !('source' in byModel));
  const [again] = objectsOf(await run('ocr', 'report.pdf#page=3', '--json'));
  assert.equal(again?.['source'], 'text layer');
});

test('a page that brings its text is not cut into parts for it, one that is a picture is', async () => {
  const result = await run('ocr', 'report.pdf#page=1-2', '--tiles', '2x1', '--json');
  const [first, second] = objectsOf(result);
  assert.deepEqual([first?.['source'], first?.['suffix']], ['text layer', 'Rent\nis due']);
  assert.ok(first !== undefined && !('tiles' in first));
  assert.equal((second?.['tiles'] as readonly unknown[] | undefined)?.length, 2);
});

test('the model sees the page', async () => {
  const result = await run('caption', 'report.pdf#page=2');
  assert.match(linesOf(result).join(), /\bred\b.*\bwhite background/);
});

test('files of pages are named after them', async () => {
  const result = await run('ocr', 'report.pdf', '--output', 'sidecars');
  assert.equal(result.code, 0, result.stderr);
  assert.equal(readFileSync(folder.at('report.page-3.txt'), 'utf8').trim(), 'Third');
  assert.ok(!existsSync(folder.at('report.txt')));
});

test('pages that are not there, and documents that cannot be opened, fail by themselves with their cure', async () => {
  const result = await run('ocr', 'report.pdf#page=9', 'locked.pdf', 'report.pdf#page=0', 'report.pdf#page=1');
  assert.equal(result.code, 1);
  assert.match(result.stderr, /report\.pdf#page=0” names no page\. Pages count from 1: write #page=3/);
  assert.match(result.stderr, /has no page 9: it has 3\. Name one of them/);
  assert.match(result.stderr, /locked\.pdf.* asks for a password\. Save it without one/);
  assert.deepEqual(linesOf(result), ['report.pdf#page=1\tRent\\nis due']);
});

test('a prompt file names pages, and a document without one means its first', async () => {
  writeFileSync(folder.at('pages.paligemma'), '@image report.pdf#page=2-3\nocr\n@image report.pdf\nocr\n');
  const result = await runCommand(['file', 'pages.paligemma', ...exact], { cache, cwd: folder.path });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(linesOf(result).map(line => line.split('\t')[0]), [
    'report.pdf#page=2',
    'report.pdf#page=3',
    'report.pdf',
  ]);
});
