/** Paths of a prompt file and URIs, without Node: the folder must work for any system's paths on any system. */
import { documentTarget, pageOf } from '../../../../paligemma/src/documentPages';
import { isElsewhere as isOnOtherMachine, machineOf, machineOfUri } from '../../../../paligemma/src/otherMachines';

const schemePattern = /^([A-Za-z][A-Za-z0-9+.-]+):/;
/** Half of a character: `encodeURIComponent` throws on it. */
const loneSurrogate = /\p{Surrogate}/gu;

/** An address that is not a file: `https://…`, `data:…`. A single letter is a Windows drive, `file:` is a file. */
export function isRemote(path: string): boolean {
  const scheme = schemePattern.exec(path.slice(0, 40))?.[1]?.toLowerCase();
  return scheme !== undefined && scheme !== 'file';
}

/** True for `/a`, `C:\a`, `\\server\a` and `file:` URIs. */
export function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/]|file:)/i.test(path);
}

/** True for a path of a machine that is neither this one nor the one that the document lies on. */
export function isElsewhere(documentUri: string, path: string): boolean {
  return isOnOtherMachine(machineOf(path), [machineOfUri(documentUri)]);
}

/**
 * The URI of a path as a prompt file writes it, relative to the file's folder. Backslashes count as slashes.
 * Undefined for addresses that are not files, for paths of another machine, and for relative paths in a document that
 * has no folder (`untitled:`).
 */
export function resolvePath(documentUri: string, path: string): string | undefined {
  if (path === '' || isRemote(path) || isElsewhere(documentUri, path)) return undefined;
  if (/^file:/i.test(path)) return path;
  const slashed = path.replaceAll('\\', '/');
  if (/^[A-Za-z]:\//.test(slashed)) return `file:///${encodePath(normalise(slashed))}`;
  if (slashed.startsWith('//')) return `file:${encodePath(slashed)}`;
  const base = splitUri(documentUri);
  if (base === undefined) return slashed.startsWith('/') ? `file://${encodePath(normalise(slashed))}` : undefined;
  const folder = base.path.slice(0, base.path.lastIndexOf('/') + 1);
  return base.prefix + encodePath(normalise(slashed.startsWith('/') ? slashed : folder + slashed));
}

/**
 * One spelling for equal files: percent signs decoded, drive letter small, letters with their accents in one. For
 * comparing, not for opening.
 */
export function canonicalUri(uri: string): string {
  const parts = splitUri(uri);
  if (parts === undefined) return uri;
  return parts.prefix.toLowerCase() + smallDrive(parts.path).normalize('NFC');
}

function smallDrive(path: string): string {
  return path[2] === ':' ? `/${path.charAt(1).toLowerCase()}${path.slice(2)}` : path;
}

/** True where `uri` is `folder` or lies in it. Both canonical. */
export function isInside(uri: string, folder: string): boolean {
  return uri === folder || uri.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The path from a document's folder to a file, with slashes; the absolute path where there is no way between them. */
export function relativePath(documentUri: string, uri: string): string {
  return relativeFrom(documentUri)(uri);
}

/** {@link relativePath} for many files: the document's own path is taken apart once. */
export function relativeFrom(documentUri: string): (uri: string) => string {
  const from = splitUri(documentUri);
  const prefix = from?.prefix.toLowerCase();
  const folders = from === undefined ? [] : smallDrive(from.path).split('/').slice(0, -1);
  return uri => {
    const to = splitUri(uri);
    if (to === undefined) return uri;
    if (prefix === undefined || to.prefix.toLowerCase() !== prefix) return absolutePath(uri);
    const parts = smallDrive(to.path).split('/');
    let same = 0;
    while (same < folders.length && same < parts.length - 1 && folders[same] === parts[same]) same++;
    // Another drive: no number of steps up leads there.
    if (same <= 1 && folders.length > 1 && /^[a-z]:$/.test(parts[1] ?? '')) return absolutePath(uri);
    return '../'.repeat(folders.length - same) + parts.slice(same).join('/');
  };
}

/** The path of a `file:` URI as a person writes it; other URIs as they are. */
export function absolutePath(uri: string): string {
  const parts = splitUri(uri);
  if (parts?.prefix.startsWith('file:') !== true) return uri;
  const host = parts.prefix.slice('file://'.length);
  if (host !== '') return `//${host}${parts.path}`;
  return /^\/[A-Za-z]:/.test(parts.path) ? parts.path.slice(1) : parts.path;
}

/** The last segment of a path or URI, decoded; of a page of a document with its number. */
export function baseName(pathOrUri: string): string {
  const { file, pages } = documentTarget(pathOrUri) ?? { file: pathOrUri };
  return pages === undefined ? lastSegment(file) : pageOf(lastSegment(file), pages.from);
}

function lastSegment(pathOrUri: string): string {
  const path = splitUri(pathOrUri)?.path ?? pathOrUri;
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

export function extensionOf(path: string): string {
  const name = lastSegment(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Scheme with authority, and the decoded path; undefined for URIs without a hierarchy. */
function splitUri(uri: string): { prefix: string; path: string } | undefined {
  const match = /^([A-Za-z][A-Za-z0-9+.-]+:\/\/[^/?#]*)(\/[^?#]*)/.exec(uri);
  if (match !== null) return { prefix: match[1]!, path: decode(match[2]!) };
  const short = /^(file:)(\/[^?#]*)/i.exec(uri);
  return short === null ? undefined : { prefix: 'file://', path: decode(short[2]!) };
}

function normalise(path: string): string {
  const parts: string[] = [];
  const isRooted = path.startsWith('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else parts.pop();
  }
  return (isRooted ? '/' : '') + parts.join('/') + (path.endsWith('/') && parts.length > 0 ? '/' : '');
}

function encodePath(path: string): string {
  return path.split('/').map(part => encodeURIComponent(part.replace(loneSurrogate, '\ufffd'))).join('/');
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
