/** Completion of picture paths behind `@image`. */
import * as l10n from '@vscode/l10n';
import { CompletionItemKind } from 'vscode-languageserver-types';
import type { CompletionItem, CompletionList, Position } from 'vscode-languageserver-types';
import type { LanguageContext } from '../knowledge/context';
import { directiveAt } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { fuzzyScore } from '../text/fuzzy';
import { indexedPaths } from '../knowledge/imageIndex';
import type { IndexedPath } from '../knowledge/imageIndex';
import { isGlob, quoteImagePath } from '../syntax/imageList';
import { factsText } from '../knowledge/imageText';
import { escapeMarkdown, image } from '../text/markdown';
import { baseName, extensionOf, isAbsolute } from '../text/paths';
import type { Slot } from '../syntax/slots';
import type { CompletionData } from './completionData';

/** More items make a list that nobody reads and a message that takes long; the client asks again while one types. */
const MAX_ITEMS = 100;
const MAX_GLOBS = 20;

/** Pictures whose path matches what is typed, best first, and globs for folders with several of a kind. */
export function completeImages(
  document: PromptDocument,
  position: Position,
  slot: Extract<Slot, { kind: 'image' }>,
  context: LanguageContext,
): CompletionList {
  const { range, item } = slot;
  const typed = item === undefined
    ? ''
    : document.lines[position.line]?.text.slice(item.start, position.character) ?? '';
  const query = typed.replace(/^["']/, '').replaceAll('\\', '/').replace(/^\.\//, '').toLowerCase();
  const paths = indexedPaths(document.uri, context.imageFiles);
  const ranked = rank(paths, query, usedPaths(document, position.line, item?.text));
  const quote = item?.quote ?? '';
  const style = typed.startsWith('./') ? './' : '';
  const space = (item === undefined || item.end === item.start)
      && document.lines[position.line]?.text[position.character - 1] === ','
    ? ' '
    : '';
  const write = (path: string) => space + quoteImagePath(isAbsolute(path) ? path : style + path, quote);
  const items = ranked.slice(0, MAX_ITEMS).map((path, index): CompletionItem => ({
    label: path.path,
    kind: CompletionItemKind.File,
    sortText: `a${String(index).padStart(4, '0')}`,
    // The client filters by the text in the range: it must not throw out what the server found.
    filterText: typed === '' ? write(path.path) : typed + path.path,
    textEdit: { range, newText: write(path.path) },
    data: { kind: 'image', uri: path.uri } satisfies CompletionData,
    ...detailOf(path.uri, context),
  }));
  const globs = globItems(paths, query).map(({ glob, amount }, index): CompletionItem => ({
    label: glob,
    kind: CompletionItemKind.Folder,
    detail: amount === 1 ? l10n.t('1 picture') : l10n.t('{0} pictures', amount),
    sortText: `b${String(index).padStart(4, '0')}`,
    filterText: typed === '' ? write(glob) : typed + glob,
    textEdit: { range, newText: write(glob) },
  }));
  return { isIncomplete: ranked.length > MAX_ITEMS || typed !== '', items: [...items, ...globs] };
}

/** Size and thumbnail of a picture, as far as they are known. Markdown. */
export function imageDocumentation(uri: string, context: LanguageContext): string {
  const facts = context.imageFacts(uri);
  const lines = [`**${factsText(facts) || escapeMarkdown(baseName(uri))}**`];
  if (facts?.thumbnailUri !== undefined) lines.unshift(image(baseName(uri), facts.thumbnailUri));
  return lines.join('\n\n');
}

function detailOf(uri: string, context: LanguageContext): Partial<CompletionItem> {
  const text = factsText(context.imageFacts(uri));
  return text === '' ? {} : { detail: text };
}

function rank(paths: readonly IndexedPath[], query: string, used: ReadonlySet<string>): IndexedPath[] {
  if (isGlob(query)) return [];
  const ranked: { path: IndexedPath; score: number }[] = [];
  for (const path of paths) {
    const score = fuzzyScore(query, path.lower);
    if (score !== undefined && !used.has(path.path)) ranked.push({ path, score });
  }
  ranked.sort((a, b) => b.score - a.score || (a.path.path < b.path.path ? -1 : 1));
  return ranked.map(({ path }) => path);
}

/** Paths that the directive names already, without the item at the cursor. */
function usedPaths(document: PromptDocument, line: number, current: string | undefined): Set<string> {
  const directive = directiveAt(document, line);
  const texts = directive?.kind === 'image'
    ? directive.items.map(item => item.text).filter(text => text !== current)
    : [];
  return new Set(texts);
}

/** `folder/*.ext` for folders that hold at least two pictures of a kind. */
function globItems(paths: readonly IndexedPath[], query: string): { glob: string; amount: number }[] {
  const counts = new Map<string, number>();
  for (const { path } of paths) {
    const extension = extensionOf(path);
    if (extension === '') continue;
    const glob = `${path.slice(0, path.lastIndexOf('/') + 1)}*.${path.slice(-extension.length)}`;
    counts.set(glob, (counts.get(glob) ?? 0) + 1);
  }
  const plain = query.replaceAll('*', '');
  return [...counts]
    .filter(([glob, amount]) => amount > 1 && fuzzyScore(plain, glob.toLowerCase()) !== undefined)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MAX_GLOBS)
    .map(([glob, amount]) => ({ glob, amount }));
}
