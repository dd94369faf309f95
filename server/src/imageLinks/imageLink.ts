/** A picture that a document links to, and where its alt text stands. */

/** Half open, in UTF-16 units from the start of the document. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Rules by which alt text is written; see `altEdit`. */
export type AltSyntax =
  | 'markdown'
  | 'mdx'
  | 'html'
  | 'htmlInMarkdown'
  | 'svelte'
  | 'scriptDouble'
  | 'scriptSingle'
  | 'asciidocBlock'
  | 'asciidocInline'
  | 'rst'
  | 'latex';

export type LinkKind = 'markdown' | 'html' | 'jsx' | 'asciidoc' | 'rst' | 'latex' | 'css' | 'string';

/** Where alt text goes, and what has to stand around it there. */
export interface AltSlot {
  /** What is replaced: the alt text that is there, or an empty span where it is missing. */
  readonly range: Span;
  readonly before: string;
  readonly after: string;
  readonly syntax: AltSyntax;
}

export interface ImageLink {
  readonly kind: LinkKind;
  /** The whole construct: the cursor is "on the link" inside of it. */
  readonly range: Span;
  /** The path or URI as the language means it: escapes and entities resolved, percent-encoding kept. */
  readonly target: string;
  readonly targetRange: Span;
  /**
   * Plain text; undefined where it is missing. The empty string is written on purpose, for decoration, except in
   * Markdown.
   */
  readonly alt: string | undefined;
  /** Undefined where alt text has no place (CSS, a second address) or is computed by an expression. */
  readonly altSlot: AltSlot | undefined;
  /** Folders, as the document writes them, that the target is relative to; the document's own where there are none. */
  readonly bases?: readonly string[];
  /** True for LaTeX, where the path may lack its extension. */
  readonly mayLackExtension?: true;
}

/** Looks for marks from ever later places in one pass: what was found, or not, is remembered. */
export class Finder {
  private readonly found = new Map<string, { readonly from: number; readonly at: number }>();
  private budget: number;

  constructor(private readonly text: string) {
    this.budget = 50 * text.length + 100_000;
  }

  /** First place of `mark` at or after `from`; the length of the text where there is none. */
  next(mark: string, from: number): number {
    const known = this.found.get(mark);
    if (known !== undefined && known.from <= from && from <= known.at) return known.at;
    const index = this.text.indexOf(mark, from);
    const at = index < 0 ? this.text.length : index;
    this.found.set(mark, { from, at });
    return at;
  }

  /**
   * Look-aheads that no memory can save (nested braces) draw on this; false once a file has had far more than any real
   * one.
   */
  spend(characters: number): boolean {
    this.budget -= characters;
    return this.budget > 0;
  }
}

const imageExtension = /\.(?:png|jpe?g|jpe|jfif|webp|gif|bmp|tiff?|avif|hei[cf]|svg|p[bgpn]m|tga)$/i;

/** True for a path or URI that ends like a picture; a query or fragment behind it does not matter. */
export function looksLikeImage(target: string): boolean {
  return imageExtension.test(target.replace(/[?#].*$/s, '')) || imageExtension.test(target);
}
