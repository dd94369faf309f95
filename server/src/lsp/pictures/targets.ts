/** Which files of this machine the target of an image link may mean. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isElsewhere, machineOfPath } from '../../../../paligemma/src/otherMachines';
import { leadsElsewhere } from '../../util/linksElsewhere';
import { spelledOnDisk } from '../../util/spelling';
import { pathOfUri } from '../../workspace/filePaths';
import type { ImageLink } from '../../imageLinks/imageLink';

export interface TargetPlace {
  readonly documentUri: string;
  readonly workspaceFolderUris: readonly string[];
}

const MAX_CANDIDATES = 64;
/** Folders above a document that may be the root of its site. */
const MOST_ROOTS = 8;
const MAX_TARGET = 4096;
/**
 * Folders that web frameworks serve as the root of the site: Next.js, Vite and VitePress; Hugo and Docusaurus; VuePress;
 * MkDocs and Hexo; others.
 */
const siteFolders = ['', 'static', 'public', 'assets', 'src', '.vuepress/public', 'docs', 'source'];
/** Where Obsidian and its like keep what is embedded, whatever folder the note is in. */
const vaultFolders = ['', 'attachments', 'assets', 'images', 'media', '_attachments', 'Attachments'];
// Source: LaTeX graphics guide, \DeclareGraphicsExtensions of pdftex.def.
const latexExtensions = ['.png', '.jpg', '.jpeg', '.PNG', '.JPG', '.JPEG'];

/**
 * Absolute paths, likeliest first. Empty for addresses that are no file (`https:`, `data:`), and for those of a machine that
 * neither the document nor the workspace lies on (`//host`). Never throws.
 */
export function targetPaths(
  { target, bases, mayLackExtension, kind }: Pick<ImageLink, 'target' | 'bases' | 'mayLackExtension' | 'kind'>,
  place: TargetPlace,
): string[] {
  const found = new Set<string>();
  const documentPath = pathOfUri(place.documentUri);
  const workspaces = workspacePaths(place.workspaceFolderUris, documentPath);
  const machines = [documentPath ?? '', ...workspaces].map(machineOfPath);
  for (const spelling of spellings(target, kind === 'latex' || kind === 'rst')) {
    for (const candidate of pathsOf(spelling, { kind, bases: bases ?? [] }, documentPath, workspaces)) {
      if (found.size >= MAX_CANDIDATES) break;
      if (isElsewhere(machineOfPath(candidate), machines)) continue;
      found.add(candidate);
      if (mayLackExtension && !/\.(?:png|jpe?g)$/i.test(candidate)) {
        for (const extension of latexExtensions) found.add(candidate + extension);
      }
    }
  }
  return [...found].slice(0, MAX_CANDIDATES);
}

/** The first of the paths that is a file; where none is, one whose name is spelled with other code points. */
export async function existingFile(
  paths: readonly string[],
): Promise<{ readonly path: string; readonly bytes: number; readonly mtimeMs: number } | undefined> {
  const here: string[] = [];
  for (const candidate of paths) {
    if (await leadsElsewhere(candidate)) continue;
    const found = await fileAt(candidate);
    if (found !== undefined) return found;
    here.push(candidate);
  }
  for (const candidate of await Promise.all(here.map(spelledOnDisk))) {
    const found = candidate === undefined || await leadsElsewhere(candidate) ? undefined : await fileAt(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function fileAt(
  place: string,
): Promise<{ readonly path: string; readonly bytes: number; readonly mtimeMs: number } | undefined> {
  const info = await stat(place).catch(() => undefined);
  return info?.isFile() === true ? { path: place, bytes: info.size, mtimeMs: info.mtimeMs } : undefined;
}

/** As it stands and percent-decoded, with and without what follows `?` or `#`. */
function spellings(target: string, isPath: boolean): string[] {
  const text = withoutTemplate(target.trim());
  if (text === '' || text.length > MAX_TARGET || text.includes('\0')) return [];
  if (isPath) return [text, ...(decoded(text) ?? [])];
  const bare = text.replace(/[?#].*$/s, '');
  const all = [...(decoded(bare) ?? []), ...(decoded(text) ?? []), bare, text];
  return [...new Set(all)].filter(spelling => spelling !== '' && !spelling.includes('\0'));
}

/**
 * What the usual calls of template engines stand for: `{{ site.baseurl }}/a.png`, `{{ '/a.png' | relative_url }}`,
 * `{% static 'a.png' %}`, `{{ asset('a.png') }}`, `{{ url_for('static', filename='a.png') }}`, and the marks of
 * Docusaurus for a path of the site.
 */
function withoutTemplate(target: string): string {
  if (target.length > MAX_TARGET) return target;
  const bare = target.replace(/^pathname:\/\/(?=\/)/, '');
  if (!/^(?:\{[{%]|<%)/.test(bare)) return bare;
  const rest = /^\{\{-?\s{0,9}(?:site|config)\.\w{1,30}\s{0,9}-?\}\}(.*)$/s.exec(bare)?.[1];
  if (rest !== undefined) return rest;
  const call =
    /^\{[{%][-!]{0,2}\s{0,9}(?:[\w.]{1,30}[\s(]{1,9})?(?:(["'])static\1,\s{0,9}filename=)?(["'])([^"'{}]{1,1000})\2[^{}]{0,200}[%}]\}$/
      .exec(bare);
  // Such calls count from the root of the site.
  return call === null ? bare : `/${call[3]!.replace(/^\/+/, '')}`;
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
  { kind, bases }: Required<Pick<ImageLink, 'kind' | 'bases'>>,
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
      ...siteRoots(documentPath, workspaces).flatMap(folder =>
        siteFolders.map(site => path.join(folder, site, target))
      ),
      path.resolve(target),
    ];
  }
  // Docusaurus: the folder of the site, which may lie anywhere above the page.
  const ofSite = /^@site\/(.*)$/s.exec(target)?.[1];
  if (ofSite !== undefined) return siteRoots(documentPath, workspaces).map(folder => path.join(folder, ofSite));
  const alias = /^~?[@~]\/(.*)$/s.exec(target)?.[1];
  const relative = documentPath === undefined
    ? []
    : relativePaths(target, bases, path.dirname(documentPath), workspaces);
  if (kind === 'wiki') {
    const roots = siteRoots(documentPath, workspaces);
    return [...relative, ...vaultFolders.flatMap(vault => roots.map(folder => path.join(folder, vault, target)))];
  }
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

/** Folders that may be the root of the site: those above the document inside of its workspace folder, outermost first. */
function siteRoots(documentPath: string | undefined, workspaces: readonly string[]): readonly string[] {
  const [own] = workspaces;
  const roots: string[] = [];
  if (documentPath !== undefined && own !== undefined && isBelow(documentPath, own)) {
    let folder = path.dirname(documentPath);
    while (folder.length > own.length && isBelow(folder, own)) {
      roots.unshift(folder);
      folder = path.dirname(folder);
    }
  }
  return [...new Set([...workspaces, ...roots.slice(0, MOST_ROOTS)])];
}

function isBelow(place: string, folder: string): boolean {
  return (place + path.sep).startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}

/** The folder of the document comes first. */
function workspacePaths(uris: readonly string[], documentPath: string | undefined): string[] {
  const folders = uris.flatMap(uri => pathOfUri(uri) ?? []);
  const isOwn = (folder: string) => documentPath !== undefined && isBelow(documentPath, folder);
  return [...folders.filter(isOwn), ...folders.filter(folder => !isOwn(folder))];
}
