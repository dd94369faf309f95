/** Pages of documents, which are pictures with addresses of their own: `file:///report.pdf#page=3`. */
import { workspace } from 'vscode';
import type { Uri } from 'vscode';
import { documentTarget, MOST_PAGES, pageOf } from '../../../paligemma/src/documentPages';

/** How many pages a picture has, by whoever can open it. */
export type PageCounter = (image: Uri) => Promise<number>;

/** The page that an address names; undefined where it names none. */
function pageOfUri({ path, fragment }: Pick<Uri, 'path' | 'fragment'>): number | undefined {
  return fragment === '' ? undefined : documentTarget(`${path}#${fragment}`)?.pages?.from;
}

/** The path on disk, or on whatever file system it is, with the page. */
export function imagePath(image: Uri): string {
  const page = pageOfUri(image);
  const path = image.scheme === 'file' ? image.fsPath : image.path;
  return page === undefined ? path : pageOf(path, page);
}

/** Without folders, with the page. */
export function imageName(image: Pick<Uri, 'path' | 'fragment'>): string {
  const page = pageOfUri(image);
  const name = image.path.slice(image.path.lastIndexOf('/') + 1);
  return page === undefined ? name : pageOf(name, page);
}

/** As the person knows it: its place in the workspace, with the page. */
export function imagePlace(image: Uri): string {
  const page = pageOfUri(image);
  const place = workspace.asRelativePath(image);
  return page === undefined ? place : pageOf(place, page);
}

/**
 * The pages of the document that a picture is, or is a page of, and which of them it is. Undefined for what has one
 * page only, and for what cannot be opened: whoever runs it is told why.
 */
export async function pagesAround(
  image: Uri,
  count: PageCounter,
): Promise<{ readonly pages: readonly Uri[]; readonly index: number } | undefined> {
  if (documentTarget(image.path) === undefined) return undefined;
  const all = await count(image.with({ fragment: '' })).catch(() => 1);
  if (all < 2) return undefined;
  const index = Math.max(0, (pageOfUri(image) ?? 1) - 1);
  const pages = Array.from(
    { length: all },
    (_, at) => at === index ? image : image.with({ fragment: `page=${at + 1}` }),
  );
  return { pages, index };
}

export interface AllPages {
  readonly images: readonly Uri[];
  /** Documents of which more than {@link MOST_PAGES} pages are not among them. */
  readonly cut: readonly Uri[];
}

/** Pictures with each page of a document in its place. @param goesOn Asked before each document is opened. */
export async function withAllPages(
  images: readonly Uri[],
  count: PageCounter,
  goesOn: () => boolean,
): Promise<AllPages | undefined> {
  const found: Uri[] = [];
  const cut: Uri[] = [];
  for (const image of images) {
    if (!goesOn()) return undefined;
    const around = pageOfUri(image) === undefined ? await pagesAround(image, count) : undefined;
    if (around === undefined) found.push(image);
    else {
      if (around.pages.length > MOST_PAGES) cut.push(image);
      found.push(...around.pages.slice(0, MOST_PAGES).map((_, at) => image.with({ fragment: `page=${at + 1}` })));
    }
  }
  return { images: found, cut };
}
