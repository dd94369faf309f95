/** The beginning of a data set as an outline, and the links to its pictures. */
import { SymbolKind, type DocumentLink, type DocumentSymbol } from 'vscode-languageserver-types';
import { LineText } from '../../../../datasets/src/lines/lineText';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import { suffixSummary } from '../../../../paligemma/src/suffix';
import { clip } from '../text/markdown';
import { baseName, resolvePath } from '../text/paths';
import type { SetDocument } from './setDocument';
import { examplesIn, rangeIn } from './setPlace';

/** Lines of the outline; nobody scrolls through more, and it is asked for at every key. */
export const MOST_SYMBOLS = 500;
const LONGEST_NAME = 80;
const LONGEST_SUMMARIZED = 2_000;

type Words = Pick<DocumentSymbol, 'name' | 'detail'>;
/** Kept for as long as the reading of a line is: the outline is asked for at every key. */
const known = new WeakMap<SetLine, Words>();

function wordsOf(read: SetLine): Words {
  let words = known.get(read);
  if (words === undefined) {
    const name = clip(read.prefix?.value ?? '', LONGEST_NAME) || '""';
    const detail = clip(suffixSummary((read.suffix?.value ?? '').slice(0, LONGEST_SUMMARIZED)), LONGEST_NAME);
    known.set(read, words = { name, detail });
  }
  return words;
}

/** One for each picture with its prompts below it; lines behind each other about the same picture are together. */
export function setSymbols(document: SetDocument): DocumentSymbol[] {
  const symbols: DocumentSymbol[] = [];
  let last: { readonly images: string; readonly symbol: DocumentSymbol } | undefined;
  for (const { number, line, read } of examplesIn(document, 0, MOST_SYMBOLS)) {
    const images = read.images.map(({ value }) => value).join(', ');
    const range = rangeIn(number, { start: 0, end: line.text.length });
    const prompt: DocumentSymbol = { ...wordsOf(read), kind: SymbolKind.Event, range, selectionRange: range };
    if (last?.images === images) {
      last.symbol.children?.push(prompt);
      last.symbol.range = { start: last.symbol.range.start, end: range.end };
      continue;
    }
    const name = read.images.map(({ value }) => baseName(value)).join(', ');
    const symbol = { name: clip(name, LONGEST_NAME) || '—', kind: SymbolKind.File, range, selectionRange: range };
    last = { images, symbol: { ...symbol, children: [prompt] } };
    symbols.push(last.symbol);
  }
  return symbols;
}

/** @param from,to Lines. */
export function setLinks(document: SetDocument, from: number, to: number): DocumentLink[] {
  const links: DocumentLink[] = [];
  for (const { number, line, read } of examplesIn(document, from, to)) {
    const written = new LineText(line.text);
    for (const image of read.images) {
      const target = resolvePath(document.uri, image.value);
      const span = target === undefined ? undefined : written.span(image);
      if (span !== undefined && target !== undefined) links.push({ range: rangeIn(number, span), target });
    }
  }
  return links;
}
