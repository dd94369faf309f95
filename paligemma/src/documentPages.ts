/** Pages of documents as pictures: `report.pdf#page=3` names one, `report.pdf#page=2-5` several. Pure. */
import { hasPagesByName } from './pictureTypes';

/** Of a document, of whatever number of pages, at once. */
export const MOST_PAGES = 200;
/** Pages are drawn so: a page of A4 has 1654 × 2339 pixels. What was drawn otherwise is another picture. */
export const PDF_DPI = 200;

/** From 1, `to` included; without it to the last one. */
export interface PageRange {
  readonly from: number;
  readonly to?: number;
}

export interface DocumentTarget {
  /** Without the fragment. */
  readonly file: string;
  /** Undefined where no page is named. */
  readonly pages?: PageRange;
}

/**
 * Splits the path, name or address of a document from the pages that its fragment names (`page=3`, and beside RFC 8118
 * `page=2-5` and `page=2-`; other parameters are passed over). Undefined for what names no document, and for a fragment
 * that says nothing of pages, or nothing that makes sense: that is a part of the name.
 */
export function documentTarget(target: string): DocumentTarget | undefined {
  const hash = target.lastIndexOf('#');
  const file = target.slice(0, Math.max(0, hash));
  const pages = hasPagesByName(file) ? pageRange(target.slice(hash + 1)) : undefined;
  if (pages !== undefined) return { file, pages };
  return hasPagesByName(target) ? { file: target } : undefined;
}

function pageRange(fragment: string): PageRange | undefined {
  // VS Code writes the fragments of its addresses so.
  const named = fragment.replace(/%3d/gi, '=').replace(/%26/g, '&').split('&').find(part => /^page=/i.test(part))
    ?.slice('page='.length);
  const [, first, isRange, last] = /^(\d{1,7})(-(\d{1,7})?)?$/.exec(named ?? '') ?? [];
  const from = Number(first);
  if (first === undefined || from < 1) return undefined;
  if (isRange === undefined) return { from, to: from };
  if (last === undefined) return { from };
  return Number(last) >= from ? { from, to: Number(last) } : undefined;
}

/** A prompt that asks for the text of a picture and for nothing else: a document may bring it itself. */
export function asksForText(prompt: string): boolean {
  return prompt === 'ocr';
}

/** What names a document, and what names its pages: `#page=2-5` as it was written, empty where there is none. */
export function splitPages(target: string): { readonly file: string; readonly pages: string } {
  const { file = target, pages } = documentTarget(target) ?? {};
  return pages === undefined ? { file: target, pages: '' } : { file, pages: target.slice(file.length) };
}

/** Whether the fragment of a document's name means to name pages, and names none that there can be. */
export function hasWrongPages(target: string): boolean {
  const hash = target.lastIndexOf('#');
  return hash > 0 && /^page=/i.test(target.slice(hash + 1)) && hasPagesByName(target.slice(0, hash))
    && documentTarget(target) === undefined;
}

/** The one page that a picture is, with the file that it is in; of no document, or where none is named, page 1. */
export interface PageOfFile {
  readonly file: string;
  readonly page: number;
}

/** @param picture A path, or an address, as {@link pageOf} makes them. */
export function pageOfFile(picture: string): PageOfFile {
  const { file, pages } = documentTarget(picture) ?? { file: picture };
  return { file, page: pages?.from ?? 1 };
}

/** The path or address of one page. */
export function pageOf(file: string, page: number): string {
  return `${file}#page=${page}`;
}

/**
 * The pages that are meant of a document, each as {@link pageOf} names it, at most {@link MOST_PAGES}.
 * @param count Pages of the document; only needed where the range is open.
 */
export function namedPages(
  { file, pages = { from: 1 } }: DocumentTarget,
  count: number | undefined,
): { readonly pages: readonly string[]; readonly isCut: boolean } {
  const last = pages.to ?? Math.max(count ?? 1, pages.from);
  const amount = Math.min(last - pages.from + 1, MOST_PAGES);
  return {
    pages: Array.from({ length: amount }, (_, index) => pageOf(file, pages.from + index)),
    isCut: amount < last - pages.from + 1,
  };
}

/** A document that can have a text of its own beside what is drawn. */
export function isPdfStart(head: Uint8Array): boolean {
  return PDF_START.every((byte, index) => head[index] === byte);
}

const PDF_START = [...'%PDF-'].map(letter => letter.charCodeAt(0));

/**
 * What is to be hashed for the identity of a page: of a file, of which only the first page is looked at, nothing but
 * its hash, so that pictures are what they were.
 */
export function pageIdentity(fileSha256: string, page: number, isPdf: boolean): string | undefined {
  if (isPdf) return `${fileSha256}#page=${page}&dpi=${PDF_DPI}`;
  return page === 1 ? undefined : `${fileSha256}#page=${page}`;
}

/** A name for a file about a page: `report.page-3` for page 3 of `report.pdf`, with the ending that it would have. */
export function pageFileName(picture: string): string {
  const { file, pages } = documentTarget(picture) ?? {};
  if (file === undefined || pages === undefined) return picture;
  const dot = file.lastIndexOf('.');
  return `${file.slice(0, dot)}.page-${pages.from}${file.slice(dot)}`;
}
