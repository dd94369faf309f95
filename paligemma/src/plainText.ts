/** What of an answer's text may leave for a page, a line of a file or a document: one rule for every writer. */

/**
 * What may stand in a text and yet controls a terminal, ends a line, turns the direction of text around it or is half a
 * character: control characters (C0, C1), line and paragraph separators, marks that embed, override or isolate a
 * direction, byte order marks, surrogates.
 * Source: Unicode 17, categories Cc, Cs, Zl and Zp; Unicode Standard Annex 9, sections 2.1 to 2.4, for the marks.
 */
const wild = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** The text with each such character as `write` has it. */
export function tamed(text: string, write: (character: string) => string): string {
  return text.replace(wild, write);
}

/**
 * A text from outside for a person: on one line, with each such character written as in JSON (`\\n`, `\\u001b`);
 * backslashes stay as they are. So it may be done twice, and to a line of JSON.
 */
export function tameText(text: string): string {
  return tamed(text, escaped);
}

/** The same of a text of several lines that are its own. */
export function tameLines(text: string): string {
  return text.split('\n').map(tameText).join('\n');
}

/** The same of a record of a log: one line, but for those of a stack, which are indented as V8 writes them. */
export function tameRecord(text: string): string {
  return text.split(/\r?\n(?=\s+at )/).map(tameText).join('\n');
}

function escaped(character: string): string {
  const written = JSON.stringify(character).slice(1, -1);
  return written === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : written;
}

/** Runs of white space as one space, none at the ends. */
export function oneSpaced(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * Text with its own line ends, as `\n`, and without what would change the text around it or not be shown: control
 * characters (C0, C1) but tabs, marks that embed, override or isolate a direction, byte order marks, and halves of
 * characters.
 * Source: Unicode 17, categories Cc and Cs; Unicode Standard Annex 9, sections 2.1 to 2.4, for the marks.
 */
export function plainText(text: string): string {
  return text.replace(/\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g, '\n').replace(
    /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu,
    '',
  );
}

/** The same on one line. */
export function plainLine(text: string): string {
  return oneSpaced(plainText(text));
}
