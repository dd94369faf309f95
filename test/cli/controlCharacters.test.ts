// Whoever names a file, a model or an answer does not write to the terminal: what would control it is shown escaped.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { linesOf, objectsOf, runCommand, temporaryFolder, type CommandResult } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { FakeInferenceServer, sendJson } from '../support/fakeInferenceServer';
import { samplePath } from '../support/samples';

const folder = temporaryFolder();
const options = { cache: folder.at('cache'), env: { PALIGEMMA_API_KEY: '' } };
withDemoModel(options.cache);
const servers: FakeInferenceServer[] = [];
after(() => {
  servers.forEach(server => server.close());
  folder.remove();
});

/** Sets the clipboard, moves the cursor, turns text, ends the line; with the C1 controls that some terminals obey. */
const evil = 'x\u001b]52;c;cHduZWQ=\u0007\u001b[2K\u001b[1A\u009b31m\u009d0;t\u009c\u202egnp.\u2066\u0085\u2028y';
const shown =
  'x\\u001b]52;c;cHduZWQ=\\u0007\\u001b[2K\\u001b[1A\\u009b31m\\u009d0;t\\u009c\\u202egnp.\\u2066\\u0085\\u2028y';

function assertTame({ stdout, stderr }: CommandResult): void {
  for (const text of [stdout, stderr]) {
    const wild = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/.exec(text);
    assert.equal(wild, null, JSON.stringify(text));
  }
}

async function evilServer(): Promise<FakeInferenceServer> {
  const server = await FakeInferenceServer.start({ models: [`m${evil}`], answer: () => [evil] });
  servers.push(server);
  return server;
}

test('the name of a picture that holds escapes and a line break cannot control the terminal', async t => {
  if (process.platform === 'win32') return t.skip('Windows takes no such names');
  const good = folder.at(`${evil}\n.png`);
  copyFileSync(samplePath('01.png'), good);
  const damaged = folder.at(`${evil}\n\t2.png`);
  writeFileSync(damaged, 'no picture');
  const result = await runCommand(['caption', good, damaged, '--model', 'demo', '--device', 'cpu'], options);
  assert.equal(result.code, 1);
  assertTame(result);
  assert.equal(linesOf(result).length, 1);
  assert.ok(result.stdout.includes(`${shown}\\n.png\t`), result.stdout);
  const complaints = result.stderr.split('\n').filter(line => line.includes('(error 1002)'));
  assert.equal(complaints.length, 1, result.stderr);
  assert.ok(complaints[0]!.split(`${shown}\\n\\t2.png`).length > 2, 'as subject, and in the sentence');
});

test('the log has a line for each record, whatever is named in it', async t => {
  if (process.platform === 'win32') return t.skip('Windows takes no such names');
  const model = folder.at(`model${evil}\n0.001 error host.load forged`);
  cpSync('model-host/demo-model/paligemma2-demo-224', model, { recursive: true });
  const damaged = folder.at(`${evil}\n0.001 error host.load forged.png`);
  writeFileSync(damaged, 'no picture');
  const result = await runCommand(['caption', damaged, samplePath('01.png'), '--model', model, '--device', 'cpu'], {
    ...options,
    env: { ...options.env, PALIGEMMA_LOG: '1' },
  });
  assertTame(result);
  assert.match(result.stderr, /forged/, 'the names are told');
  for (const line of result.stderr.trimEnd().split('\n')) {
    assert.match(line, /^(?:\d+\.\d{3} \w+ (?:host|server|lsp)\.\w+ |paligemma: | *\d+ % )/, line);
    assert.doesNotMatch(line, /^0\.001 error host\.load forged/);
  }
});

test('escapes in the model, the answers and the failures of a server cannot control the terminal', async () => {
  const server = await evilServer();
  const added = await runCommand(['models', 'add', server.url, '--yes', '--resolution', '224'], options);
  assert.equal(added.code, 0, added.stderr);
  assertTame(added);
  assert.ok(added.stderr.includes(`m${shown}`), 'what is agreed to is named');
  const listed = await runCommand(['models', 'list'], options);
  assertTame(listed);
  assert.ok(listed.stdout.includes(shown));
  const listedJson = await runCommand(['models', 'list', '--json'], options);
  assertTame(listedJson);
  assert.ok(objectsOf(listedJson).some(({ id }) => String(id).endsWith(evil)), 'JSON gives the name back as it is');

  const run = ['caption', samplePath('01.png'), '--model', server.url];
  const answered = await runCommand(run, options);
  assertTame(answered);
  assert.deepEqual(linesOf(answered), [shown]);
  const json = await runCommand([...run, '--json'], options);
  assertTame(json);
  assert.deepEqual(objectsOf(json).map(({ suffix }) => suffix), [evil]);

  server.fault = ({ body }, response) => {
    if (body === undefined) return false;
    sendJson(response, 400, { error: { message: `bad\n${evil}` } });
    return true;
  };
  const failed = await runCommand([...run, '--no-cache'], options);
  assert.equal(failed.code, 1);
  assertTame(failed);
});

test('escapes in the configuration of a model folder cannot control the terminal', async () => {
  const model = folder.at('model');
  cpSync('model-host/demo-model/paligemma2-demo-224', model, { recursive: true });
  writeFileSync(folder.at('model', 'config.json'), JSON.stringify({ model_type: evil }));
  const result = await runCommand(['caption', samplePath('01.png'), '--model', model], options);
  assert.equal(result.code, 1);
  assertTame(result);
});
