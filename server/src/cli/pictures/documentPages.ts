/** Documents that were named, as their pages: each is a picture of its own. */
import * as l10n from '@vscode/l10n';
import {
  documentTarget,
  MOST_PAGES,
  namedPages,
  pageOf,
  type DocumentTarget,
} from '../../../../paligemma/src/documentPages';
import { Failure } from '../../../../paligemma/src/failures';
import type { NamedPicture, NamedPictures } from './namedPictures';

export interface PageCounter {
  /** How many pages a file has, by whoever can open it. @throws Failure; CancelledError. */
  count(file: string): Promise<number>;
  /** Told of each document of which all pages are meant. */
  note(line: string): void;
}

/** A document without a page in its name stands for all its pages; what is no document stays as it is. */
export async function withPages(named: NamedPictures, counter: PageCounter): Promise<NamedPictures> {
  const pictures: NamedPicture[] = [];
  let { isOpen } = named;
  for (const picture of named.pictures) {
    const target = targetOf(picture);
    if (target === undefined) {
      pictures.push(picture);
      continue;
    }
    const pages = await pagesOf(picture, target, counter);
    pictures.push(...pages);
    // A TIFF is nearly always one picture, a PDF is one of as many pages as it has today.
    isOpen ||= target.pages?.to === undefined && (pages.length > 1 || !isTiff(target.file));
  }
  return { pictures, isOpen, base: named.base };
}

/** Undefined for what is no document, and for what cannot be run anyway. */
function targetOf({ imagePath, failure }: NamedPicture): DocumentTarget | undefined {
  return failure === undefined ? documentTarget(imagePath) : undefined;
}

async function pagesOf(
  picture: NamedPicture,
  target: DocumentTarget,
  counter: PageCounter,
): Promise<readonly NamedPicture[]> {
  const image = documentTarget(picture.image)?.file ?? picture.image;
  const count = target.pages?.to === undefined ? await countOf(target.file, counter) : undefined;
  if (count === 'unknown') {
    // The run of its first page says what is wrong.
    const page = target.pages?.from ?? 1;
    return [{ image: picture.image, imagePath: page === 1 ? target.file : pageOf(target.file, page) }];
  }
  if (count === 1 && target.pages === undefined && isTiff(target.file)) return [picture];
  if (count !== undefined && count > 1) counter.note(`${image} has ${count} pages.`);
  const { pages, isCut } = namedPages(target, count);
  const names = namedPages({ ...target, file: image }, count).pages;
  const named = pages.map((imagePath, index): NamedPicture => ({ image: names[index] ?? imagePath, imagePath }));
  if (isCut) named.push({ image, imagePath: target.file, failure: tooManyPages(image, target) });
  return named;
}

async function countOf(file: string, counter: PageCounter): Promise<number | 'unknown'> {
  try {
    return await counter.count(file);
  } catch (error) {
    if (error instanceof Failure) return 'unknown';
    throw error;
  }
}

function tooManyPages(image: string, { pages }: DocumentTarget): Failure {
  const next = (pages?.from ?? 1) + MOST_PAGES;
  return new Failure(
    'badArgument',
    l10n.t(
      '“{0}” stands for more than {1} pages; the first {1} are run. Name the others, for example {2}.',
      image,
      MOST_PAGES,
      `${pageOf(image, next)}-${next + MOST_PAGES - 1}`,
    ),
  );
}

function isTiff(file: string): boolean {
  return /\.tiff?$/i.test(file);
}
