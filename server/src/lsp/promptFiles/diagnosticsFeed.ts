/** Diagnostics of open prompt files: sent where the client does not ask for them, answered where it does. */
import {
  DocumentDiagnosticReportKind,
  type Connection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type Range,
} from 'vscode-languageserver/node';
import type { ClientAbilities } from '../clientAbilities';
import type { Documents } from './documents';
import type { LanguageContext } from '../../language/knowledge/context';
import { diagnose } from '../../language/findings/diagnostics';
import type { PromptDocument } from '../../language/syntax/document';
import { encodePositions } from '../../language/text/encoding';
import type { Refresher } from '../refresher';
import type { Timers } from '../../util/timers';

/** Keystrokes within this time are checked once. It is counted from the first one, so it never grows with typing. */
const DELAY_MS = 20;

export interface DiagnosticsOptions {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly context: LanguageContext;
  readonly abilities: () => ClientAbilities;
  readonly refresher: Refresher;
  readonly timers: Timers;
}

interface Sent {
  readonly version: number;
  readonly items: readonly Diagnostic[];
}

export class DiagnosticsFeed {
  private readonly due = new Set<string>();
  private isArmed = false;
  private readonly sent = new Map<string, Sent>();
  private readonly pulled = new Map<string, { readonly id: string; readonly items: readonly Diagnostic[] }>();
  private counter = 0;

  constructor(private readonly options: DiagnosticsOptions) {}

  /** The text of a document is another one. A client that asks does so by itself. */
  textChanged(uri: string): void {
    if (!this.options.abilities().pullsDiagnostics) this.schedule([uri]);
  }

  /** Something else that diagnostics speak of: files, models, runs. */
  surroundingsChanged(): void {
    const { abilities, refresher, documents } = this.options;
    if (abilities().pullsDiagnostics) refresher.request('diagnostics');
    else this.schedule([...documents.all()].map(document => document.uri));
  }

  closed(uri: string): void {
    this.pulled.delete(uri);
    this.sent.delete(uri);
    this.due.delete(uri);
    if (!this.options.abilities().pullsDiagnostics) this.send(uri, undefined, []);
  }

  /** The answer to `textDocument/diagnostic`. */
  report(uri: string, previousResultId: string | undefined): DocumentDiagnosticReport {
    const document = this.options.documents.parsed(uri);
    if (document === undefined) return { kind: DocumentDiagnosticReportKind.Full, items: [] };
    const items = this.diagnosticsOf(document);
    const last = this.pulled.get(uri);
    if (last !== undefined && last.id === previousResultId && areSame(last.items, items)) {
      return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: last.id };
    }
    const id = String(++this.counter);
    this.pulled.set(uri, { id, items });
    return { kind: DocumentDiagnosticReportKind.Full, resultId: id, items };
  }

  private schedule(uris: readonly string[]): void {
    for (const uri of uris) this.due.add(uri);
    if (this.isArmed || this.due.size === 0) return;
    this.isArmed = true;
    this.options.timers.after(DELAY_MS, () => {
      this.isArmed = false;
      const due = [...this.due];
      this.due.clear();
      for (const uri of due) this.check(uri);
    });
  }

  private check(uri: string): void {
    const document = this.options.documents.parsed(uri);
    if (document === undefined) return;
    const diagnostics = this.diagnosticsOf(document);
    const last = this.sent.get(uri);
    if (last?.version === document.version && areSame(last.items, diagnostics)) return;
    this.sent.set(uri, { version: document.version, items: diagnostics });
    this.send(uri, document.version, diagnostics);
  }

  private send(uri: string, version: number | undefined, diagnostics: Diagnostic[]): void {
    void this.options.connection.sendDiagnostics({ uri, diagnostics, ...(version === undefined ? {} : { version }) })
      .catch(() => undefined);
  }

  private diagnosticsOf(document: PromptDocument): Diagnostic[] {
    return encodePositions(diagnose(document, this.options.context), document.lines, this.options.abilities().encoding);
  }
}

/** By hand: writing thousands of diagnostics as JSON to compare them takes longer than finding them. */
function areSame(a: readonly Diagnostic[], b: readonly Diagnostic[]): boolean {
  return a.length === b.length && a.every((left, index) => {
    const right = b[index];
    return right !== undefined && left.code === right.code && left.message === right.message
      && left.severity === right.severity
      && isSamePlace(left.range, right.range) && relatedText(left) === relatedText(right);
  });
}

function isSamePlace({ start, end }: Range, other: Range): boolean {
  return start.line === other.start.line && start.character === other.start.character && end.line === other.end.line
    && end.character === other.end.character;
}

function relatedText({ relatedInformation }: Diagnostic): string {
  return relatedInformation === undefined ? '' : JSON.stringify(relatedInformation);
}
