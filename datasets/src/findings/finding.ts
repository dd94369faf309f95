/** What is wrong with a line of a data set: for the editor, the terminal and the view alike. */
import type { Span } from '../lines/lineText';

export type Severity = 'error' | 'warning' | 'hint';

/** What mends it, in the line itself. The rest of the line keeps its bytes. */
export interface LineFix {
  readonly title: string;
  readonly edits: readonly (Span & { readonly text: string })[];
}

export interface Finding extends Span {
  /** Key of the table in docs/data-set-diagnostics.md. */
  readonly code: string;
  readonly severity: Severity;
  /** What it is and what cures it, for a person. */
  readonly message: string;
  readonly fix?: LineFix;
}

/** Of a whole file. */
export interface FileFinding {
  /** From 1. */
  readonly line: number;
  readonly finding: Finding;
}
