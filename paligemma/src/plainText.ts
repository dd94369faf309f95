/** What of an answer's text may leave for a page, a line of a file or a document: one rule for every writer. */

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
