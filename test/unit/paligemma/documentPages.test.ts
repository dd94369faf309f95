import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  documentTarget,
  isPdfStart,
  MOST_PAGES,
  namedPages,
  pageFileName,
  pageIdentity,
  pageOf,
  pageOfFile,
} from '../../../paligemma/src/documentPages';

test('a fragment names a page, a range, or all from a page on', () => {
  assert.deepEqual(documentTarget('report.pdf'), { file: 'report.pdf' });
  assert.deepEqual(documentTarget('a/report.PDF#page=3'), { file: 'a/report.PDF', pages: { from: 3, to: 3 } });
  assert.deepEqual(documentTarget('scan.tif#page=2-5'), { file: 'scan.tif', pages: { from: 2, to: 5 } });
  assert.deepEqual(documentTarget('scan.tiff#page=2-'), { file: 'scan.tiff', pages: { from: 2 } });
  assert.deepEqual(documentTarget('file:///a%20b.pdf#page=7'), {
    file: 'file:///a%20b.pdf',
    pages: { from: 7, to: 7 },
  });
});

test('other parameters of a fragment are passed over, in any order and case', () => {
  for (
    const fragment of [
      'page=2&zoom=50',
      'zoom=50&page=2',
      'PAGE=2',
      'page%3D2',
      'a%3Db%26page%3d2',
      'nameddest=x&page=2&view=Fit',
    ]
  ) {
    assert.deepEqual(documentTarget(`a.pdf#${fragment}`), { file: 'a.pdf', pages: { from: 2, to: 2 } }, fragment);
  }
});

test('what names no page that there could be is a part of the name', () => {
  for (
    const target of ['a.png#page=2', 'a.pdf#page=0', 'a.pdf#page=-1', 'a.pdf#page=5-2', 'a.pdf#page=', 'a.pdf#page=2.5']
  ) assert.equal(documentTarget(target), undefined, target);
  for (const target of ['a.pdf#x', 'a.pdf#page=99999999', 'a#page=2', 'page=2.pdf#', 'a.pdf#page=1-2-3']) {
    assert.equal(documentTarget(target), undefined, target);
  }
  assert.deepEqual(documentTarget('a#b.pdf'), { file: 'a#b.pdf' }, 'a name may have the mark in it');
  assert.deepEqual(documentTarget('a#b.pdf#page=2'), { file: 'a#b.pdf', pages: { from: 2, to: 2 } });
});

test('a picture is a page of a file, the first where none is named', () => {
  assert.deepEqual(pageOfFile('/a/b.pdf'), { file: '/a/b.pdf', page: 1 });
  assert.deepEqual(pageOfFile(pageOf('/a/b.pdf', 12)), { file: '/a/b.pdf', page: 12 });
  assert.deepEqual(pageOfFile('/a/b#page=2.png'), { file: '/a/b#page=2.png', page: 1 });
});

test('ranges become pages, within bounds', () => {
  const pagesOf = (target: string, count?: number) => namedPages(documentTarget(target)!, count);
  assert.deepEqual(pagesOf('a.pdf#page=2-3'), { pages: ['a.pdf#page=2', 'a.pdf#page=3'], isCut: false });
  assert.deepEqual(pagesOf('a.pdf', 2), { pages: ['a.pdf#page=1', 'a.pdf#page=2'], isCut: false });
  assert.deepEqual(pagesOf('a.pdf#page=2-', 3).pages, ['a.pdf#page=2', 'a.pdf#page=3']);
  assert.deepEqual(pagesOf('a.pdf#page=9-', 3).pages, ['a.pdf#page=9'], 'its run says that there is none');
  for (const { pages, isCut } of [pagesOf('a.pdf#page=1-9999999'), pagesOf('a.pdf', 1_000_000)]) {
    assert.equal(pages.length, MOST_PAGES);
    assert.ok(isCut);
  }
});

test('pages have identities of their own, and pictures those of their files', () => {
  assert.equal(pageIdentity('ab', 1, false), undefined);
  const identities = [pageIdentity('ab', 1, true), pageIdentity('ab', 2, true), pageIdentity('ab', 2, false)];
  assert.equal(new Set(identities).size, identities.length);
  assert.ok(isPdfStart(Buffer.from('%PDF-1.7\n')));
  assert.ok(!isPdfStart(Buffer.from('%PD')));
});

test('files about a page are named after it', () => {
  assert.equal(pageFileName('/a/report.pdf#page=3'), '/a/report.page-3.pdf');
  assert.equal(pageFileName('/a/report.pdf'), '/a/report.pdf');
  assert.equal(pageFileName('/a/b.png'), '/a/b.png');
});
