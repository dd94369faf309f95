// The built language server: whatever goes wrong is answered, and what is said to be in the log is there.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ResponseError } from 'vscode-jsonrpc/node';
import { ErrorCodes } from 'vscode-languageserver/node';
import {
  imageCaption,
  imageHover,
  imagesAt,
  pageCount,
  picturePreview,
  pictureThumbnail,
  WRITE_ALT_TEXT,
  WRITE_MISSING_ALT_TEXT,
} from '../../server/src/contract/imageLinks';
import * as protocol from '../../server/src/contract/protocol';
import { buildFakeHost, FakeHostWatch } from '../support/fakeHostWatch';
import type { LspClient } from '../support/lspClient';
import { at, fullCapabilities, PromptEditor } from '../support/promptEditor';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('failures');
const uriOf = (name: string) => pathToFileURL(path.join(folder, name)).href;
const page = uriOf('page.md');
const prompts = uriOf('x.paligemma');
const timeout = 60_000;
const DETAILS = 'The log has the details';
let watch: FakeHostWatch;
let env: Readonly<Record<string, string>>;
const clients: LspClient[] = [];
let caches = 0;

before(async () => {
  copyFileSync(path.resolve('test/fixtures/golden/images/one-pixel.png'), path.join(folder, 'bug.png'));
  watch = await FakeHostWatch.open();
  env = { PALIGEMMA_HOST_PATH: await buildFakeHost(folder), ...watch.environment };
});
after(async () => {
  for (const { child } of clients) child.kill('SIGKILL');
  await watch.close();
});

async function start(): Promise<PromptEditor> {
  const editor = await PromptEditor.start({
    root: folder,
    env: { ...env, PALIGEMMA_CACHE: path.join(folder, `cache-${++caches}`) },
    capabilities: fullCapabilities,
  });
  clients.push(editor.client);
  await editor.open(page, '![](bug.png)\n', 'markdown');
  await editor.open(prompts, '@image bug.png\ncaption en\n');
  return editor;
}

/** Requests about open documents; every kind of document answers some of them. */
const features = [
  'completion',
  'hover',
  'signatureHelp',
  'codeLens',
  'inlayHint',
  'codeAction',
  'documentSymbol',
  'foldingRange',
  'documentLink',
  'formatting',
  'rangeFormatting',
  'selectionRange',
  'semanticTokens/full',
  'semanticTokens/full/delta',
  'semanticTokens/range',
  'diagnostic',
].map(name => `textDocument/${name}`);
const custom = [
  protocol.run,
  protocol.storedResults,
  protocol.overlay,
  protocol.downloadModel,
  protocol.verifyModel,
  protocol.removeModel,
  protocol.probeServer,
  protocol.addServer,
  imageHover,
  picturePreview,
  pictureThumbnail,
  imageCaption,
  imagesAt,
  pageCount,
].map(({ method }) => method);
const others = ['completionItem/resolve', 'workspace/executeCommand', 'workspace/willRenameFiles'];

/** Everything that a client could send by mistake. */
const mistakes: readonly object[] = [
  {},
  { textDocument: null, imageUri: 5, id: [], urls: 'x', files: 7, command: {}, data: { kind: 'image', uri: 5 } },
  ...[page, prompts].flatMap(uri =>
    [undefined, null, 5, { line: 'x' }].map(position => ({
      textDocument: { uri },
      position,
      positions: position,
      range: position,
      context: position,
      options: position,
    }))
  ),
];

/** Each failure that promises details has them in the log: what failed, with a stack. */
function assertDetails(messages: readonly string[], log: readonly string[]): void {
  for (const message of messages.filter(each => each.includes(DETAILS))) {
    const cause = /^[^:]*: (.*)\. The log has the details/s.exec(message)?.[1] ?? assert.fail(message);
    assert.ok(
      log.some(record => record.includes(cause) && /\n\s+at /.test(record)),
      `nothing in the log about “${message}”`,
    );
  }
}

test(
  'every request that is not well formed is answered, and what the log is said to hold is there',
  { timeout },
  async () => {
    const { client } = await start();
    const messages: string[] = [];
    for (const method of [...features, ...custom, ...others]) {
      for (const params of mistakes) {
        await client.connection.sendRequest(method, params).catch((error: unknown) => {
          assert.ok(error instanceof ResponseError, `${method}: ${String(error)}`);
          assert.ok(error.code !== ErrorCodes.InternalError, `${method} ${JSON.stringify(params)}: ${error.message}`);
          messages.push(error.message);
        });
      }
    }
    assert.ok(messages.length > 50);
    for (const method of features) assert.ok(messages.some(message => message.includes(method)), method);
    assertDetails(messages, client.log);
    assert.equal(await client.stop(), 0);
  },
);

test('a bug of the host says so where it is met, and its stack is in the log', { timeout }, async () => {
  const editor = await start();
  const { client } = editor;
  const imageUri = uriOf('bug.png');
  const told: string[] = [];
  const failureOf = (request: Promise<unknown>) =>
    request.then(
      answer => assert.fail(JSON.stringify(answer)),
      (error: unknown) => void told.push((error as Error).message),
    );
  await failureOf(client.connection.sendRequest(picturePreview, { imageUri }));
  const hover = await client.connection.sendRequest(imageHover, { documentUri: page, target: 'bug.png' });
  told.push(hover?.markdown ?? '');
  for (const [uri, place] of [[page, at(0, 6)], [prompts, at(0, 9)]] as const) {
    const { contents } = await editor.ask<{ readonly contents: { readonly value: string } }>('hover', uri, place);
    told.push(contents.value);
  }
  const { outcomes: [outcome] } = await client.run({ imageUris: [imageUri], prompt: 'ocr' });
  told.push(outcome !== undefined && 'error' in outcome ? outcome.error.message : '');
  const before = client.messages.length;
  await editor.command(WRITE_ALT_TEXT, { uri: page, offset: 0, written: '![](bug.png)', style: 'caption' });
  await editor.command(WRITE_MISSING_ALT_TEXT, { uri: page });
  told.push(...client.messages.slice(before).map(({ message }) => message));
  assert.equal(told.length, 7);
  for (const text of told) assert.match(text, /The log has the details/);
  const stacks = client.log.filter(record => record.includes('a bug') && /\n\s+at /.test(record));
  assert.equal(stacks.length, told.length, client.log.join('\n'));
  await editor.stop();
});
