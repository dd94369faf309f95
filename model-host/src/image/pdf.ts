/**
 * Pages of PDF documents, drawn by PDFium in WebAssembly, in a process of its own that lives for one page: a small file
 * can ask for years of work and for all memory. Nothing of a document is run: there is no form, no script and no network
 * in it, and nothing that it links to is opened.
 */
import * as l10n from '@vscode/l10n';
import { pageOfFile, PDF_DPI } from '../../../paligemma/src/documentPages';
import { Failure } from '../../../paligemma/src/failures';
import {
  askSeparately,
  BASE_BYTES,
  decodeSeparately,
  SeparateProcessError,
  startError,
  type Drawing,
} from './separateProcess';

/** What a page is, before it is drawn. */
export interface PdfPage {
  /** As it would be drawn. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Its own text, in whole lines; empty for a page that is only a picture. */
  readonly text: string;
}

/** Largest document: it is handed to a process whole, for each page. */
export const MOST_PDF_BYTES = 256 * 1024 ** 2;
/** A page of A1 at 200 dpi has 31 million pixels; a larger one is drawn smaller. */
export const MOST_PAGE_PIXELS = 36_000_000;
/** Longest side of a page that would be less at 200 dpi: as many pixels as the largest model looks at. */
const LEAST_SIDE_PX = 896;
/** Longest side, of the roll of a plotter. */
const MOST_SIDE_PX = 30_000;
/** Real pages of maps take some seconds. */
const LIMIT_MS = 20_000;
/** RGBA and RGB of the page, and what a transparency group takes. */
const BYTES_PER_PIXEL = 16;
/** Of a page; one that claims more is looked at as a picture. */
const MOST_CHARACTERS = 600_000;
/** As JSON: a control character takes six. */
const MOST_TEXT_BYTES = 6 * MOST_CHARACTERS + 1000;

/** Arguments: path of the package's script, what is wanted (`count`, `text` or `drawing`), page from 1, dpi, limits. */
const BODY = `
const [script, wanted, page, dpi, leastSide, mostSide, mostPixels] = args;
const { PDFiumLibrary } = require(script);
const library = await PDFiumLibrary.init();
const { module } = library;
const heap = module.wasmExports;
const refuse = facts => { throw new Error(JSON.stringify(facts)); };
const at = heap.malloc(input.length);
if (at === 0) refuse({ why: 'memory' });
module.HEAPU8.set(input, at);
const file = module._FPDF_LoadMemDocument(at, input.length, 0);
if (file === 0) refuse({ why: 'file', code: module._FPDF_GetLastError() });
const count = module._FPDF_GetPageCount(file);
if (count < 1) refuse({ why: 'file' });
if (wanted === 'count') return String(count);
if (Number(page) > count) refuse({ why: 'page', count });
const handle = module._FPDF_LoadPage(file, Number(page) - 1);
if (handle === 0) refuse({ why: 'damaged' });
const [points, high] = [module._FPDF_GetPageWidth(handle), module._FPDF_GetPageHeight(handle)];
if (!(points > 0 && high > 0 && Number.isFinite(points * high))) refuse({ why: 'damaged' });
const wish = Math.max(Number(dpi) / 72, Number(leastSide) / Math.max(points, high));
const scale = Math.min(wish, Math.sqrt(Number(mostPixels) / (points * high)), Number(mostSide) / Math.max(points, high));
const [width, height] = [points, high].map(length => Math.max(1, Math.floor(length * scale)));
if (wanted === 'text') {
  const text = module._FPDFText_LoadPage(handle);
  const found = text === 0 ? 0 : Math.max(0, module._FPDFText_CountChars(text));
  const characters = found > ${MOST_CHARACTERS} ? 0 : found;
  const to = heap.malloc((characters + 1) * 2);
  if (to === 0) refuse({ why: 'memory' });
  const length = characters === 0 ? 0 : module._FPDFText_GetText(text, 0, characters, to);
  const units = Buffer.from(module.HEAPU8.slice(to, to + Math.max(0, length - 1) * 2)).toString('utf16le');
  return JSON.stringify({ widthPx: width, heightPx: height, text: units });
}
const pixels = heap.malloc(width * height * 4);
if (pixels === 0) refuse({ why: 'memory' });
const [BGRA, annotations, asRgba] = [4, 0x01, 0x10];
const bitmap = module._FPDFBitmap_CreateEx(width, height, BGRA, pixels, width * 4);
module._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
module._FPDF_RenderPageBitmap(bitmap, handle, 0, 0, width, height, 0, annotations | asRgba);
const rgba = module.HEAPU8;
const data = Buffer.alloc(width * height * 3);
for (let from = pixels, to = 0; to < data.length; from += 4, to += 3) {
  data[to] = rgba[from];
  data[to + 1] = rgba[from + 1];
  data[to + 2] = rgba[from + 2];
}
return { width, height, data };`;

/** @returns How many pages the document says it has. @throws as {@link drawPdfPage}. */
export async function countPdfPages(imagePath: string, pdf: Buffer, signal?: AbortSignal): Promise<number> {
  const limits = { mostBytes: 20, ...limitsOf(pdf, 0) };
  return Number(
    await asked(imagePath, pdf, 1, () => askSeparately(decoderOf('count', 1), pdf, limits, signal)),
  );
}

/** @param page From 1. @throws as {@link drawPdfPage}. */
export async function readPdfPage(
  imagePath: string,
  pdf: Buffer,
  page: number,
  signal?: AbortSignal,
): Promise<PdfPage> {
  const limits = { mostBytes: MOST_TEXT_BYTES, ...limitsOf(pdf, 0) };
  const answer = await asked(
    imagePath,
    pdf,
    page,
    () => askSeparately(decoderOf('text', page), pdf, limits, signal),
  );
  const { widthPx, heightPx, text } = JSON.parse(answer) as PdfPage;
  return { widthPx, heightPx, text: wholeLines(text) };
}

/**
 * Draws one page on white, with 200 dots an inch; a smaller page so that its longer side has 896 pixels, a larger one
 * in {@link MOST_PAGE_PIXELS}.
 * @param page From 1.
 * @returns RGB, turned as the page says.
 * @throws Failure `imageTooLarge`, `imageUnreadable`, `imageUnsupported` (a password), `imageMissing` (no such page);
 *   DOMException `AbortError`, at once.
 */
export async function drawPdfPage(
  imagePath: string,
  pdf: Buffer,
  page: number,
  signal?: AbortSignal,
  limitMs = LIMIT_MS,
): Promise<Drawing> {
  const limits = { maxPixels: MOST_PAGE_PIXELS, ...limitsOf(pdf, MOST_PAGE_PIXELS), limitMs };
  return asked(imagePath, pdf, page, () => decodeSeparately(decoderOf('drawing', page), pdf, limits, signal));
}

function decoderOf(wanted: 'count' | 'text' | 'drawing', page: number) {
  return {
    body: BODY,
    args: [
      require.resolve('@hyzyla/pdfium'),
      wanted,
      String(page),
      String(PDF_DPI),
      String(LEAST_SIDE_PX),
      String(MOST_SIDE_PX),
      String(MOST_PAGE_PIXELS),
    ],
  };
}

function limitsOf(pdf: Buffer, pixels: number) {
  // The file is there three times: as it came, put together, and in the memory of WebAssembly.
  return { limitMs: LIMIT_MS, limitBytes: BASE_BYTES + 4 * pdf.length + BYTES_PER_PIXEL * pixels };
}

/** PDFium ends lines by CR LF, and marks a word that is parted at the end of a line. */
function wholeLines(text: string): string {
  return text.replace(/[\u0002\ufffe](?:\r\n|$)?/g, '').replace(/\r\n?/g, '\n').replaceAll('\0', '')
    .split('\n').map(line => line.trimEnd()).join('\n').trim();
}

/** What the program says of a document that it gives up. */
interface Refusal {
  readonly why: 'memory' | 'file' | 'page' | 'damaged';
  readonly code?: number;
  readonly count?: number;
}

/** Source: PDFium, `public/fpdfview.h`, FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY. */
const NEEDS_PASSWORD = 4;
const UNKNOWN_SECURITY = 5;

async function asked<T>(picture: string, pdf: Buffer, page: number, ask: () => Promise<T>): Promise<T> {
  const imagePath = pageOfFile(picture).file;
  if (pdf.length > MOST_PDF_BYTES) {
    throw new Failure(
      'imageTooLarge',
      l10n.t(
        '“{0}” has {1} MiB; of PDF documents up to {2} MiB are read. Save the pages that you need as a document of their own.',
        imagePath,
        Math.round(pdf.length / 2 ** 20),
        MOST_PDF_BYTES / 2 ** 20,
      ),
    );
  }
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SeparateProcessError) throw notDrawn(imagePath, page, error);
    if (error instanceof DOMException) throw error;
    throw refused(imagePath, page, refusalOf(error) ?? { why: 'damaged' }, error);
  }
}

function refusalOf(error: unknown): Refusal | undefined {
  try {
    return error instanceof Error ? JSON.parse(error.message) as Refusal : undefined;
  } catch {
    return undefined;
  }
}

function refused(imagePath: string, page: number, { why, code, count = 0 }: Refusal, cause: unknown): Failure {
  if (why === 'page') return noSuchPage(imagePath, count, page, cause);
  if (code === NEEDS_PASSWORD) {
    return new Failure(
      'imageUnsupported',
      l10n.t('“{0}” asks for a password. Save it without one, in the program that opens it, and use that.', imagePath),
      { cause },
    );
  }
  if (code === UNKNOWN_SECURITY) {
    return new Failure(
      'imageUnsupported',
      l10n.t(
        '“{0}” is encrypted in a way that is not read. Print it into a PDF without protection, and use that.',
        imagePath,
      ),
      { cause },
    );
  }
  if (why === 'memory') return tooMuchMemory(imagePath, page, cause);
  return new Failure(
    'imageUnreadable',
    why === 'file'
      ? l10n.t('“{0}” is a PDF document that is cut off or damaged. Save or download it again.', imagePath)
      : l10n.t(
        'Page {1} of “{0}” is damaged. Save or download the document again, or name other pages.',
        imagePath,
        page,
      ),
    { cause },
  );
}

export function noSuchPage(imagePath: string, count: number, page: number, cause?: unknown): Failure {
  return new Failure(
    'imageMissing',
    count === 1
      ? l10n.t('“{0}” has no page {1}: it has one. Leave the number out.', imagePath, page)
      : l10n.t('“{0}” has no page {1}: it has {2}. Name one of them, for example #page=1.', imagePath, page, count),
    { cause },
  );
}

function tooMuchMemory(imagePath: string, page: number, cause: unknown): Failure {
  return new Failure(
    'imageTooLarge',
    l10n.t('Page {1} of “{0}” asks for too much memory. Save it as PNG and use that.', imagePath, page),
    { cause },
  );
}

function notDrawn(imagePath: string, page: number, cause: SeparateProcessError): Failure {
  switch (cause.why) {
    case 'memory':
      return tooMuchMemory(imagePath, page, cause);
    case 'time':
      return new Failure(
        'imageTooLarge',
        l10n.t(
          'Page {1} of “{0}” takes too much work to draw: it was given up after {2} seconds. Save it as PNG and use that.',
          imagePath,
          page,
          LIMIT_MS / 1000,
        ),
        { cause },
      );
    case 'start':
      return new Failure(
        'imageUnreadable',
        l10n.t(
          '“{0}” is a PDF document, and the program that draws it could not be started ({1}). Close other programs, then try again.',
          imagePath,
          startError(cause),
        ),
        { cause },
      );
    case 'ended':
      return new Failure(
        'imageUnreadable',
        l10n.t(
          'Page {1} of “{0}” cannot be drawn: the drawing program ended without an answer. Save it as PNG and use that.',
          imagePath,
          page,
        ),
        { cause },
      );
  }
}
