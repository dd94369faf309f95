/** An editor of prompt files without a window: opens, types, asks, and keeps what the server sends. */
import type { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeAction, Diagnostic, InlayHint, Position, Range, WorkspaceEdit } from 'vscode-languageserver-types';
import { LspClient, type LspClientOptions } from './lspClient';

interface ApplyEdit {
  readonly edit: WorkspaceEdit;
}

/** What an editor with everything can do, without pulling diagnostics. */
export const fullCapabilities = {
  general: { positionEncodings: ['utf-16'], markdown: { parser: 'marked', version: '1.1.0' } },
  window: { workDoneProgress: true, showDocument: { support: true } },
  workspace: {
    applyEdit: true,
    workspaceEdit: { documentChanges: true },
    inlayHint: { refreshSupport: true },
    codeLens: { refreshSupport: true },
    semanticTokens: { refreshSupport: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    fileOperations: { willRename: true, didRename: true },
  },
  textDocument: {
    completion: { completionItem: { snippetSupport: true } },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    inlayHint: {},
    codeLens: {},
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
  },
} as const;

export const pullingCapabilities = {
  ...fullCapabilities,
  workspace: { ...fullCapabilities.workspace, diagnostics: { refreshSupport: true } },
  textDocument: { ...fullCapabilities.textDocument, diagnostic: {} },
} as const;

export interface PromptEditorOptions extends LspClientOptions {
  /** Folder that is the workspace. */
  readonly root: string;
}

interface Sent {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Something that the server sent; who waits for it looks at everything so far first. */
class Received<T> {
  readonly all: T[] = [];
  private readonly waiters = new Set<() => void>();

  add(value: T): void {
    this.all.push(value);
    for (const look of this.waiters) look();
  }

  /** The first one behind `from` that fits. */
  next(fits: (value: T) => boolean, from = 0): Promise<T> {
    return new Promise(resolve => {
      const look = () => {
        const found = this.all.slice(from).find(fits);
        if (found === undefined) return;
        this.waiters.delete(look);
        resolve(found);
      };
      this.waiters.add(look);
      look();
    });
  }
}

export class PromptEditor {
  readonly sent = new Received<Sent>();
  readonly refreshes = new Received<string>();
  readonly edits = new Received<WorkspaceEdit>();
  readonly registrations = new Received<string>();
  readonly shown: string[] = [];
  private readonly versions = new Map<string, number>();
  client!: LspClient;

  private constructor(private readonly root: string) {}

  static async start(options: PromptEditorOptions): Promise<PromptEditor> {
    const editor = new PromptEditor(options.root);
    editor.client = await LspClient.start({
      capabilities: fullCapabilities,
      workspaceFolders: [pathToFileURL(options.root).href],
      ...options,
      prepare: connection => {
        connection.onNotification('textDocument/publishDiagnostics', (params: Sent) => editor.sent.add(params));
        for (const kind of ['inlayHint', 'codeLens', 'semanticTokens', 'diagnostic']) {
          connection.onRequest(`workspace/${kind}/refresh`, () => {
            editor.refreshes.add(kind);
            return null;
          });
        }
        connection.onRequest('workspace/applyEdit', ({ edit }: ApplyEdit) => {
          editor.edits.add(edit);
          return { applied: true };
        });
        connection.onRequest('window/showDocument', ({ uri }: { readonly uri: string }) => {
          editor.shown.push(uri);
          return { success: true };
        });
        connection.onRequest(
          'client/registerCapability',
          ({ registrations }: { readonly registrations: readonly { readonly method: string }[] }) => {
            for (const { method } of registrations) editor.registrations.add(method);
            return null;
          },
        );
      },
    });
    return editor;
  }

  uri(name: string): string {
    return pathToFileURL(path.join(this.root, name)).href;
  }

  write(name: string, content: string | Buffer): string {
    writeFileSync(path.join(this.root, name), content);
    return this.uri(name);
  }

  /** Opens a text that need not be on disk. */
  async open(uri: string, text: string, languageId = 'paligemma'): Promise<string> {
    this.versions.set(uri, 1);
    await this.client.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId, version: 1, text },
    });
    return uri;
  }

  /** @returns the new version. */
  async change(
    uri: string,
    contentChanges: readonly { readonly range?: Range; readonly text: string }[],
  ): Promise<number> {
    const version = (this.versions.get(uri) ?? 0) + 1;
    this.versions.set(uri, version);
    await this.client.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
    return version;
  }

  async close(uri: string): Promise<void> {
    await this.client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** The next diagnostics of a document that fit, sent from now on or behind `from`. */
  async diagnostics(
    uri: string,
    fits: (diagnostics: readonly Diagnostic[], version: number | undefined) => boolean,
    from = 0,
  ): Promise<readonly Diagnostic[]> {
    const { diagnostics } = await this.sent.next(
      each => each.uri === uri && fits(each.diagnostics, each.version),
      from,
    );
    return diagnostics;
  }

  ask<T>(method: string, uri: string, more: object = {}): Promise<T> {
    return this.client.connection.sendRequest(`textDocument/${method}`, { textDocument: { uri }, ...more });
  }

  command<T>(command: string, ...args: unknown[]): Promise<T> {
    return this.client.connection.sendRequest('workspace/executeCommand', { command, arguments: args });
  }

  async hints(uri: string): Promise<readonly string[]> {
    const hints = await this.ask<InlayHint[]>('inlayHint', uri, { range: wholeText });
    return hints.map(({ label }) => (typeof label === 'string' ? label : label.map(part => part.value).join('')));
  }

  /** Asks for hints after each refresh, and now, until they fit. */
  async hintsUntil(uri: string, fits: (labels: readonly string[]) => boolean): Promise<readonly string[]> {
    for (;;) {
      const from = this.refreshes.all.length;
      const labels = await this.hints(uri);
      if (fits(labels)) return labels;
      await this.refreshes.next(kind => kind === 'inlayHint', from);
    }
  }

  actions(
    uri: string,
    range: Range,
    diagnostics: readonly Diagnostic[] = [],
    only?: readonly string[],
  ): Promise<CodeAction[]> {
    return this.ask('codeAction', uri, { range, context: { diagnostics, ...(only === undefined ? {} : { only }) } });
  }

  stop(): Promise<number | null> {
    return this.client.stop();
  }
}

export const wholeText: Range = { start: { line: 0, character: 0 }, end: { line: 1_000_000, character: 0 } };

export function at(line: number, character: number): { readonly position: Position } {
  return { position: { line, character } };
}

export function span(line: number, start: number, end: number): Range {
  return { start: { line, character: start }, end: { line, character: end } };
}

export function codesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code }) => String(code));
}

/** The text of a finding's message; empty where there is no such finding. */
export function messageText(diagnostic: Diagnostic | undefined): string {
  const message = diagnostic?.message ?? '';
  return typeof message === 'string' ? message : message.value;
}
