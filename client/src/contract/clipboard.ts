/** Messages between the extension and the page that reads a picture from the clipboard. */

/** Extension → page. Sent once, in answer to `ready`; the page tries to read at once. */
export interface ToClipboardPage {
  readonly type: 'read';
  /** Title of the page. */
  readonly title: string;
  /** What the page shows where the browser wants a person's own hand. */
  readonly instruction: string;
  readonly button: string;
}

/** Page → extension. `ready` comes first. */
export type FromClipboardPage =
  | { readonly type: 'ready' }
  | { readonly type: 'image'; readonly mimeType: string; readonly bytes: ArrayBuffer }
  /** The clipboard could be read and holds no picture. */
  | { readonly type: 'noImage' };
