// A client that asks and asks, and reads no answer.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { distPath } from '../support/lspClient';
import { temporaryFolder } from '../support/temporary';

const cache = temporaryFolder('unread');
const children: ChildProcess[] = [];
after(() => children.forEach(child => child.kill('SIGKILL')));

/** The name of an unknown request comes back in its answer. */
const LONG_NAME = 'x'.repeat(1 << 20);
/** More than the server keeps for anybody. */
const REQUESTS = 400;
/** Where a child finds the channel to its parent, which is a pipe like others here: one that nobody reads. */
const CHANNEL = 3;

const ways = {
  '--stdio': (child: ChildProcess) => ({
    input: child.stdin as Writable,
    framed: (text: string) => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  }),
  '--node-ipc': (child: ChildProcess) => ({
    input: child.stdio[CHANNEL] as Writable,
    framed: (text: string) => `${text}\n`,
  }),
};

for (const [way, connect] of Object.entries(ways)) {
  test(`over ${way}: the server leaves it, with a word on its error output`, {
    timeout: 120_000,
    skip: way === '--node-ipc' && process.platform === 'win32' ? 'the channel is another one there' : false,
  }, async () => {
    const child = spawn(process.execPath, [path.join(distPath, 'server.js'), way], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PALIGEMMA_CACHE: cache,
        ...(way === '--node-ipc' ? { NODE_CHANNEL_FD: String(CHANNEL), NODE_CHANNEL_SERIALIZATION_MODE: 'json' } : {}),
      },
    });
    children.push(child);
    let said = '';
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    const { input, framed } = connect(child);
    input.on('error', () => undefined);
    const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const send = (message: object) =>
      new Promise(resolve => input.write(framed(JSON.stringify({ jsonrpc: '2.0', ...message })), resolve));
    await send({ id: 0, method: 'initialize', params: { processId: process.pid, rootUri: null, capabilities: {} } });
    await send({ method: 'initialized', params: {} });
    for (let id = 1; id <= REQUESTS; id++) {
      await Promise.race([send({ id, method: LONG_NAME, params: {} }), exited]);
    }
    assert.deepEqual(await exited, [1, null]);
    assert.match(said, /reads no answers any more/);
  });
}
