import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import type { LogRecord, RunProgress } from '../../../model-host/src/contract/protocol';
import type { RemoteModelSpec } from '../../../model-host/src/contract/inferenceServer';
import { defaultServerLimits, type ServerLimits } from '../../../model-host/src/engines/remote/chatServer';
import { systemClock, type Clock } from '../../../model-host/src/engines/remote/clock';
import { RemoteEngine } from '../../../model-host/src/engines/remote/remoteEngine';
import { HostLog } from '../../../model-host/src/hostLog';
import { loadImage } from '../../../model-host/src/image/load';
import { resizeBicubic8 } from '../../../model-host/src/image/resample';
import { FakeInferenceServer, idOf, pictureOf, promptOf, sendJson, type ServerFault, type ServerKind } from '../../support/fakeInferenceServer';
import { golden } from '../image/support';
import { failureOf, temporaryFolder } from '../../support/temporary';

const picture = path.resolve('media/samples/01.png');
const servers: FakeInferenceServer[] = [];
after(() => servers.forEach(server => server.close()));

/** Waits are over at once; what they were is noted. Limits never end, unless `limits` makes them short. */
class HurriedClock implements Clock {
  readonly waits: number[] = [];

  now(): number {
    return systemClock.now();
  }

  after(ms: number, callback: () => void): { dispose(): void } {
    if (Object.values(connectionLimits).includes(ms)) return { dispose: () => undefined };
    this.waits.push(ms);
    return systemClock.after(0, callback);
  }

  random(): number {
    return 0.5;
  }
}

const { connectMs, firstByteMs, idleMs, listMs } = defaultServerLimits;
const connectionLimits = { connectMs, firstByteMs, idleMs, listMs };

interface SetUp {
  readonly kinds?: readonly Partial<ServerKind>[];
  readonly limits?: Partial<ServerLimits>;
  readonly apiKey?: string;
  readonly dialect?: RemoteModelSpec['dialect'];
  readonly contextTokens?: number;
  readonly modelsPath?: string;
}

async function setUp({ kinds = [{}], limits, apiKey, dialect = 'vllm', contextTokens, modelsPath = '' }: SetUp = {}) {
  const started = await Promise.all(kinds.map(kind => FakeInferenceServer.start(kind)));
  servers.push(...started);
  const [server] = started;
  if (server === undefined) throw new Error('no server');
  const clock = new HurriedClock();
  const records: LogRecord[] = [];
  const engine = new RemoteEngine(modelsPath, new HostLog(record => records.push(record)), { ...defaultServerLimits, ...limits }, clock);
  const model: RemoteModelSpec = {
    endpoints: started.map(({ url }) => ({ url, ...(apiKey === undefined ? {} : { apiKey }) })), model: 'paligemma2-3b-mix-224', dialect, resolutionPx: 224,
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
  const progress: RunProgress[] = [];
  const run = (prefix = 'detect cat', { signal = new AbortController().signal, maxNewTokens = 32, imagePath = picture, onProgress = (_: RunProgress): unknown => undefined } = {}) =>
    engine.generate({ model, imagePath, prefix, maxNewTokens, locDivisor: 1024, progressToken: '' }, value => {
      progress.push(value);
      onProgress(value);
    }, signal);
  return { server, servers: started, engine, model, run, progress, clock, records };
}

test('a run: what is sent is the square that the local model would see, as PNG, and the answer becomes regions', async () => {
  const { server, run, progress } = await setUp();
  const result = await run('detect cat\n');
  const image = await loadImage(picture);
  assert.deepEqual(result.image, { widthPx: image.widthPx, heightPx: image.heightPx, sha256: image.sha256 });
  assert.equal(result.suffix, '<loc0256><loc0128><loc0768><loc0512> cat');
  assert.deepEqual([result.device, result.stopReason, result.tokenIds, result.tokenProbabilities, result.timings.tokens], ['remote', 'eos', ['<loc0256>', '<loc0128>', '<loc0768>', '<loc0512>', ' cat'].map(idOf), [], 5]);
  assert.deepEqual(result.regions, [{ label: 'cat', box: { x1: image.widthPx / 8, y1: image.heightPx / 4, x2: image.widthPx / 2, y2: image.heightPx * 3 / 4 } }]);
  assert.deepEqual(result.server, { url: server.url, setbacks: [] });
  assert.deepEqual(progress.flatMap(value => (value.kind === 'text' ? value.text : value.phase)), [
    'image', 'prefill', '<loc0256>', '<loc0256><loc0128>', '<loc0256><loc0128><loc0768>', '<loc0256><loc0128><loc0768><loc0512>', '<loc0256><loc0128><loc0768><loc0512> cat',
  ]);

  const [body] = server.chats;
  assert.ok(body !== undefined);
  const { messages, ...fields } = body;
  assert.deepEqual(fields, {
    model: 'paligemma2-3b-mix-224', temperature: 0, max_tokens: 32, stream: true, stream_options: { include_usage: true },
    skip_special_tokens: false, spaces_between_special_tokens: false, return_token_ids: true,
  });
  assert.deepEqual(messages.map(({ role, content }) => [role, content.map(({ type }) => type)]), [['user', ['image_url', 'text']]]);
  assert.equal(promptOf(body), 'detect cat');
  const { data, info } = await sharp(pictureOf(body)).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [224, 224, 3]);
  assert.ok(Buffer.from(await resizeBicubic8({ ...image, channels: 3 }, 224, 224)).equals(data), 'pixels of the local preprocessor');
});

test('a turned photograph is sent upright, and encoded once for two prompts', async () => {
  const { server, run } = await setUp();
  const file = path.join(temporaryFolder('remote'), 'turned.jpg');
  writeFileSync(file, await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } }).withMetadata({ orientation: 6 }).jpeg().toBuffer());
  const [first, second] = [await run('ocr', { imagePath: file }), await run('caption en', { imagePath: file })];
  assert.deepEqual([first.image.widthPx, first.image.heightPx, second.image.widthPx], [20, 40, 20]);
  const [a, b] = server.chats.map(pictureOf);
  assert.ok(a !== undefined && b !== undefined && a.equals(b));
});

test('what a prompt must not hold is taken out before it is sent', async () => {
  const { server, run } = await setUp();
  await run('<image>detect <bos>cat\n\n');
  await run('');
  assert.deepEqual(server.chats.map(promptOf), ['detect cat', '']);
});

test('special tokens of the text are left out, and a cut answer says so', async () => {
  const { run } = await setUp({ kinds: [{ answer: () => ['<bos>', 'a', ' cat', '<eos>', '<pad>'] }] });
  assert.equal((await run()).suffix, 'a cat');
  const cut = await run('ocr', { maxNewTokens: 3 });
  assert.deepEqual([cut.suffix, cut.stopReason], ['a cat', 'maxNewTokens']);
});

test('masks are drawn where a decoder of masks lies beside the models', async () => {
  const modelsPath = temporaryFolder('decoder');
  const answer = () => ['<loc0256>', '<loc0128>', '<loc0768>', '<loc0512>', ...Array.from({ length: 16 }, (_, index) => `<seg${String(index).padStart(3, '0')}>`), ' cat'];
  const { run } = await setUp({ kinds: [{ answer }], modelsPath });
  const without = await run('segment cat');
  assert.deepEqual([without.regions.length, without.regions[0]?.mask], [1, undefined]);
  copyFileSync(golden('mask-decoder/decoder.npz'), path.join(modelsPath, 'vae-oid.npz'));
  const { regions: [region], image } = await run('segment cat');
  assert.deepEqual([region?.mask?.width, region?.mask?.height], [image.widthPx, image.heightPx]);
});

test('no more tokens are asked for than the context has room for', async () => {
  const { server, run } = await setUp({ kinds: [{ contextTokens: 300, answer: () => Array.from({ length: 100 }, () => 'a') }], contextTokens: 300 });
  const result = await run('ocr', { maxNewTokens: 512 });
  assert.deepEqual([server.chats[0]?.max_tokens, result.stopReason, result.suffix.length], [300 - 256 - 3 - 2, 'contextFull', 39]);
});

test('a server that knows OpenAI\'s fields only is asked again without the others, once', async () => {
  const { server, run } = await setUp({ kinds: [{ dialect: 'openai' }] });
  const first = await run();
  await run();
  assert.deepEqual([first.suffix, first.tokenIds, first.timings.tokens, first.stopReason], ['<loc0256><loc0128><loc0768><loc0512> cat', [], 5, 'eos']);
  assert.deepEqual(server.chats.map(body => 'skip_special_tokens' in body), [true, false, false]);
});

test('the key goes to the server, and into no sentence and no log', async () => {
  const key = 'sk-very-secret';
  const { server, run, records } = await setUp({ kinds: [{ key }], apiKey: key });
  await run();
  assert.equal(server.requests[0]?.headers.authorization, `Bearer ${key}`);
  const refused = await setUp({ kinds: [{ key: 'another' }], apiKey: key });
  const failure = await failureOf(refused.run());
  assert.deepEqual([failure.reason, refused.server.chats.length], ['serverRefused', 1]);
  assert.match(failure.message, /refused the key.*PALIGEMMA_API_KEY/);
  assert.ok(!JSON.stringify([records, refused.records, failure.message]).includes(key));
  const none = await failureOf((await setUp({ kinds: [{ key: 'another' }] })).run());
  assert.match(none.message, /wants a key/);
});

test('a key is never sent unencrypted over a net, nor to where a server sends on', async () => {
  const { engine, model, server, run } = await setUp({ apiKey: 'sk' });
  const away = await failureOf(engine.generate({ model: { ...model, endpoints: [{ url: 'http://192.0.2.1:8000/v1', apiKey: 'sk' }] }, imagePath: picture, prefix: 'ocr', maxNewTokens: 1, locDivisor: 1024, progressToken: '' }, () => undefined, new AbortController().signal));
  assert.deepEqual([away.reason, /unencrypted/.test(away.message)], ['serverNotAllowed', true]);
  const broken = await failureOf((await setUp({ apiKey: 'two\nlines' })).run());
  assert.deepEqual([broken.reason, broken.message.includes('two')], ['serverRefused', false]);

  const other = await setUp();
  server.fault = (request, response) => {
    if (request.body === undefined) return false;
    response.writeHead(307, { location: `${other.server.url}/chat/completions` }).end();
    return true;
  };
  const sentOn = await failureOf(run());
  assert.equal(sentOn.reason, 'serverUnreachable');
  assert.ok(sentOn.message.includes(other.server.origin));
  assert.equal(other.server.requests.length, 0, 'neither key nor picture');
});

test('a redirect within the server is followed', async () => {
  const { server, run } = await setUp({ apiKey: 'sk' });
  server.fault = (request, response) => {
    if (request.path.endsWith('?again')) server.answer({ ...request, path: '/v1/chat/completions' }, response);
    else response.writeHead(307, { location: `${request.path}?again` }).end();
    return true;
  };
  await run();
  assert.deepEqual(server.requests.map(({ headers }) => headers.authorization), ['Bearer sk', 'Bearer sk']);
});

const refusals: readonly { readonly name: string; readonly status: number; readonly body: unknown; readonly reason: string; readonly says: RegExp }[] = [
  { name: 'a wrong path', status: 404, body: { detail: 'Not Found' }, reason: 'serverUnreachable', says: /address.*\/v1/ },
  { name: 'a wrong method', status: 405, body: { detail: 'Method Not Allowed' }, reason: 'serverUnreachable', says: /address/ },
  { name: 'a prompt too long', status: 400, body: { error: { message: 'This model\'s maximum context length is 512 tokens. However, you requested 900.', type: 'BadRequestError', param: 'input_tokens', code: 400 } }, reason: 'promptTooLong', says: /Shorten.*512/ },
  { name: 'too many tokens', status: 400, body: { error: { message: 'max_tokens is too large', type: 'BadRequestError', param: 'max_tokens', code: 400 } }, reason: 'badArgument', says: /--max-new-tokens/ },
  { name: 'a picture that cannot be read', status: 400, body: { error: { message: 'Failed to load image: cannot identify image file', type: 'BadRequestError', param: null, code: 400 } }, reason: 'serverAnswerInvalid', says: /PNG/ },
  { name: 'a bad request', status: 400, body: { error: { message: 'something else', type: 'Bad Request' } }, reason: 'serverAnswerInvalid', says: /something else/ },
  { name: 'a fault of the server', status: 500, body: { error: { message: 'boom', type: 'InternalServerError' } }, reason: 'serverAnswerInvalid', says: /boom/ },
  { name: 'a proxy that takes no large requests', status: 413, body: '<html>413</html>', reason: 'serverAnswerInvalid', says: /16 MB/ },
];

for (const { name, status, body, reason, says } of refusals) {
  test(`${name} is told with its cure, and not tried again`, async () => {
    const { server, run } = await setUp();
    server.fault = (request, response) => {
      if (request.body === undefined) return false;
      sendJson(response, status, body);
      return true;
    };
    const failure = await failureOf(run());
    assert.equal(failure.reason, reason);
    assert.match(failure.message, says);
    assert.equal(server.chats.length, 1);
  });
}

test('a model that is not there: the ones that are, are named', async () => {
  const { run, server } = await setUp({ kinds: [{ models: ['another-448', 'a-third'] }] });
  const failure = await failureOf(run());
  assert.equal(failure.reason, 'serverModelMissing');
  assert.match(failure.message, /another-448, a-third/);
  assert.deepEqual(server.requests.map(({ path: place }) => place), ['/v1/chat/completions', '/v1/models']);
});

for (const status of [408, 429, 502, 503, 504]) {
  test(`${status} is tried again, twice, after growing waits`, async () => {
    const { server, run, clock } = await setUp();
    let left = 2;
    server.fault = (_request, response) => {
      if (left-- <= 0) return false;
      sendJson(response, status, '<html>busy</html>');
      return true;
    };
    const result = await run();
    assert.deepEqual(result.server?.setbacks.map(({ isOverload }) => isOverload), [status === 429 || status === 503, status === 429 || status === 503]);
    assert.deepEqual(clock.waits, [750, 1500]);
    left = 10;
    const failure = await failureOf(run());
    assert.equal(failure.reason, status === 429 || status === 503 ? 'serverOverloaded' : 'serverUnreachable');
    assert.equal(server.chats.length, 6);
  });
}

test('what a server asks for in Retry-After is waited for, unless it is too long', async () => {
  const { server, run, clock } = await setUp();
  let after = '7';
  let left = 1;
  server.fault = (_request, response) => {
    if (left-- <= 0) return false;
    sendJson(response, 429, { error: { message: 'slow down' } }, { 'retry-after': after });
    return true;
  };
  await run();
  assert.deepEqual(clock.waits, [7000]);
  [after, left] = ['3600', 5];
  assert.match((await failureOf(run())).message, /slow down/);
  assert.equal(server.chats.length, 3);
});

test('a server that is not there', async () => {
  const { server, run } = await setUp();
  server.close();
  const failure = await failureOf(run());
  assert.equal(failure.reason, 'serverUnreachable');
  assert.match(failure.message, /cannot be reached.*Check that it runs/);
});

test('a server that never begins to answer is given up', async () => {
  const { server, run, records } = await setUp({ limits: { firstByteMs: 40 } });
  server.fault = () => true;
  const failure = await failureOf(run());
  assert.equal(failure.reason, 'serverUnreachable');
  assert.match(failure.message, /did not begin to answer/);
  assert.equal(records.filter(({ level }) => level === 'warn').length, 3, 'tries');
});

const broken: readonly { readonly name: string; readonly play: (server: FakeInferenceServer) => ServerFault; readonly says: RegExp; readonly reason?: string; readonly limits?: Partial<ServerLimits> }[] = [
  { name: 'a page', play: () => (_request, response) => end(response, '<!doctype html><title>Log in</title>'), says: /ended its answer before|no answer/ },
  { name: 'garbage', play: () => (_request, response) => end(response, 'data: {{{\n\n'), says: /no answer/ },
  { name: 'something of another shape', play: () => (_request, response) => end(response, 'data: {"choices":[{"delta":{"content":7}}]}\n\n'), says: /no answer/ },
  { name: 'an empty answer', play: () => (_request, response) => end(response, ''), says: /before it was done/ },
  { name: 'an error in the stream', play: () => (_request, response) => end(response, 'data: {"error":{"message":"CUDA out of memory"}}\n\n'), says: /CUDA out of memory/ },
  { name: 'an end without an end', play: () => (_request, response) => end(response, 'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n'), says: /before it was done/ },
  {
    name: 'death in mid-stream', reason: 'serverUnreachable', says: /broke off/,
    play: () => (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n', () => setImmediate(() => response.destroy()));
      return true;
    },
  },
  {
    name: 'silence in mid-stream', reason: 'serverUnreachable', limits: { idleMs: 40 }, says: /sent nothing more/,
    play: () => (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
      return true;
    },
  },
  { name: 'a stream without an end', says: /does not stop/, play: () => (_request, response) => flood(response, 'data: {"choices":[{"delta":{"content":"aaaaaaaaaaaaaaaaaaaaaaaa"}}]}\n\n') },
  { name: 'an event without an end', says: /no OpenAI-compatible server/, play: () => (_request, response) => flood(response, 'x'.repeat(65536)) },
];

for (const { name, play, says, reason = 'serverAnswerInvalid', limits } of broken) {
  test(`${name} instead of an answer is a clear failure, and is not tried again`, async () => {
    const { server, run } = await setUp(limits === undefined ? {} : { limits });
    server.fault = play(server);
    const failure = await failureOf(run());
    assert.equal(failure.reason, reason);
    assert.match(failure.message, says);
    assert.equal(server.chats.length, 1);
    await server.until(() => server.running === 0);
  });
}

function end(response: Parameters<ServerFault>[1], text: string): true {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);
  return true;
}

function flood(response: Parameters<ServerFault>[1], piece: string): true {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const more = () => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
  return true;
}

test('cancelling ends the request at once, in mid-stream and while it waits', async () => {
  const { server, run } = await setUp();
  const controller = new AbortController();
  server.fault = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
    return true;
  };
  await assert.rejects(run('ocr', { signal: controller.signal, onProgress: ({ kind }) => kind === 'text' && controller.abort() }), { name: 'AbortError' });
  await server.until(() => server.running === 0);

  const waiting = new AbortController();
  server.fault = () => true;
  const run2 = run('ocr', { signal: waiting.signal });
  await server.until(() => server.running === 1);
  waiting.abort();
  await assert.rejects(run2, { name: 'AbortError' });
  await server.until(() => server.running === 0);
});

test('a run moves to the next server where one is down, busy, dies or talks nonsense', async () => {
  const { servers: [first, second], run, clock } = await setUp({ kinds: [{}, { answer: () => ['second'] }] });
  assert.ok(first !== undefined && second !== undefined);
  const faults: ServerFault[] = [
    (_request, response) => {
      sendJson(response, 429, {});
      return true;
    },
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"fir"}}]}\n\n', () => setImmediate(() => response.destroy()));
      return true;
    },
    (_request, response) => end(response, '<html>'),
  ];
  for (const fault of faults) {
    first.fault = fault;
    const result = await run();
    assert.deepEqual([result.suffix, result.server?.url, result.server?.setbacks.map(({ url }) => url)], ['second', second.url, [first.url]]);
  }
  first.close();
  assert.equal((await run()).suffix, 'second');
  assert.deepEqual(clock.waits, [], 'nobody waited for it');
});

test('a picture that cannot be read is not sent', async () => {
  const { server, run } = await setUp();
  const failure = await failureOf(run('ocr', { imagePath: path.resolve('package.json') }));
  assert.equal(failure.reason, 'imageUnsupported');
  assert.equal(server.requests.length, 0);
});

test('through a proxy: plain addresses whole, encrypted ones by a tunnel, the key for the server only', async () => {
  const key = 'sk-of-the-server';
  const { server, engine, model } = await setUp();
  const seen: string[] = [];
  const proxy = http.createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
    const onward = http.request(`${server.origin}${new URL(request.url ?? '').pathname}`, { method: request.method, headers: request.headers }, answer => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  proxy.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url ?? ''} ${request.headers.authorization ?? 'no key'}`);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const proxyUrl = `http://me:p%40ss@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const through = (endpoint: { readonly url: string; readonly apiKey?: string }) => engine.generate(
    { model: { ...model, endpoints: [{ ...endpoint, proxyUrl }] }, imagePath: picture, prefix: 'ocr', maxNewTokens: 8, locDivisor: 1024, progressToken: '' }, () => undefined, new AbortController().signal);
  try {
    assert.equal((await through({ url: 'http://gpu.invalid:8000/v1' })).suffix.length > 0, true);
    const failure = await failureOf(through({ url: 'https://gpu.invalid/v1', apiKey: key }));
    assert.equal(failure.reason, 'serverUnreachable');
    assert.match(failure.message, /gpu\.invalid.*proxy 127\.0\.0\.1:\d+ answered 407/);
    assert.deepEqual(seen, [
      `POST http://gpu.invalid:8000/v1/chat/completions Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      ...Array.from({ length: 3 }, () => 'CONNECT gpu.invalid:443 no key'),
    ]);
  } finally {
    proxy.close();
    proxy.closeAllConnections();
  }
});
