import { decimal } from '../../../paligemma/src/words';
import type { Translate } from '../../../paligemma/src/translate';

/** Bytes as people read them, in powers of 1000. Free of the editor. */
export function sizeText(bytes: number, t: Translate): string {
  if (bytes >= 1e9) return t('{0} GB', decimal((bytes / 1e9).toFixed(1), t));
  return t('{0} MB', decimal((bytes / 1e6).toFixed(bytes >= 1e7 ? 0 : 1), t));
}
