/**
 * The open documents: each belongs to one kind, which hears of its changes and answers the requests about it. A new
 * kind is a folder beside the others and a line in `server.ts`.
 */
import * as l10n from '@vscode/l10n';
import {
  CodeLensResolveRequest,
  CompletionResolveRequest,
  WillRenameFilesRequest,
  type CancellationToken,
} from 'vscode-languageserver/node';
import { Failure } from '../../../paligemma/src/failures';
import type { RunResult } from '../../../paligemma/src/runResult';
import type { ImagesAtParams, ImagesAtResult } from '../contract/imageLinks';
import type { Client } from './connection/client';
import { featureRequests, type DocumentKind, type FeatureName, type InDocument } from './connection/documentKind';
import { workspaceEdit, type DocumentEdits } from './connection/workspaceEdits';

type AnyFeatures = { readonly [N in FeatureName]?: (params: InDocument, token: CancellationToken) => unknown };

/** What a client expects instead of null where there is nothing to tell. */
const nothing: { readonly [N in FeatureName]?: unknown } = {
  semanticTokens: { data: [] },
  semanticTokensDelta: { data: [] },
  semanticTokensRange: { data: [] },
  diagnostics: { kind: 'full', items: [] },
};

export class DocumentKinds {
  private readonly open = new Map<string, DocumentKind>();

  /** `kinds`: a document that several of them accept belongs to the first. */
  constructor(private readonly client: Client, private readonly kinds: readonly DocumentKind[]) {}

  /** Call before the connection listens. */
  listen(): void {
    this.followDocuments();
    this.followFiles();
    for (const name of Object.keys(featureRequests) as FeatureName[]) this.answer(name);
    this.client.requests.on(CompletionResolveRequest.type, async (item, token) => {
      for (const kind of this.kinds) {
        const resolved = await kind.resolveCompletion?.(item, token);
        if (resolved !== undefined) return resolved;
      }
      return item;
    });
    this.client.requests.on(
      CodeLensResolveRequest.type,
      lens => this.kinds.map(kind => kind.resolveCodeLens?.(lens)).find(resolved => resolved !== undefined) ?? lens,
    );
  }

  /** Call after `initialized`. */
  start(): void {
    for (const kind of this.kinds) void kind.start?.();
  }

  /** Call when a run is done, whoever asked for it. */
  runDone(result: RunResult): void {
    for (const kind of this.kinds) kind.runDone?.(result);
  }

  /** Undefined for a document of no kind, or of one that has no pictures. */
  imagesAt(place: ImagesAtParams, token: CancellationToken): Promise<ImagesAtResult> | undefined {
    return this.open.get(place.documentUri)?.imagesAt?.(place, token);
  }

  private followDocuments(): void {
    const { connection } = this.client;
    connection.onDidOpenTextDocument(params => {
      const { languageId, uri } = params.textDocument;
      const kind = this.kinds.find(each => each.accepts(languageId, uri));
      if (kind === undefined) return;
      this.open.set(uri, kind);
      kind.didOpen(params);
    });
    connection.onDidChangeTextDocument(params => this.open.get(params.textDocument.uri)?.didChange(params));
    connection.onDidCloseTextDocument(params => {
      const { uri } = params.textDocument;
      this.open.get(uri)?.didClose(params);
      this.open.delete(uri);
    });
  }

  private followFiles(): void {
    const { connection, requests } = this.client;
    const filesChanged = () => {
      for (const kind of this.kinds) kind.filesChanged?.();
    };
    connection.onDidChangeWatchedFiles(filesChanged);
    connection.workspace.onDidRenameFiles(filesChanged);
    requests.on(WillRenameFilesRequest.type, async ({ files }) => {
      const edits: DocumentEdits[] = [];
      for (const kind of this.kinds) edits.push(...await kind.editsForRenames?.(files) ?? []);
      return edits.length === 0 ? null : workspaceEdit(edits, this.client.abilities);
    });
  }

  private answer(name: FeatureName): void {
    const type = featureRequests[name];
    this.client.requests.on(type, (params, token) => {
      // The request and the feature of one name have the same parameters.
      const features = this.open.get(documentUriOf(params, type.method))?.features as AnyFeatures | undefined;
      return features?.[name]?.(params, token) ?? nothing[name] ?? null;
    });
  }
}

/** @throws Failure `badArgument` */
function documentUriOf(params: unknown, method: string): string {
  const { textDocument } = (params ?? {}) as { readonly textDocument?: { readonly uri?: unknown } | null };
  const uri = textDocument?.uri;
  if (typeof uri !== 'string') {
    throw new Failure(
      'badArgument',
      l10n.t('The request {0} names no document: it needs textDocument with its uri.', method),
    );
  }
  return uri;
}
