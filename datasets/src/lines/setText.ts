/** The texts of a line of a data set, and what it can lack. */

export type JsonPath = readonly (string | number)[];

/** A text of a line, and where it stands: what edits, draws and judges it goes by this. */
export interface SetText {
  readonly value: string;
  /** Of the string that holds it, in the line's object. */
  readonly path: JsonPath;
  /** UTF-16 units of that string in front of `value`: the `<image>` of a message. 0 elsewhere. */
  readonly skipped: number;
}

export type LineFault =
  | { readonly kind: 'notJson' }
  | { readonly kind: 'notObject' }
  /** `keys`: any one of them would do. */
  | { readonly kind: 'missing'; readonly what: 'image' | 'prefix' | 'suffix'; readonly keys: readonly string[] }
  | { readonly kind: 'notText'; readonly path: JsonPath }
  /** More than one question and one answer, or an order that is none. */
  | { readonly kind: 'turns'; readonly path: JsonPath };
