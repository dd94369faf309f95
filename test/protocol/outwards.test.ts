// What the server says to any editor: names, answers, settings and requests of others control nothing in it.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ResponseError } from 'vscode-jsonrpc/node';
import type { RunResponse } from '../../server/src/contract/protocol';
import { buildFakeHost } from '../support/fakeHostWatch';
import { LspClient } from '../support/lspClient';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('outwards');
const timeout = 60_000;
const evil = 'x\u001b]0;t\u0007\u009b31m\u202ey';
const shown = 'x\\u001b]0;t\\u0007\\u009b31m\\u202ey';
/** Windows takes no control characters in names. */
const evilName = process.platform === 'win32' ? 'x\u202ey\u009b' : `${evil}\n\u2028z`;
const wild = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/u;
const pictures = path.join(folder, evilName);
const [there, missing] = ['there', 'missing'].map(name =>
  pathToFileURL(path.join(pictures, `${name}${evilName}.png`)).href
) as [string, string];
let client: LspClient;

before(async () => {
  mkdirSync(pictures);
  copyFileSync('test/fixtures/golden/images/one-pixel.png', path.join(pictures, `there${evilName}.png`));
  client = await LspClient.start({
    env: { PALIGEMMA_HOST_PATH: await buildFakeHost(folder), PALIGEMMA_CACHE: path.join(folder, 'cache') },
    settings: { device: evil, modelFolders: [path.join(pictures, 'models')] },
    capabilities: { window: { workDoneProgress: true } },
  });
});
after(() => client.child.kill('SIGKILL'));

/** Runs a prompt as an editor without our client does. */
const run = (imageUris: readonly string[], prompt: string) =>
  client.connection.sendRequest<RunResponse>('workspace/executeCommand', {
    command: 'paligemma.server.run',
    arguments: [{ imageUris, prompt }],
  });

async function refusal(method: string, params: unknown): Promise<string> {
  try {
    await client.connection.sendRequest(method, params);
  } catch (error) {
    assert.ok(error instanceof ResponseError);
    return error.message;
  }
  return assert.fail('it was answered');
}

test('messages, progress and failures', { timeout }, async () => {
  const { outcomes } = await run([there, missing], `x ${evil}\nsecond`);
  await run([there], `x ${evil}\nsecond`);
  assert.ok(client.messages.length >= 2);
  const failure = outcomes[1];
  assert.ok(failure !== undefined && 'error' in failure);
  assert.match(failure.error.message, /missing/);
  const told = client.workDone.flatMap(({ message, title }) => [message, title]).filter(text =>
    typeof text === 'string'
  );
  assert.ok(told.some(text => text.includes('there')), 'progress names the picture');
  for (const text of [...client.messages.map(({ message }) => message), failure.error.message, ...told]) {
    assert.doesNotMatch(text, wild, JSON.stringify(text));
  }
});

test('refusals of what the server does not know', { timeout }, async () => {
  for (
    const message of [
      await refusal(`paligemma/${evil}`, {}),
      await refusal('workspace/executeCommand', { command: evil }),
      await refusal('paligemma/verifyModel', { id: `${evil}\n` }),
    ]
  ) {
    assert.ok(message.includes(shown), message);
    assert.doesNotMatch(message, wild);
  }
});

test('the log, whose records are lines but for stacks', { timeout }, async () => {
  // A bug of the host is logged with its stack.
  await run([there], 'bug');
  assert.ok(client.log.some(line => line.includes(shown)), 'a setting that cannot be read is named');
  for (const record of client.log) {
    for (const [index, line] of record.split('\n').entries()) {
      assert.doesNotMatch(line, wild, JSON.stringify(line));
      if (index > 0) assert.match(line, /^\s+at /);
    }
  }
});
