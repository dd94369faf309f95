/**
 * Paths that lead to another machine. To open one on Windows sends that machine the name and the password hash of whoever
 * is logged in, so nothing but a person names them. They are read alike on every system: a document means the same
 * everywhere.
 */
import { parseUrl } from './urls';

/**
 * The machine that a path names, in small letters: `\\Host\share`, `//host/share`, `\\?\UNC\host\share`, with slashes of
 * both kinds; `?` and `.` for devices. Undefined for a path of this machine.
 * Source: Microsoft, "File path formats on Windows systems".
 */
export function machineOfPath(path: string): string | undefined {
  return /^[\\/]{2}(?:[?.][\\/]UNC[\\/])?([^\\/]*)/i.exec(path)?.[1]?.toLowerCase();
}

/** The same of a `file:` URI; undefined for other addresses. */
export function machineOfUri(uri: string): string | undefined {
  const url = parseUrl(uri);
  if (url?.protocol !== 'file:') return undefined;
  return url.hostname === '' ? machineOfPath(decoded(url.pathname)) : url.hostname.toLowerCase();
}

/** `file:///%5Chost/share` begins with two slashes as well, to who decodes it before looking. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The same of a path as documents, lists and settings write it, which may be a `file:` URI. */
export function machineOf(written: string): string | undefined {
  return /^\s*file:/i.test(written) ? machineOfUri(written) : machineOfPath(written);
}

/**
 * Whether something written would be opened on a machine that nothing else is on.
 * @param machine That it names, as the functions above tell it.
 * @param known Machines of what names it: the document, the workspace, the home folder.
 */
export function isElsewhere(machine: string | undefined, known: readonly (string | undefined)[]): boolean {
  return machine !== undefined && !known.includes(machine);
}
