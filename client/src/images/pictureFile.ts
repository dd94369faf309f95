/** Addresses of pictures that come from outside of the editor, for example with a drop. Free of the editor. */
import { machineOfUri } from '../../../paligemma/src/otherMachines';
import { isImagePath } from '../../../paligemma/src/pictureTypes';
import { parseUrl } from '../../../paligemma/src/urls';

/**
 * The `file:` URI of a picture; undefined for other addresses, and for files of a machine that nothing in `opened` lies
 * on: whoever wrote the address chose that machine, not the person.
 * @param opened URIs of what the person has opened.
 */
export function pictureFileOf(uri: string, opened: readonly string[]): string | undefined {
  const url = parseUrl(uri);
  if (url?.protocol !== 'file:' || !isImagePath(url.pathname)) return undefined;
  const machine = machineOfUri(uri);
  return machine === undefined || opened.some(each => machineOfUri(each) === machine) ? uri.trim() : undefined;
}
