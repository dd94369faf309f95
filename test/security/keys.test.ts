// Lines 19 and 21: keys of servers and the token of Hugging Face. Who gets one, and where it never stands.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { withoutSecretFields } from '../../client/src/common/secretFields';
import { addServer, probeServer } from '../../server/src/contract/protocol';
import { filesBelow, hasTerminal, onTerminal, runCommand, type CommandOptions } from '../support/commandLine';
import { FakeInferenceServer, sendJson, type ServerKind } from '../support/fakeInferenceServer';
import { LspClient } from '../support/lspClient';
import { samplePath } from '../support/samples';
import { temporaryFolder } from '../support/temporary';

const timeout = 120_000;
const key = 'sk-of-another-server';
const folder = temporaryFolder('keys');
const servers: FakeInferenceServer[] = [];
let caches = 0;
after(() => servers.forEach(server => server.close()));

async function startServer(kind: Partial<ServerKind> = {}): Promise<FakeInferenceServer> {
  const server = await FakeInferenceServer.start(kind);
  servers.push(server);
  return server;
}

const shell = (): CommandOptions => ({
  cache: path.join(folder, `cache-${++caches}`),
  env: { PALIGEMMA_API_KEY: key, PALIGEMMA_LOG: '1' },
});
const keysOf = (server: FakeInferenceServer) => server.requests.map(({ headers }) => headers.authorization);
const sentKeys = (server: FakeInferenceServer) => keysOf(server).filter(sent => sent !== undefined);

const skip = hasTerminal() ? false : 'no program `script` for a terminal';

test('in a terminal the key goes to no server before a person has agreed to it', { timeout, skip }, async () => {
  const server = await startServer();
  const options = shell();
  const ways = [['models', 'add', server.url], ['caption', samplePath('01.png'), '--model', server.url]];
  for (const args of ways) {
    const shown = await onTerminal(args, options, 'n');
    assert.match(shown, /Send pictures to 127\.0\.0\.1/);
    assert.ok(server.requests.length > 0, 'the server was asked what it is');
    assert.deepEqual(sentKeys(server), []);
  }
  assert.deepEqual(filesBelow(path.join(options.cache, 'servers')), []);
  await onTerminal(ways[1] ?? [], options, 'y');
  assert.equal(keysOf(server).at(-1), `Bearer ${key}`, 'the run, after the agreement');
});

test('a server that wants a key gets that of the environment from a person only', { timeout, skip }, async () => {
  const server = await startServer({ key });
  const options = shell();
  const declined = await onTerminal(['models', 'add', server.url], options, 'n');
  assert.match(declined, /127\.0\.0\.1:\d+ wants a key\. Send it the one in PALIGEMMA_API_KEY\? \[y\/N\]/);
  assert.deepEqual(sentKeys(server), []);
  const agreed = await onTerminal(['models', 'add', server.url], options, 'y');
  assert.match(agreed, /Send pictures to/);
  assert.equal(filesBelow(path.join(options.cache, 'servers')).length, 1);
  const without = await onTerminal(['models', 'add', server.url], { ...options, env: { PALIGEMMA_API_KEY: '' } }, 'y');
  assert.match(without, /wants a key \(401\).*PALIGEMMA_API_KEY/s);
});

test(
  'the language server sends the key of the environment once a client registers the server',
  { timeout },
  async context => {
    const server = await startServer();
    const options = shell();
    const client = await LspClient.start({ env: { PALIGEMMA_CACHE: options.cache, PALIGEMMA_API_KEY: key } });
    context.after(() => client.child.kill());
    const { models: [model] } = await client.connection.sendRequest(probeServer, { url: server.origin });
    assert.ok(model !== undefined);
    assert.deepEqual(sentKeys(server), []);
    await client.connection.sendRequest(addServer, { urls: [server.origin], model: model.id });
    assert.equal(keysOf(server).at(-1), `Bearer ${key}`);
    assert.ok(!client.log.join('\n').includes(key));
    await client.stop();
  },
);

test('a server that repeats the key in all that it says has it shown nowhere', { timeout }, async () => {
  const server = await startServer();
  const options = shell();
  assert.equal((await runCommand(['models', 'add', server.url, '--yes'], options)).code, 0);
  const said = (status: number) => ({ error: { message: `I got ${key}, ${status}`, detail: { key } } });
  let said200 = 0;
  for (const status of [200, 400, 401, 404, 418, 429]) {
    server.fault = (_request, response) => {
      if (status !== 200) sendJson(response, status, status === 418 ? { error: { key } } : said(status));
      else response.writeHead(200).end(`data: ${JSON.stringify(said(++said200))}\n\n`);
      return true;
    };
    for (const json of status === 400 ? [[], ['--json']] : [['--json']]) {
      const { stdout, stderr, code } = await runCommand(
        ['caption', samplePath('01.png'), '--model', server.url, ...json],
        options,
      );
      assert.equal(code, 1, String(status));
      assert.ok(!`${stdout}${stderr}`.includes(key), `${status}\n${stdout}${stderr}`);
    }
  }
  assert.ok(said200 > 0);
  for (const file of filesBelow(options.cache)) {
    assert.ok(!readFileSync(path.join(options.cache, file)).includes(key), file);
  }
});

test('no process that decodes pictures or runs models has a secret in its environment', { timeout }, async () => {
  const record = path.join(folder, 'environments.txt');
  const preload = path.join(folder, 'environment.cjs');
  writeFileSync(
    preload,
    `require('node:fs').appendFileSync(${
      JSON.stringify(record)
    }, JSON.stringify([process.argv[1], process.env]) + '\\n');`,
  );
  const options = shell();
  await runCommand(['caption', samplePath('01.png'), '--model', 'demo', '--device', 'cpu'], {
    ...options,
    env: { ...options.env, HF_TOKEN: 'hf_secret', NODE_OPTIONS: `--require ${preload}` },
  });
  const programOf = (line: string) => path.basename((JSON.parse(line) as [program?: string])[0] ?? '');
  const processes = readFileSync(record, 'utf8').trim().split('\n').filter(line => programOf(line) !== 'cli.js');
  assert.ok(processes.some(line => programOf(line) === 'model-host.js'));
  for (const line of processes) assert.ok(!line.includes(key) && !line.includes('hf_secret'), line);
});

test('the trace of messages, which a workspace may switch on, holds no key, token or password', () => {
  const values = { apiKey: 'sk-"1', token: 'hf_2', proxyUrl: 'http://u:p3@x', url: 'http://kept' };
  for (const text of [JSON.stringify(values), `Params: ${JSON.stringify(values, undefined, 4)}`]) {
    const traced = withoutSecretFields(text);
    for (const secret of ['sk-', 'hf_', 'p3']) assert.ok(!traced.includes(secret), traced);
    assert.ok(traced.includes('http://kept'));
  }
  const client = readFileSync(path.resolve('client/src/connection/languageClient.ts'), 'utf8');
  assert.match(client, /traceOutputChannel: messageTrace\(this\.log\)/);
  assert.match(
    readFileSync(path.resolve('client/src/connection/messageTrace.ts'), 'utf8'),
    /log\.trace\(withoutSecretFields\(/,
  );
});
