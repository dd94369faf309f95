/** Which files of this machine the target of an image link may mean. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathOfUri } from '../workspace/filePaths';
import type { ImageLink } from './imageLink';

export interface TargetPlace {
  readonly documentUri: string;
  readonly workspaceFolderUris: readonly string[];
}

const MAX_CANDIDATES = 24;
const MAX_TARGET = 4096;
/** Folders that web frameworks serve as the root of the site. */
const siteFolders = ['', 'public', 'static', 'src', 'assets'];
// Source: LaTeX graphics guide, \DeclareGraphicsExtensions of pdftex.def.
const latexExtensions = ['.png', '.jpg', '.jpeg', '.PNG', '.JPG', '.JPEG'];

/**
 * Absolute paths, likeliest first. Empty for addresses that are no file of this machine (`https:`, `data:`, `//host`).
 * Never throws.
 */
export function targetPaths(
  { target, bases, mayLackExtension, kind }: Pick<ImageLink, 'target' | 'bases' | 'mayLackExtension' | 'kind'>,
  place: TargetPlace,
): string[] {
  const found = new Set<string>();
  const documentPath = pathOfUri(place.documentUri);
  const workspaces = workspacePaths(place.workspaceFolderUris, documentPath);
  for (const spelling of spellings(target, kind === 'latex' || kind === 'rst')) {
    for (const candidate of pathsOf(spelling, bases ?? [], documentPath, workspaces)) {
      if (isOnNetwork(candidate) && !isOnNetwork(documentPath ?? '')) continue;
      found.add(candidate);
      if (mayLackExtension && !/\.(?:png|jpe?g)$/i.test(candidate)) {
        for (const extension of latexExtensions) found.add(candidate + extension);
      }
    }
  }
  return [...found].slice(0, MAX_CANDIDATES);
}

/** The first of the paths that is a file. */
export async function existingFile(
  paths: readonly string[],
): Promise<{ readonly path: string; readonly bytes: number; readonly mtimeMs: number } | undefined> {
  for (const candidate of paths) {
    const info = await stat(candidate).catch(() => undefined);
    if (info?.isFile() === true) return { path: candidate, bytes: info.size, mtimeMs: info.mtimeMs };
  }
  return undefined;
}

/** As it stands and percent-decoded, with and without what follows `?` or `#`. */
function spellings(target: string, isPath: boolean): string[] {
  const text = target.trim();
  if (text === '' || text.length > MAX_TARGET || text.includes('\0')) return [];
  if (isPath) return [text, ...(decoded(text) ?? [])];
  const bare = text.replace(/[?#].*$/s, '');
  const all = [...(decoded(bare) ?? []), ...(decoded(text) ?? []), bare, text];
  return [...new Set(all)].filter(spelling => spelling !== '' && !spelling.includes('\0'));
}

function decoded(text: string): [string] | undefined {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return undefined;
  }
}

function pathsOf(
  target: string,
  bases: readonly string[],
  documentPath: string | undefined,
  workspaces: readonly string[],
): string[] {
  if (/^file:/i.test(target)) {
    const own = pathOfUri(target);
    return own === undefined ? [] : [own];
  }
  if (/^[A-Za-z]:[\\/]/.test(target)) return path.isAbsolute(target) ? [path.normalize(target)] : [];
  if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(target) || /^[\\/]{2}/.test(target)) return [];
  if (/^[\\/]/.test(target)) {
    return [
      ...workspaces.flatMap(folder => siteFolders.map(site => path.join(folder, site, target))),
      path.resolve(target),
    ];
  }
  const alias = /^~?[@~]\/(.*)$/s.exec(target)?.[1];
  const relative = documentPath === undefined
    ? []
    : relativePaths(target, bases, path.dirname(documentPath), workspaces);
  return alias === undefined
    ? relative
    : [...workspaces.flatMap(folder => ['src', '', 'app'].map(site => path.join(folder, site, alias))), ...relative];
}

function relativePaths(
  target: string,
  bases: readonly string[],
  folder: string,
  workspaces: readonly string[],
): string[] {
  const slashed = target.includes('\\') && path.sep === '/' ? [target, target.replaceAll('\\', '/')] : [target];
  const roots = bases.length === 0
    ? [folder]
    : bases.filter(base => !/^[A-Za-z][A-Za-z0-9+.-]+:/.test(base)).map(base => path.resolve(folder, base));
  // Books are often built from the workspace folder, with paths relative to that.
  return [...roots, ...workspaces].flatMap(root => slashed.map(spelling => path.resolve(root, spelling)));
}

/** The folder of the document comes first. */
function workspacePaths(uris: readonly string[], documentPath: string | undefined): string[] {
  const folders = uris.flatMap(uri => pathOfUri(uri) ?? []);
  const isOwn = (folder: string) =>
    documentPath !== undefined
    && (documentPath + path.sep).startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
  return [...folders.filter(isOwn), ...folders.filter(folder => !isOwn(folder))];
}

/** Opening a path of another machine sends it the name and the password hash of whoever is logged in. */
function isOnNetwork(candidate: string): boolean {
  return /^[\\/]{2}/.test(candidate);
}
