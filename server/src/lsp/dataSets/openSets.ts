/** Open files that may be data sets, kept up to date edit by edit, and which of their lines are looked at. */
import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from 'vscode-languageserver/node';
import { SetDocument } from '../../language/dataSets/setDocument';
import type { PositionEncoding } from '../../language/text/encoding';

/** From, and up to but without. */
export interface LineSpan {
  readonly from: number;
  readonly to: number;
}

/** What a client is told of first where it does not say what its person sees. */
const FIRST_SEEN = 500;
const AROUND = 100;

export class OpenSets {
  private readonly open = new Map<string, { readonly document: SetDocument; seen: LineSpan }>();

  constructor(private readonly encoding: () => PositionEncoding) {}

  /** Whatever it is by now: a file can become a data set, and stop being one. */
  opened(uri: string): SetDocument | undefined {
    return this.open.get(uri)?.document;
  }

  /** Undefined for what is no data set, or too large to be read. */
  dataSet(uri: string): SetDocument | undefined {
    const document = this.opened(uri);
    return document?.isDataSet === true ? document : undefined;
  }

  all(): SetDocument[] {
    return [...this.open.values()].map(({ document }) => document);
  }

  didOpen({ textDocument: { uri, version, text } }: DidOpenTextDocumentParams): SetDocument {
    const document = new SetDocument(uri, version, text);
    this.open.set(uri, { document, seen: { from: 0, to: FIRST_SEEN } });
    return document;
  }

  didChange(
    { textDocument: { uri, version }, contentChanges }: DidChangeTextDocumentParams,
  ): SetDocument | undefined {
    const document = this.opened(uri);
    if (document !== undefined) this.see(uri, document.change(contentChanges, version, this.encoding()));
    return document;
  }

  didClose({ textDocument: { uri } }: DidCloseTextDocumentParams): void {
    this.open.delete(uri);
  }

  /** Lines that the person looks at or works in. @returns whether they are others than before. */
  see(uri: string, { from, to }: LineSpan): boolean {
    const entry = this.open.get(uri);
    if (entry === undefined || (entry.seen.from <= from && to <= entry.seen.to)) return false;
    const start = Math.max(0, from - AROUND);
    const seen = { from: start, to: Math.min(to + AROUND, start + FIRST_SEEN) };
    // More lines than are looked at can be asked for again and again.
    const isOther = seen.from !== entry.seen.from || seen.to !== entry.seen.to;
    entry.seen = seen;
    return isOther;
  }

  /** Lines in view, with some around them. */
  seen(uri: string): LineSpan {
    return this.open.get(uri)?.seen ?? { from: 0, to: 0 };
  }
}
