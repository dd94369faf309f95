/** Documents with image links: the open ones as the editor has them, others as they lie on disk. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
  Position,
  Range,
  TextDocumentContentChangeEvent,
} from 'vscode-languageserver/node';
import { fromUtf16, toUtf16, type PositionEncoding } from '../../language/text/encoding';
import { pageOf, sweptLanguage } from '../../../../paligemma/src/answers/pageLanguages';
import { readPlainFile } from '../../../../system/src/plainFile';
import { throwIfCancelled } from '../../util/cancellation';
import { imageLinks, MAX_TEXT } from '../../imageLinks/imageLinks';
import type { ImageLink } from '../../imageLinks/imageLink';
import { pathOfUri } from '../../workspace/filePaths';

export interface LinkedText {
  readonly uri: string;
  readonly languageId: string;
  /** Null: not open, the text is that of the file. */
  readonly version: number | null;
  readonly text: string;
  readonly links: readonly ImageLink[];
  positionAt(offset: number): Position;
  offsetAt(position: Position): number;
}

/** Folders of tools and of what they make; nobody writes there by hand. */
const skippedFolders = new Set([
  'node_modules',
  'dist',
  'out',
  'build',
  'target',
  'vendor',
  'coverage',
  '__pycache__',
  'bower_components',
  'venv',
  '_site',
]);
const MOST_ENTRIES = 100_000;
const MOST_TEXTS = 5_000;

export class Texts {
  private readonly open = new Map<string, { document: TextDocument; read: LinkedText | undefined }>();

  constructor(private readonly encoding: () => PositionEncoding) {}

  didOpen({ textDocument: { uri, languageId, version, text } }: DidOpenTextDocumentParams): void {
    if (pageOf(languageId, uri) !== undefined) {
      this.open.set(uri, { document: TextDocument.create(uri, languageId, version, text), read: undefined });
    }
  }

  didChange({ textDocument: { uri, version }, contentChanges }: DidChangeTextDocumentParams): void {
    const entry = this.open.get(uri);
    if (entry === undefined) return;
    for (const change of contentChanges) {
      entry.document = TextDocument.update(entry.document, [this.decode(entry.document, change)], version);
    }
    entry.read = undefined;
  }

  didClose({ textDocument: { uri } }: DidCloseTextDocumentParams): void {
    this.open.delete(uri);
  }

  openUris(): string[] {
    return [...this.open.keys()];
  }

  /** An open document of a language with image links. */
  opened(uri: string): LinkedText | undefined {
    const entry = this.open.get(uri);
    if (entry === undefined) return undefined;
    entry.read ??= this.linked(entry.document, entry.document.version);
    return entry.read;
  }

  /** The document as it is now, open or not; undefined where it has no image links or cannot be read. */
  async current(uri: string): Promise<LinkedText | undefined> {
    const opened = this.opened(uri);
    if (opened !== undefined) return opened;
    const file = pathOfUri(uri);
    const languageId = file === undefined ? undefined : sweptLanguage(path.basename(file));
    if (file === undefined || languageId === undefined) return undefined;
    try {
      const bytes = await readPlainFile(file, MAX_TEXT);
      const text = bytes.toString('utf8');
      // Another encoding would not survive an edit that was computed here.
      if (!Buffer.from(text, 'utf8').equals(bytes)) return undefined;
      return this.linked(TextDocument.create(uri, languageId, 0, text.replace(/^\ufeff/, '')), null);
    } catch {
      return undefined;
    }
  }

  /** URIs of the documents in folders, the open ones among them as the client names them. @throws CancelledError */
  async inFolders(folders: readonly string[], token: CancellationToken): Promise<string[]> {
    const opened = new Map([...this.open.keys()].flatMap(uri => {
      const file = pathOfUri(uri);
      return file === undefined ? [] : [[file, uri] as const];
    }));
    const found: string[] = [];
    const waiting = [...folders];
    let entries = 0;
    for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
      throwIfCancelled(token);
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        if (++entries > MOST_ENTRIES || found.length >= MOST_TEXTS) return found;
        const place = path.join(folder, entry.name);
        // Links to folders are not followed: they may lead in a circle.
        if (entry.isDirectory()) {
          if (!entry.name.startsWith('.') && !skippedFolders.has(entry.name)) waiting.push(place);
        } else if (entry.isFile() && sweptLanguage(entry.name) !== undefined) {
          found.push(opened.get(place) ?? pathToFileURL(place).href);
        }
      }
    }
    return found;
  }

  private linked(document: TextDocument, version: number | null): LinkedText {
    const text = document.getText();
    return {
      uri: document.uri,
      languageId: document.languageId,
      version,
      text,
      links: imageLinks(text, document.languageId, document.uri),
      positionAt: offset => this.toClient(document, document.positionAt(offset)),
      offsetAt: position => document.offsetAt(this.fromClient(document, position)),
    };
  }

  private decode(document: TextDocument, change: TextDocumentContentChangeEvent): TextDocumentContentChangeEvent {
    if (!('range' in change) || this.encoding() === 'utf-16') return change;
    const range: Range = {
      start: this.fromClient(document, change.range.start),
      end: this.fromClient(document, change.range.end),
    };
    return { range, text: change.text };
  }

  private fromClient(document: TextDocument, position: Position): Position {
    return this.encoding() === 'utf-16'
      ? position
      : {
        ...toUtf16([lineOf(document, position.line)], { line: 0, character: position.character }, this.encoding()),
        line: position.line,
      };
  }

  private toClient(document: TextDocument, position: Position): Position {
    return this.encoding() === 'utf-16'
      ? position
      : {
        ...fromUtf16([lineOf(document, position.line)], { line: 0, character: position.character }, this.encoding()),
        line: position.line,
      };
  }
}

function lineOf(document: TextDocument, line: number): { readonly text: string } {
  return {
    text: document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } }).replace(
      /\r?\n$|\r$/,
      '',
    ),
  };
}
