/** Text of a tooltip. Free of the editor. */
import { plainLine } from '../../../paligemma/src/plainText';

const MAX_CHARACTERS = 200;

/** A caption on one line, of bounded length. */
export function tooltipOf(caption: string): string {
  const characters = Array.from(
    new Intl.Segmenter().segment(plainLine(caption)),
    ({ segment }) => segment,
  );
  return characters.length <= MAX_CHARACTERS
    ? characters.join('')
    : `${characters.slice(0, MAX_CHARACTERS - 1).join('').trimEnd()}…`;
}
