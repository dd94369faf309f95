/**
 * Which pictures a command means: what was selected in a menu, else the picture in front of the person. Free of the
 * editor.
 */
import { isImagePath } from '../../../paligemma/src/pictureTypes';

/** The part of a `vscode.Uri` that is looked at. */
export interface UriLike {
  readonly scheme: string;
  readonly path: string;
  /** Which page of a document. */
  readonly fragment?: string;
}

export type ImageTargets<U> =
  | { readonly kind: 'images'; readonly uris: readonly U[] }
  /** Nothing was named and no picture is open: the person is asked for files. */
  | { readonly kind: 'pick' }
  /** Things were named, and none of them is a picture. */
  | { readonly kind: 'none' };

/**
 * Menus call a command with the item under the pointer and, in the Explorer, with everything selected; the palette
 * calls it with nothing.
 * @param args What the command was called with, whatever that is: keybindings and other extensions may pass anything.
 * @param active The resource of the active editor tab.
 */
export function imageTargets<U extends UriLike>(args: readonly unknown[], active: U | undefined): ImageTargets<U> {
  const named = namedUris<U>(args);
  if (named.length > 0) {
    const uris = withoutDuplicates(named.filter(uri => isImagePath(uri.path)));
    return uris.length > 0 ? { kind: 'images', uris } : { kind: 'none' };
  }
  return active !== undefined && isImagePath(active.path) ? { kind: 'images', uris: [active] } : { kind: 'pick' };
}

/** What was named and is no picture by its name, each once: some of it may be folders. */
export function otherTargets<U extends UriLike>(args: readonly unknown[]): U[] {
  return withoutDuplicates(namedUris<U>(args).filter(uri => !isImagePath(uri.path)));
}

/**
 * Editor title menus pass an object of their own in second place, so only arrays count as a selection; for a view of
 * ours they pass its page, not its picture.
 */
function namedUris<U extends UriLike>([first, second]: readonly unknown[]): U[] {
  const selection = Array.isArray(second) ? second.filter(isUri<U>) : [];
  if (selection.length > 0) return selection;
  if (Array.isArray(first)) return first.filter(isUri<U>);
  return isUri<U>(first) ? [first] : [];
}

function withoutDuplicates<U extends UriLike>(uris: readonly U[]): U[] {
  return [...new Map(uris.map(uri => [`${uri.scheme}:${uri.path}#${uri.fragment ?? ''}`, uri])).values()];
}

function isUri<U extends UriLike>(value: unknown): value is U {
  return typeof value === 'object' && value !== null
    && 'scheme' in value && typeof value.scheme === 'string' && value.scheme !== 'webview-panel' && 'path' in value
    && typeof value.path === 'string';
}
