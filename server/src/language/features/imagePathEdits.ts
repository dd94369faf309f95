/** Paths and globs of `@image` follow files and folders that are renamed or moved. */
import { documentTarget } from '../../../../paligemma/src/documentPages';
import type { TextEdit } from 'vscode-languageserver-types';
import { spanRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { globBase, isGlob, quoteImagePath } from '../syntax/imageList';
import type { ImageItem } from '../syntax/imageList';
import { canonicalUri, isAbsolute, isInside, relativePath, resolvePath } from '../text/paths';

/** One file or folder; a folder stands for everything in it. */
export interface FileRename {
  readonly oldUri: string;
  readonly newUri: string;
}

/**
 * Edits that keep every path of the document pointing at its file. The document itself may be among the renamed: its
 * edits are for the text, wherever it lies afterwards. A path keeps its style: absolute, `./`, quotes, or none.
 */
export function imagePathEdits(document: PromptDocument, renames: readonly FileRename[]): TextEdit[] {
  const newDocumentUri = renamed(document.uri, renames) ?? document.uri;
  const edits: TextEdit[] = [];
  for (const directive of document.directives) {
    if (directive.kind !== 'image') continue;
    for (const item of directive.items) {
      const text = newItemText(document.uri, newDocumentUri, item, renames);
      if (text !== undefined && text !== item.text) {
        edits.push({ range: spanRange(item), newText: quoteImagePath(text, item.quote) });
      }
    }
  }
  return edits;
}

function newItemText(
  documentUri: string,
  newDocumentUri: string,
  item: ImageItem,
  renames: readonly FileRename[],
): string | undefined {
  if (item.text === '' || item.isUnclosed) return undefined;
  const document = documentTarget(item.text);
  if (document?.pages !== undefined) {
    const moved = newItemText(documentUri, newDocumentUri, { ...item, text: document.file }, renames);
    return moved === undefined ? undefined : moved + item.text.slice(document.file.length);
  }
  // The name itself first: brackets and braces are usual in names of files.
  const whole = movedPath(documentUri, newDocumentUri, item.text, renames);
  if (!isGlob(item.text) || whole.isRenamed) return whole.text;
  const slashed = item.text.replaceAll('\\', '/');
  const base = globBase(slashed);
  if (base === '') {
    return documentUri === newDocumentUri
      ? undefined
      : withBase(documentUri, newDocumentUri, '.', slashed, renames);
  }
  return withBase(documentUri, newDocumentUri, base, slashed.slice(base.length + 1), renames);
}

/** A glob with its folder moved. */
function withBase(
  documentUri: string,
  newDocumentUri: string,
  base: string,
  rest: string,
  renames: readonly FileRename[],
): string | undefined {
  const moved = movedPath(documentUri, newDocumentUri, base === '.' ? './' : base, renames);
  if (moved.text === undefined) return undefined;
  const folder = moved.text.replace(/\/+$/, '');
  return folder === '' || folder === '.' ? rest : `${folder}/${rest}`;
}

function movedPath(
  documentUri: string,
  newDocumentUri: string,
  path: string,
  renames: readonly FileRename[],
): { text: string | undefined; isRenamed: boolean } {
  const target = resolvePath(documentUri, path);
  if (target === undefined) return { text: undefined, isRenamed: false };
  const newTarget = renamed(target, renames);
  const isRenamed = newTarget !== undefined;
  if (isAbsolute(path)) {
    if (newTarget === undefined) return { text: undefined, isRenamed };
    return { text: /^file:/i.test(path) ? newTarget : relativePath('untitled:', newTarget), isRenamed };
  }
  if (newTarget === undefined && canonicalUri(documentUri) === canonicalUri(newDocumentUri)) {
    return { text: undefined, isRenamed };
  }
  const relative = relativePath(newDocumentUri, newTarget ?? target);
  return {
    text: path.startsWith('./') && !relative.startsWith('.') && !isAbsolute(relative) ? `./${relative}` : relative,
    isRenamed,
  };
}

/** Where a file lies after the renames; undefined where none of them moves it. The innermost folder wins. */
function renamed(uri: string, renames: readonly FileRename[]): string | undefined {
  const canonical = canonicalUri(uri);
  let best: FileRename | undefined;
  for (const rename of renames) {
    const old = canonicalUri(rename.oldUri);
    if (isInside(canonical, old) && (best === undefined || old.length > canonicalUri(best.oldUri).length)) {
      best = rename;
    }
  }
  if (best === undefined) return undefined;
  const rest = canonical.slice(canonicalUri(best.oldUri).length);
  return best.newUri.replace(/\/$/, '')
    + rest.split('/').map(part => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\ufffd'))).join('/');
}
