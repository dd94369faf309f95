/** Small PDF files, written object by object. Source: ISO 32000-1, sections 7.5 and 7.6. */
import { createHash } from 'node:crypto';

/** What one page shows. Sizes in points. */
export interface PdfPage {
  readonly width?: number;
  readonly height?: number;
  /** Set in Helvetica, a line each: the page's text layer. */
  readonly lines?: readonly string[];
  /** A red rectangle: x, y from below, width, height. */
  readonly rectangle?: readonly [number, number, number, number];
  /** What else stands in the page's dictionary. */
  readonly entries?: string;
}

const CATALOG = 1;
const PAGES = 2;
const FONT = 3;

/** @param catalogEntries What else stands in the catalogue, such as an action on opening. */
export function pdf(pages: readonly PdfPage[], catalogEntries = ''): Buffer {
  const kids = pages.map((_, index) => `${FONT + 1 + index * 2} 0 R`);
  return pdfOf([
    `<< /Type /Catalog /Pages ${PAGES} 0 R ${catalogEntries} >>`,
    `<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((page, index) => [pageObject(page, FONT + 2 + index * 2), stream(contentOf(page))]),
  ]);
}

/** A file of these objects, numbered from 1; the first is the catalogue. */
export function pdfOf(objects: readonly string[], trailerEntries = ''): Buffer {
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = text.length;
  const rows = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`);
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root ${CATALOG} 0 R ${trailerEntries} >>\n`;
  return Buffer.from(`${text}startxref\n${table}\n%%EOF\n`, 'latin1');
}

/** One page that asks for a password: the Standard handler, revision 2, RC4 with 40 bits. */
export function encryptedPdf(password: string): Buffer {
  const id = '00112233445566778899aabbccddeeff';
  const owner = createHash('sha256').update('owner').digest();
  const permissions = Buffer.from([0xfc, 0xff, 0xff, 0xff]);
  const key = createHash('md5')
    .update(Buffer.concat([padded(password), owner, permissions, Buffer.from(id, 'hex')])).digest().subarray(0, 5);
  const user = rc4(key, PADDING);
  return pdfOf([
    `<< /Type /Catalog /Pages ${PAGES} 0 R >>`,
    `<< /Type /Pages /Kids [4 0 R] /Count 1 >>`,
    `<< /Filter /Standard /V 1 /R 2 /O <${owner.toString('hex')}> /U <${user.toString('hex')}> /P -4 >>`,
    `<< /Type /Page /Parent ${PAGES} 0 R /MediaBox [0 0 200 200] >>`,
  ], `/Encrypt 3 0 R /ID [<${id}> <${id}>]`);
}

function pageObject({ width = 200, height = 100, entries = '' }: PdfPage, content: number): string {
  const resources = `<< /Font << /F1 ${FONT} 0 R >> >>`;
  return `<< /Type /Page /Parent ${PAGES} 0 R /MediaBox [0 0 ${width} ${height}] /Resources ${resources} /Contents ${content} 0 R ${entries} >>`;
}

function contentOf({ height = 100, lines = [], rectangle }: PdfPage): string {
  const drawn = rectangle === undefined ? '' : `1 0 0 rg ${rectangle.join(' ')} re f 0 g\n`;
  const escaped = lines.map(line => line.replace(/[()\\]/g, '\\$&'));
  const shown = escaped.map((line, index) => `${index === 0 ? '' : '0 -16 Td '}(${line}) Tj`).join('\n');
  return lines.length === 0 ? drawn : `${drawn}BT /F1 12 Tf 10 ${height - 20} Td\n${shown}\nET`;
}

function stream(content: string): string {
  return `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
}

/** Source: ISO 32000-1, 7.6.3.3, algorithm 2. */
const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');

function padded(password: string): Buffer {
  return Buffer.concat([Buffer.from(password, 'latin1'), PADDING]).subarray(0, 32);
}

/** OpenSSL 3 has RC4 in its old provider only. */
function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + state[i]! + key[i % key.length]!) & 255;
    [state[i], state[j]] = [state[j]!, state[i]!];
  }
  let [i, j] = [0, 0];
  return data.map(byte => {
    i = (i + 1) & 255;
    j = (j + state[i]!) & 255;
    [state[i], state[j]] = [state[j]!, state[i]!];
    return byte ^ state[(state[i]! + state[j]!) & 255]!;
  }) as Buffer;
}
