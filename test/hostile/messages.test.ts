// Messages that no client or server of ours would send, to the built server over stdio and to the built host: answered
// with a row of the table, and the next good one is answered too.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { failureTable, type FailureData } from '../../paligemma/src/failures';
import { imageCaption, imageHover } from '../../server/src/contract/imageLinks';
import * as protocol from '../../server/src/contract/protocol';
import { sandbox } from '../support/hostile/sandbox';
import { Tally } from '../support/hostile/tally';
import { WatchedHost } from '../support/hostile/watchedHost';
import { LspClient } from '../support/lspClient';
import { samplePath } from '../support/samples';
import { seededRandom, type SeededRandom } from '../support/seededRandom';

const box = sandbox('messages');
const tally = new Tally();
const picture = pathToFileURL(samplePath('01.png')).href;
let client: LspClient;
const command = [process.execPath, path.resolve('dist/cli.js'), 'lsp', '--stdio'];

before(async () => {
  box.watch();
  client = await LspClient.start({ env: box.env, command });
});
after(async () => {
  tally.print();
  await client.stop();
  box.remove();
});

const deep = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
const leaves: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  'x',
  '\0',
  '\ud800',
  '../../etc/passwd',
  'file:///etc/passwd',
  'file://evil/share',
  'http://127.0.0.1:9/',
  'file:///%00',
  'file:///%',
  picture,
  'x'.repeat(200_000),
  [],
  {},
  [[]],
  { length: -1 },
  { toString: 1 },
  deep(500),
  { __proto__: null, uri: 5 },
];
const keys = [
  'imageUris',
  'imageUri',
  'prompt',
  'model',
  'maxNewTokens',
  'id',
  'revision',
  'url',
  'urls',
  'regions',
  'outPath',
  'documentUri',
  'target',
  'uri',
  'textDocument',
  'position',
  'line',
  'endLine',
  'command',
  'arguments',
  'apiKey',
  'resolutionPx',
  'workDoneToken',
  'partialResultToken',
  'label',
  'box',
  'mask',
  'png',
  'offset',
  'written',
  'style',
  'imagePath',
  'maxSidePx',
  'prefix',
  'weights',
  'device',
  'attention',
  'path',
  'locDivisor',
  'cachePath',
  'protocolVersion',
  'sourcePath',
  'range',
  'context',
  'contentChanges',
  'text',
  'version',
  'languageId',
];

function anything(random: SeededRandom, depth = 0): unknown {
  if (depth > 2 || random.below(3) === 0) return random.pick(leaves);
  if (random.below(4) === 0) return Array.from({ length: random.below(4) }, () => anything(random, depth + 1));
  return Object.fromEntries(
    Array.from({ length: 1 + random.below(5) }, () => [random.pick(keys), anything(random, depth + 1)]),
  );
}

/** A good request with one thing in it replaced. */
function spoiled(good: unknown, random: SeededRandom): unknown {
  if (typeof good !== 'object' || good === null || random.below(4) === 0) return anything(random);
  const entries = Object.entries(good);
  if (entries.length === 0) return anything(random);
  const [key] = random.pick(entries);
  const value = spoiled((good as Record<string, unknown>)[key], random);
  if (Array.isArray(good)) return good.map((entry: unknown, index) => (String(index) === key ? value : entry));
  return { ...good, [key]: value };
}

async function ask(method: string, params: unknown): Promise<{ readonly outcome: string; readonly message: string }> {
  const started = performance.now();
  let outcome = 'done';
  let message = '';
  try {
    // The library takes an array for parameters by position; as one parameter it has to be wrapped.
    await (Array.isArray(params)
      ? client.connection.sendRequest(method, ...(params as unknown[]))
      : client.connection.sendRequest(method, params));
  } catch (error) {
    const { data, code } = error as { readonly data?: FailureData; readonly code?: number };
    message = (error as Error).message;
    outcome = data !== undefined && Object.hasOwn(failureTable, data.reason) ? data.reason : `?${code ?? ''}`;
  }
  tally.add(method, { outcome, elapsedMs: Math.round(performance.now() - started) });
  return { outcome, message };
}

const region = { label: 'cat', box: { x1: 1, y1: 1, x2: 9, y2: 9 } };
const custom: Readonly<Record<string, unknown>> = {
  [protocol.run.method]: { imageUris: ['file:///nowhere.png'], prompt: 'caption en', model: 'demo', maxNewTokens: 1 },
  [protocol.overlay.method]: {
    imageUri: 'file:///nowhere.png',
    regions: [region],
    outPath: path.join(box.cache, 'drawn.png'),
  },
  [protocol.removeModel.method]: { id: 'nothing/like-this' },
  [protocol.downloadModel.method]: { id: '../x', revision: 'main', convert: false },
  [imageHover.method]: { documentUri: 'file:///a.md', target: 'a.png' },
  [imageCaption.method]: { imageUri: 'file:///nowhere.png' },
};

test('our own requests: whatever comes in, a row of the table goes out, and no bug', { timeout: 180_000 }, async () => {
  const random = seededRandom(20_260_401);
  for (const [method, good] of Object.entries(custom)) {
    for (let round = 0; round < 150; round++) {
      const params = round === 0 ? good : spoiled(good, random);
      const { outcome, message } = await ask(method, params);
      // An array is parameters by position for the library, which calls the handler with them: it refuses by itself
      // where there are too many.
      const isLibrarys = Array.isArray(params) && outcome.startsWith('?');
      assert.ok(
        isLibrarys || (!outcome.startsWith('?') && outcome !== 'internal'),
        `${method} ${JSON.stringify(params)?.slice(0, 400)}: ${outcome} ${message.slice(0, 400)}`,
      );
    }
  }
});

const document = { textDocument: { uri: 'file:///a.paligemma' } };
const standard: Readonly<Record<string, unknown>> = Object.fromEntries(
  [
    'hover',
    'completion',
    'codeAction',
    'codeLens',
    'documentLink',
    'documentSymbol',
    'foldingRange',
    'formatting',
    'inlayHint',
    'semanticTokens/full',
    'selectionRange',
    'signatureHelp',
  ]
    .map(
      name => [`textDocument/${name}`, {
        ...document,
        position: { line: 0, character: 1 },
        range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } },
        positions: [{ line: 0, character: 0 }],
        context: { diagnostics: [] },
        options: {},
      }],
    ),
);

test(
  'standard requests and notifications, unknown methods and commands: the server lives on',
  { timeout: 180_000 },
  async () => {
    const random = seededRandom(20_260_402);
    const notifications = [
      'textDocument/didOpen',
      'textDocument/didChange',
      'textDocument/didClose',
      'workspace/didChangeConfiguration',
      'workspace/didChangeWatchedFiles',
      'workspace/didChangeWorkspaceFolders',
      '$/setTrace',
      '$/cancelRequest',
      '$/progress',
      'nobody/knows',
      'initialized',
    ];
    await client.connection.sendNotification('textDocument/didOpen', {
      textDocument: {
        uri: 'file:///a.paligemma',
        languageId: 'paligemma',
        version: 1,
        text: '@image a.png\ncaption en\n',
      },
    });
    for (let round = 0; round < 400; round++) {
      const params = anything(random);
      // Parameters are an object or a list for the library; anything else it refuses to send.
      if (typeof params === 'object' && params !== null && !Array.isArray(params)) {
        await client.connection
          .sendNotification(random.pick(notifications), params);
      }
      const [method, good] = random.pick(Object.entries(standard));
      await ask(method, spoiled(good, random));
      const { outcome, message } = await ask(
        'workspace/executeCommand',
        spoiled({
          command: random.pick([
            'paligemma.server.run',
            'paligemma.server.writeAltText',
            'paligemma.server.writeMissingAltText',
            'paligemma.server.suggestAltText',
            'paligemma.server.useAltText',
            'paligemma.server.acceptCaption',
            'paligemma.runPrompt',
            'paligemma.stopRun',
            'constructor',
            '__proto__',
            'toString',
          ]),
          arguments: [{ uri: 'file:///a.paligemma', line: 1 }],
        }, random),
      );
      assert.notEqual(outcome, 'internal', message);
      await ask(random.pick(['nobody/knows', 'paligemma/', 'constructor', '']), {});
    }
    await good();
  },
);

async function good(): Promise<void> {
  assert.equal(client.child.exitCode, null);
  const { outcomes: [outcome] } = await client.run({
    imageUris: [picture],
    prompt: 'caption en',
    model: 'demo',
    maxNewTokens: 1,
  });
  assert.ok(outcome !== undefined && 'result' in outcome, JSON.stringify(outcome));
}

// A negative length is left out: the library then reads nothing more, and the server waits for its client to end it.
test('after bytes that are no message the server answers the next, or ends', { timeout: 120_000 }, async () => {
  const body = (text: string) => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  const initialize = body(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { processId: null, rootUri: null, capabilities: {} },
    }),
  );
  const last = body(JSON.stringify({ jsonrpc: '2.0', id: 'last', method: 'paligemma/listModels' }));
  const random = seededRandom(20_260_403);
  const streams: readonly string[] = [
    'garbage\r\n\r\n',
    '\r\n\r\n',
    'Content-Length: x\r\n\r\n',
    body('{'),
    body(''),
    body('null'),
    body('[]'),
    body('5'),
    body('"x"'),
    body('{"jsonrpc":"2.0"}'),
    body('{"jsonrpc":"1.0","id":[],"method":5}'),
    body(
      `{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ),
    body(`{"jsonrpc":"2.0","id":2,"result":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`),
    body('{"jsonrpc":"2.0","id":99,"result":1}'),
    body('{"jsonrpc":"2.0","id":null,"error":{"code":1}}'),
    body(JSON.stringify({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } })),
    body(`{"jsonrpc":"2.0","id":3,"method":"${'x'.repeat(1_000_000)}"}`),
    ...Array.from(
      { length: 12 },
      () => body(Array.from({ length: 50 }, () => String.fromCharCode(random.below(256))).join('')),
    ),
  ];
  const silent: string[] = [];
  for (const stream of streams) {
    const child = spawn(command[0] ?? '', command.slice(1), {
      env: { ...process.env, ...box.env },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let output = '';
    const answered = new Promise<string>(resolve =>
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('"id":"last"')) resolve('answered');
      })
    );
    const exited = once(child, 'exit').then(() => 'ended');
    child.stdin.on('error', () => undefined);
    child.stdin.write(initialize + stream);
    // The library reads on with the next bytes that come, and what was announced in vain swallows some of them.
    const again = setInterval(() => child.stdin.write(last), 200);
    const how = await Promise.race([
      answered,
      exited,
      new Promise<string>(resolve => {
        setTimeout(resolve, 8_000, 'silent').unref();
      }),
    ]);
    tally.add('streams', { outcome: how, elapsedMs: 0 });
    clearInterval(again);
    child.stdin.end();
    await exited;
    if (how === 'silent') silent.push(JSON.stringify(stream.slice(0, 60)));
  }
  assert.deepEqual(silent, []);
});

test('the host answers any message, or refuses it with a failure of the table', { timeout: 180_000 }, async () => {
  const host = await WatchedHost.start(box);
  const model = {
    path: path.resolve('model-host/demo-model/paligemma2-demo-224'),
    weights: 'int4',
    device: 'cpu',
    attention: 'full',
  };
  const goods: Readonly<Record<string, unknown>> = {
    'modelHost/generate': {
      model,
      imagePath: samplePath('01.png'),
      prefix: 'caption en',
      maxNewTokens: 1,
      locDivisor: 1024,
      progressToken: 'p',
    },
    'modelHost/convert': {
      sourcePath: '/nowhere',
      outPath: path.join(box.cache, 'out'),
      weights: 'int4',
      attention: 'full',
      progressToken: 'p',
    },
    'modelHost/overlay': {
      imagePath: samplePath('01.png'),
      regions: [region],
      outPath: path.join(box.cache, 'drawn.png'),
    },
    'modelHost/thumbnail': { imagePath: samplePath('01.png'), maxSidePx: 64, regions: [region] },
    'modelHost/initialize': { protocolVersion: 1, cachePath: box.cache },
  };
  const random = seededRandom(20_260_404);
  for (const [method, value] of Object.entries(goods)) {
    for (let round = 0; round < 120; round++) {
      const params = round === 0 && method !== 'modelHost/convert' ? value : spoiled(value, random);
      // A path that a good request could name is the server's own choice: only what it writes to is kept in the box
      // here.
      if (Array.isArray(params) || hasOtherOutput(params, box.path)) continue;
      const ended = await host.request(method, params);
      tally.add(method, ended);
      assert.ok(
        Object.hasOwn(failureTable, ended.outcome)
          ? ended.outcome !== 'internal'
          : ended.outcome === 'done' || params === null || typeof params !== 'object',
        `${method} ${JSON.stringify(params)?.slice(0, 400)}: ${ended.outcome}\n${host.stderr}`,
      );
      if (method === 'modelHost/initialize') await host.request(method, value);
    }
  }
  const long = await host.request('modelHost/generate', {
    ...goods['modelHost/generate'] as object,
    prefix: 'a'.repeat(20_000_000),
  });
  assert.equal(long.outcome, 'promptTooLong');
  assert.equal((await host.request('modelHost/generate', goods['modelHost/generate'])).outcome, 'done');
  await host.stop();
});

function hasOtherOutput(params: unknown, root: string): boolean {
  const { outPath, cachePath } = (params ?? {}) as { readonly outPath?: unknown; readonly cachePath?: unknown };
  return [outPath, cachePath].some(place =>
    typeof place === 'string' && path.isAbsolute(place) && !place.startsWith(root)
  );
}

test('any arguments end the command with a documented exit code', { timeout: 180_000 }, async () => {
  const verbs = [
    ['--help'],
    ['caption'],
    ['run'],
    ['run', '', samplePath('none.png')],
    ['caption', '--model', '\u202e/../..', samplePath('01.png')],
    ['detect', ';', '/dev/null'],
    ['ask', 'x'.repeat(100_000), '/dev/null'],
    ['caption', '--max-new-tokens', '9'.repeat(400), 'a.png'],
    ['caption', '--weights', '__proto__', 'a.png'],
    ['file', '/dev/null'],
    ['file', '/'],
    ['models', 'remove', '../../..', '--yes'],
    ['models', 'remove', box.home, '--yes'],
    ['models', 'add', '/etc'],
    ['models', 'verify', '..'],
    ['models', 'download', '../../x'],
    ['models', 'download', 'a/b/c'],
    ['convert', '/etc', path.join(box.cache, 'c')],
    ['constructor'],
    ['__proto__'],
    ['lsp'],
    ['caption', '--overlay', '/dev/null', samplePath('01.png'), '--model', 'demo'],
    ['--', '--help'],
    ['caption', '--lang', '$(touch canary)', 'a.png'],
  ];
  for (const args of verbs) {
    const child = spawn(process.execPath, [path.resolve('dist/cli.js'), ...args], {
      env: { ...process.env, ...box.env },
      cwd: box.work,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
    }
    const [code, signal] = await once(child, 'close') as [number | null, string | null];
    tally.add('command lines', { outcome: `exit ${code ?? signal ?? ''}`, elapsedMs: 0 });
    assert.ok(
      signal === null && (code === 0 || code === 1 || code === 2),
      `${args.join(' ').slice(0, 200)}: ${code ?? signal ?? ''} ${text.slice(0, 500)}`,
    );
    assert.doesNotMatch(text, /\n\s+at .*\(|Something failed that should not/, args.join(' ').slice(0, 200));
  }
});

test('random bytes as a prompt file end with a documented exit code', { timeout: 120_000 }, async () => {
  const random = seededRandom(20_260_405);
  const words = [
    '@image ',
    '*.png',
    '**/'.repeat(50),
    '{a,b}'.repeat(100),
    '@model demo\n',
    '@set ',
    'max-new-tokens 1',
    '\n',
    'caption en',
    '""',
    '=> ',
    '\\\n',
    '\0',
    '\ud800',
    'x'.repeat(5000),
    '../../..',
    ' ',
    '#',
  ];
  for (let round = 0; round < 12; round++) {
    const file = path.join(box.work, 'random.paligemma');
    writeFileSync(
      file,
      round % 3 === 0
        ? Buffer.from(Array.from({ length: 20_000 }, () => random.below(256)))
        : Array.from({ length: 200 }, () => random.pick(words)).join(''),
    );
    const child = spawn(process.execPath, [path.resolve('dist/cli.js'), 'file', file], {
      env: { ...process.env, ...box.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const [code] = await once(child, 'close') as [number | null];
    tally.add('prompt files', { outcome: `exit ${code ?? ''}`, elapsedMs: 0 });
    assert.ok(code === 0 || code === 1 || code === 2, text.slice(0, 500));
    assert.doesNotMatch(text, /Something failed that should not/);
  }
});

test('nothing was touched outside of the cache', () => {
  assert.deepEqual(box.changes(), []);
  assert.equal(readFileSync(box.at('canary.txt'), 'utf8'), 'Nobody may change this.\n');
});
