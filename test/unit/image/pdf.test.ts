import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { textLayerAnswer } from '../../../model-host/src/engines/textLayer';
import { countPages, loadImage } from '../../../model-host/src/image/load';
import { drawPdfPage, MOST_PAGE_PIXELS } from '../../../model-host/src/image/pdf';
import { temporaryFolder } from '../../support/commandLine';
import { encryptedPdf, pdf, pdfOf, type PdfPage } from '../../support/pdfs';

const folder = temporaryFolder();
after(() => folder.remove());
const file = (name: string, bytes: Buffer): string => {
  const place = path.join(folder.path, name);
  writeFileSync(place, bytes);
  return place;
};
const { signal } = new AbortController();
const read = (imagePath: string, others: { readonly prefix?: string; readonly ignoresTextLayer?: boolean } = {}) =>
  textLayerAnswer({
    model: { path: '/model', weights: 'int4', device: 'cpu', attention: 'full' },
    imagePath,
    prefix: 'ocr',
    maxNewTokens: 10,
    locDivisor: 1024,
    progressToken: '',
    ...others,
  }, signal);
const report = file(
  'report.pdf',
  pdf([{ lines: ['Rent (cold)', 'is due'] }, { rectangle: [50, 25, 100, 50] }, { lines: ['Third'] }]),
);

test('a page is drawn on white, its colours where they stand', async () => {
  const { data, widthPx, heightPx } = await loadImage(`${report}#page=2`);
  assert.deepEqual([widthPx, heightPx], [896, 448], 'small pages are drawn larger');
  const at = (x: number, y: number) => [...data.subarray((y * widthPx + x) * 3, (y * widthPx + x) * 3 + 3)];
  assert.deepEqual(at(5, 5), [255, 255, 255]);
  assert.deepEqual(at(448, 224), [255, 0, 0]);
});

test('a page of A4 has 200 dots an inch, and no page more pixels than there is room for', async () => {
  const sizeOf = async (page: PdfPage) => {
    const { widthPx, heightPx } = await drawPdfPage('a.pdf', pdf([page]), 1);
    return [widthPx, heightPx] as const;
  };
  assert.deepEqual(await sizeOf({ width: 595.28, height: 841.89 }), [1653, 2338]);
  const [width, height] = await sizeOf({ width: 1e7, height: 1e7 });
  assert.ok(width * height <= MOST_PAGE_PIXELS && width * height > MOST_PAGE_PIXELS * 0.99);
  assert.deepEqual(await sizeOf({ width: 1e7, height: 0.001 }), [30_000, 1]);
});

test('without a page the first one is meant, and pages have identities of their own', async () => {
  const [first, named, second] = [
    await loadImage(report),
    await loadImage(`${report}#page=1`),
    await loadImage(`${report}#page=2`),
  ];
  assert.equal(first.sha256, named.sha256);
  assert.notEqual(first.sha256, second.sha256);
  assert.equal(await countPages(report), 3);
});

test('a page tells its own text, whole and without a model, and a page that is a picture tells none', async () => {
  const answer = await read(`${report}#page=1`);
  assert.equal(answer?.text, 'Rent (cold)\nis due');
  assert.equal(answer.source, 'text layer');
  assert.deepEqual(answer.tokenIds, []);
  assert.equal(answer.image.sha256, (await loadImage(report)).sha256);
  assert.equal(await read(`${report}#page=2`), undefined);
});

test('a page that claims more text than one can hold is looked at as a picture', async () => {
  const lines = Array.from({ length: 700 }, () => 'x'.repeat(1_000));
  assert.equal(await read(file('long.pdf', pdf([{ lines }]))), undefined);
  assert.ok(await read(file('shorter.pdf', pdf([{ lines: lines.slice(0, 100) }]))) !== undefined);
});

test('another prompt, a picture, and who does not want it get no text layer', async () => {
  assert.equal(await read(report, { prefix: 'caption en' }), undefined);
  assert.equal(await read(report, { ignoresTextLayer: true }), undefined);
  assert.equal(await read(path.resolve('media/samples/01.png')), undefined);
});

const failures: readonly (readonly [what: string, bytes: Buffer, page: number, reason: string, sentence: RegExp])[] = [
  ['a page that is not there', pdf([{}, {}]), 3, 'imageMissing', /has no page 3: it has 2\. Name one of them/],
  ['a password', encryptedPdf('secret'), 1, 'imageUnsupported', /asks for a password\. Save it without one/],
  ['a file that is cut off', pdf([{}]).subarray(0, 60), 1, 'imageUnreadable', /cut off or damaged\. Save or download/],
  ['nothing but its first bytes', Buffer.from('%PDF-1.7\n'), 1, 'imageUnreadable', /cut off or damaged/],
  [
    'a million pages that are claimed',
    pdfOf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >>',
    ]),
    999_999,
    'imageUnreadable',
    /Page 999999 of .* is damaged\..*name other pages/,
  ],
  [
    'a tree of pages that holds itself',
    pdfOf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [2 0 R 2 0 R 2 0 R] /Count 3 >>']),
    1,
    'imageUnreadable',
    /Page 1 of .* is damaged/,
  ],
];

for (const [what, bytes, page, reason, sentence] of failures) {
  test(`${what}: one sentence with the cure`, async () => {
    const place = file(`${createHash('md5').update(what).digest('hex')}.pdf`, bytes);
    await assert.rejects(loadImage(`${place}#page=${page}`), (error: Error & { reason?: string }) => {
      assert.equal(error.reason, reason, error.message);
      assert.match(error.message, sentence);
      return true;
    });
  });
}

test('a document that only restricts what may be done with it is read', async () => {
  assert.equal((await drawPdfPage('a.pdf', encryptedPdf(''), 1)).widthPx, 896);
});

test('what a document would do when it is opened is not done', async () => {
  let calls = 0;
  const server = createServer(socket => {
    calls++;
    socket.destroy();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const mark = path.join(folder.path, 'mark');
  const script = `this.saveAs("${mark}"); app.launchURL("${url}"); this.submitForm("${url}");`;
  const action = `<< /S /JavaScript /JS (${script.replace(/[()\\]/g, '\\$&')}) >>`;
  const uri = `<< /S /URI /URI (${url}) >>`;
  const launch = `<< /S /Launch /F (${mark}) >>`;
  const link = `/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 200 100] /A ${uri} >>]`;
  const opening = (first: string) => `/OpenAction ${first} /AA << /WC ${action} >>`;
  try {
    for (const [index, first] of [action, uri, launch].entries()) {
      const page = { lines: ['quiet'], entries: `${link} /AA << /O ${first} /C ${action} >>` };
      const place = file(`actions-${index}.pdf`, pdf([page], opening(first)));
      assert.equal((await loadImage(place)).widthPx, 896);
      assert.equal((await read(place))?.text, 'quiet');
    }
  } finally {
    await new Promise(resolve => server.close(resolve));
  }
  assert.equal(calls, 0);
  assert.ok(!existsSync(mark));
});

test('drawing ends with its signal, at once', async () => {
  await assert.rejects(drawPdfPage('a.pdf', pdf([{}]), 1, AbortSignal.abort()), { name: 'AbortError' });
});

test('a page that takes too long is given up, and says so', async () => {
  await assert.rejects(drawPdfPage('a.pdf', pdf([{}]), 1, undefined, 1), { reason: 'imageTooLarge' });
});
