import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ResponseError, type MessageConnection } from 'vscode-jsonrpc/node';
import { failureTable } from '../../../paligemma/src/failures';
import type { RunResult } from '../../../paligemma/src/runResult';
import { Client } from '../../../server/src/lsp/connection/client';
import type { DocumentKind } from '../../../server/src/lsp/connection/documentKind';
import { DocumentKinds } from '../../../server/src/lsp/documentKinds';
import { createDocument } from '../../../server/src/language/syntax/document';
import { silentLog } from '../../../server/src/util/log';
import { ManualTimers } from '../../support/manualTimers';
import { memoryConnection } from '../../support/memoryConnection';

/** A kind of document that writes down what it hears. */
class Recorded implements DocumentKind {
  readonly heard: string[] = [];
  readonly commands = {};
  readonly codeActionKinds = [];
  readonly completionTriggers = [];
  readonly features: DocumentKind['features'];

  constructor(private readonly name: string, private readonly languageIds: readonly string[], hasHover = true) {
    this.features = hasHover ? { hover: ({ textDocument }) => ({ contents: `${name}: ${textDocument.uri}` }) } : {};
  }

  accepts(languageId: string): boolean {
    return this.languageIds.includes(languageId);
  }

  didOpen({ textDocument }: Parameters<DocumentKind['didOpen']>[0]): void {
    this.heard.push(`open ${textDocument.uri}`);
  }

  didChange({ textDocument }: Parameters<DocumentKind['didChange']>[0]): void {
    this.heard.push(`change ${textDocument.uri}`);
  }

  didClose({ textDocument }: Parameters<DocumentKind['didClose']>[0]): void {
    this.heard.push(`close ${textDocument.uri}`);
  }

  resolveCompletion(item: { readonly label: string }) {
    return Promise.resolve(item.label.startsWith(this.name) ? { label: `${item.label}!` } : undefined);
  }

  editsForRenames() {
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
    const document = createDocument(`file:///${this.name}`, 1, 'text');
    return Promise.resolve([{ document, edits: [{ range, newText: 'new' }], isOpen: true }]);
  }

  filesChanged(): void {
    this.heard.push('files');
  }

  runDone(): void {
    this.heard.push('run');
  }
}

async function setUp(kinds: readonly DocumentKind[]) {
  const { server, client } = memoryConnection();
  const timers = new ManualTimers();
  const known = new Client(server, silentLog, timers);
  const documents = new DocumentKinds(known, kinds);
  known.requests.onInitialize(params => {
    known.initialize(params);
    return { capabilities: {} };
  });
  documents.listen();
  server.listen();
  client.listen();
  const inlayHint = { refreshSupport: true };
  await client.sendRequest('initialize', {
    processId: null,
    rootUri: null,
    capabilities: { workspace: { inlayHint } },
  });
  after(() => {
    client.dispose();
    server.dispose();
  });
  return { client, known, documents, timers };
}

const open = (client: MessageConnection, uri: string, languageId: string) =>
  client.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text: '' } });
const hover = (client: MessageConnection, uri: string) =>
  client.sendRequest('textDocument/hover', { textDocument: { uri }, position: { line: 0, character: 0 } });

test('a document belongs to the first kind that accepts it, and no other kind hears of it', async () => {
  const kinds = [new Recorded('a', ['x']), new Recorded('b', ['x', 'y']), new Recorded('c', ['jsonl'])];
  const { client } = await setUp(kinds);
  for (const languageId of ['x', 'y', 'jsonl', 'unknown']) await open(client, `file:///${languageId}`, languageId);
  for (const languageId of ['x', 'y', 'jsonl', 'unknown']) {
    const textDocument = { uri: `file:///${languageId}`, version: 2 };
    await client.sendNotification('textDocument/didChange', { textDocument, contentChanges: [] });
  }
  assert.deepEqual(await hover(client, 'file:///x'), { contents: 'a: file:///x' });
  assert.deepEqual(await hover(client, 'file:///y'), { contents: 'b: file:///y' });
  assert.deepEqual(await hover(client, 'file:///jsonl'), { contents: 'c: file:///jsonl' });
  assert.equal(await hover(client, 'file:///unknown'), null);
  await client.sendNotification('textDocument/didClose', { textDocument: { uri: 'file:///y' } });
  assert.equal(await hover(client, 'file:///y'), null, 'a closed document is nobody’s');
  await open(client, 'file:///y', 'jsonl');
  assert.deepEqual(await hover(client, 'file:///y'), { contents: 'c: file:///y' }, 'its language is another one now');
  assert.deepEqual(kinds.map(({ heard }) => heard), [
    ['open file:///x', 'change file:///x'],
    ['open file:///y', 'change file:///y', 'close file:///y'],
    ['open file:///jsonl', 'change file:///jsonl', 'open file:///y'],
  ]);
});

test('what a kind does not know is answered as clients expect it', async () => {
  const { client } = await setUp([new Recorded('a', ['x'], false)]);
  await open(client, 'file:///x', 'x');
  const textDocument = { uri: 'file:///x' };
  assert.equal(await hover(client, 'file:///x'), null);
  assert.deepEqual(await client.sendRequest('textDocument/semanticTokens/full', { textDocument }), { data: [] });
  assert.deepEqual(await client.sendRequest('textDocument/diagnostic', { textDocument }), { kind: 'full', items: [] });
  await assert.rejects(
    client.sendRequest('textDocument/hover', {}),
    (error: unknown) =>
      error instanceof ResponseError && error.code === failureTable.badArgument.code
      && /textDocument\/hover names no document/.test(error.message),
  );
});

test('what concerns the whole workspace reaches every kind, and their edits go out as one', async () => {
  const kinds = [new Recorded('a', ['x']), new Recorded('b', ['y'])];
  const { client, documents } = await setUp(kinds);
  await client.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });
  const edit = await client.sendRequest<{ changes: Record<string, unknown> }>('workspace/willRenameFiles', {
    files: [],
  });
  assert.deepEqual(Object.keys(edit.changes), ['file:///a', 'file:///b']);
  documents.runDone({ fromStore: false } as RunResult);
  assert.deepEqual(kinds.map(({ heard }) => heard), [['files', 'run'], ['files', 'run']]);
  for (const [label, resolved] of [['a1', 'a1!'], ['b1', 'b1!'], ['c1', 'c1']]) {
    assert.deepEqual(await client.sendRequest('completionItem/resolve', { label }), { label: resolved });
  }
});

test('however many kinds have something new, the client is asked for its hints once in an interval', async () => {
  const { client, known, timers } = await setUp([]);
  let asked = 0;
  client.onRequest('workspace/inlayHint/refresh', () => {
    asked++;
    return null;
  });
  for (let round = 0; round < 10; round++) {
    known.refresher.request('inlayHints');
    known.refresher.request('inlayHints');
    timers.advance(15);
  }
  // One round trip: what was sent before it has arrived.
  await hover(client, 'file:///none');
  assert.equal(asked, 1, 'all within 150 ms');
});
