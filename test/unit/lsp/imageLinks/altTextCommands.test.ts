import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { WRITE_ALT_TEXT } from '../../../../server/src/contract/imageLinks';
import { Client } from '../../../../server/src/lsp/connection/client';
import { altTextCommandHandlers } from '../../../../server/src/lsp/imageLinks/altTextCommands';
import { Texts } from '../../../../server/src/lsp/imageLinks/texts';
import type { PictureHelp } from '../../../../server/src/lsp/pictures/pictureHelp';
import type { Runner } from '../../../../server/src/runs/runner';
import { silentLog } from '../../../../server/src/util/log';
import { ManualTimers } from '../../../support/manualTimers';
import { memoryConnection } from '../../../support/memoryConnection';

test('progress names the picture as its file is called, and its bar follows the limit of the settings', async () => {
  const { server, client } = memoryConnection();
  const timers = new ManualTimers();
  const known = new Client(server, silentLog, timers);
  known.initialize({
    processId: null,
    rootUri: null,
    capabilities: { workspace: { applyEdit: true } },
    initializationOptions: { settings: { maxNewTokens: 4 } },
  });
  client.onRequest('workspace/applyEdit', () => ({ applied: true }));
  client.onNotification('window/showMessage', ({ message }: { readonly message: string }) => assert.fail(message));
  server.listen();
  client.listen();
  const texts = new Texts(() => 'utf-16');
  const uri = 'file:///docs/page.md';
  texts.didOpen({ textDocument: { uri, languageId: 'markdown', version: 1, text: '![](x.png)' } });
  const runner = {
    prepare: () => Promise.resolve({ id: 'mix', kind: 'mix' }),
    laneOf: () => ({ name: 'here', width: () => 1 }),
    run: (_: unknown, onProgress: (progress: { kind: 'text'; text: string; tokens: number }) => void) => {
      for (const tokens of [2, 4]) {
        timers.advance(1000);
        onProgress({ kind: 'text', text: 'a', tokens });
      }
      return Promise.resolve({ text: 'a cat', suffix: 'a cat', regions: [] });
    },
  } as unknown as Runner;
  const place = path.resolve('/pictures', '100%25 ü.png');
  const pictures = { pathOf: () => Promise.resolve(place) } as unknown as PictureHelp;
  const commands = altTextCommandHandlers({ client: known, runner, pictures, texts });
  const reports: unknown[] = [];
  const reporter = {
    begin: () => undefined,
    done: () => undefined,
    report: (...report: readonly unknown[]) => void reports.push(report),
  };
  const argument = { uri, offset: 0, written: '![](x.png)', style: 'caption' };
  await commands[WRITE_ALT_TEXT]?.(
    argument,
    CancellationToken.None,
    () => Promise.resolve({ reporter, token: CancellationToken.None }),
  );
  assert.deepEqual(reports, [[95, '100%25 ü.png: writing, 2 tokens'], [100, '100%25 ü.png: writing, 4 tokens']]);
  client.dispose();
  server.dispose();
});
