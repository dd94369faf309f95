/** Text of right-to-left scripts among other text. */

/** FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE. Source: Unicode Standard Annex 9, section 2.4. */
const [ISOLATE, POP] = ['\u2068', '\u2069'];
const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/**
 * A text that keeps its own direction and leaves numbers and separators beside it in their place. Other texts come back
 * as they are. For hovers only: in the lines of a text editor the marks themselves would be drawn.
 */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `${ISOLATE}${text}${POP}` : text;
}
