/** Character references in paths and alt texts. */
import { decodeEntities as decoded } from '../../../paligemma/src/entities';

/** Names of HTML 5 that editors and converters write for what means something in markup. Source: WHATWG HTML, "Named character references". */
const signs: ReadonlyMap<string, string> = new Map([
  ['lcub', '{'],
  ['rcub', '}'],
  ['lbrace', '{'],
  ['rbrace', '}'],
  ['num', '#'],
  ['dollar', '$'],
  ['commat', '@'],
]);

/** Unknown references stay as they are. */
export function decodeEntities(text: string): string {
  return text.includes('&') ? decoded(text, signs) : text;
}
