import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { type ServerLimits } from '../../../model-host/src/engines/remote/chatServer';
import { refusalOf } from '../../../model-host/src/engines/remote/refusals';
import type { FakeInferenceServer } from '../../support/fakeInferenceServer';
import { sendJson, type ServerFault } from '../../support/fakeInferenceServer';
import { failureOf } from '../../support/temporary';
import { picture, setUp } from './remoteSupport';

const refusals: readonly {
  readonly name: string;
  readonly status: number;
  readonly body: unknown;
  readonly reason: string;
  readonly says: RegExp;
}[] = [
  {
    name: 'a wrong path',
    status: 404,
    body: { detail: 'Not Found' },
    reason: 'serverUnreachable',
    says: /address.*\/v1/,
  },
  {
    name: 'a wrong method',
    status: 405,
    body: { detail: 'Method Not Allowed' },
    reason: 'serverUnreachable',
    says: /address/,
  },
  {
    name: 'a prompt too long',
    status: 400,
    body: {
      error: {
        message: "This model's maximum context length is 512 tokens. However, you requested 900.",
        type: 'BadRequestError',
        param: 'input_tokens',
        code: 400,
      },
    },
    reason: 'promptTooLong',
    says: /Shorten.*512/,
  },
  {
    name: 'too many tokens',
    status: 400,
    body: { error: { message: 'max_tokens is too large', type: 'BadRequestError', param: 'max_tokens', code: 400 } },
    reason: 'badArgument',
    says: /--max-new-tokens/,
  },
  {
    name: 'a picture that cannot be read',
    status: 400,
    body: {
      error: {
        message: 'Failed to load image: cannot identify image file',
        type: 'BadRequestError',
        param: null,
        code: 400,
      },
    },
    reason: 'serverAnswerInvalid',
    says: /PNG/,
  },
  {
    name: 'a bad request',
    status: 400,
    body: { error: { message: 'something else', type: 'Bad Request' } },
    reason: 'serverAnswerInvalid',
    says: /something else/,
  },
  {
    name: 'a fault of the server',
    status: 500,
    body: { error: { message: 'boom', type: 'InternalServerError' } },
    reason: 'serverAnswerInvalid',
    says: /boom/,
  },
  {
    name: 'a proxy that takes no large requests',
    status: 413,
    body: '<html>413</html>',
    reason: 'serverAnswerInvalid',
    says: /16 MB/,
  },
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
    assert.deepEqual(result.server?.setbacks.map(({ isOverload }) => isOverload), [
      status === 429 || status === 503,
      status === 429 || status === 503,
    ]);
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

test('a server that is not there is unreachable, with the cure', async () => {
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

const deep = '['.repeat(200_000) + ']'.repeat(200_000);
const broken: readonly {
  readonly name: string;
  readonly play: (server: FakeInferenceServer) => ServerFault;
  readonly says: RegExp;
  readonly reason?: string;
  readonly limits?: Partial<ServerLimits>;
}[] = [
  {
    name: 'a page',
    play: () => (_request, response) => end(response, '<!doctype html><title>Log in</title>'),
    says: /ended its answer before|not an answer/,
  },
  { name: 'garbage', play: () => (_request, response) => end(response, 'data: {{{\n\n'), says: /not an answer/ },
  {
    name: 'something of another shape',
    play: () => (_request, response) => end(response, 'data: {"choices":[{"delta":{"content":7}}]}\n\n'),
    says: /not an answer/,
  },
  { name: 'an empty answer', play: () => (_request, response) => end(response, ''), says: /before it was done/ },
  {
    name: 'an error in the stream',
    play: () => (_request, response) => end(response, 'data: {"error":{"message":"CUDA out of memory"}}\n\n'),
    says: /CUDA out of memory/,
  },
  {
    name: 'an end without an end',
    play: () => (_request, response) =>
      end(response, 'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n'),
    says: /before it was done/,
  },
  {
    name: 'death in mid-stream',
    reason: 'serverUnreachable',
    says: /broke off/,
    play: () => (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n', () => setImmediate(() => response.destroy()));
      return true;
    },
  },
  {
    name: 'silence in mid-stream',
    reason: 'serverUnreachable',
    limits: { idleMs: 40 },
    says: /sent nothing more/,
    play: () => (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
      return true;
    },
  },
  {
    name: 'a piece every now and then without an end',
    reason: 'serverUnreachable',
    limits: { wholeMs: 40, tokenMs: 0 },
    says: /did not come to the end of its answer/,
    play: () => (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const drip = setInterval(() => response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n'), 5);
      response.once('close', () => clearInterval(drip));
      return true;
    },
  },
  {
    name: 'tokens without an end and without a text',
    says: /does not stop/,
    play: () => (_request, response) =>
      flood(response, 'data: {"choices":[{"delta":{"content":""},"token_ids":[5,5,5,5]}]}\n\n'),
  },
  {
    name: 'an error that is nested deeper than the stack',
    says: /failed in the middle of an answer.*nested too deep/,
    play: () => (_request, response) => end(response, `data: {"error":${deep}}\n\n`),
  },
  {
    name: 'a refusal that is nested deeper than the stack',
    says: /failed \(500\).*nested too deep/,
    play: () => (_request, response) => {
      sendJson(response, 500, `{"error":{"message":${deep}}}`);
      return true;
    },
  },
  {
    name: 'an error with the status of an answer',
    says: /It says: image too big/,
    play: () => (_request, response) => {
      sendJson(response, 200, { error: { message: 'image too big', code: 400 } });
      return true;
    },
  },
  {
    name: 'an error in a few words with the status of an answer',
    says: /failed \(500\).*It says: out of memory/,
    play: () => (_request, response) => {
      sendJson(response, 200, { error: 'out of memory' });
      return true;
    },
  },
  {
    name: 'a stream without an end',
    says: /does not stop/,
    play: () => (_request, response) =>
      flood(response, 'data: {"choices":[{"delta":{"content":"aaaaaaaaaaaaaaaaaaaaaaaa"}}]}\n\n'),
  },
  {
    name: 'an event without an end',
    says: /not an OpenAI-compatible server/,
    play: () => (_request, response) => flood(response, 'x'.repeat(65536)),
  },
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
  await assert.rejects(
    run('ocr', { signal: controller.signal, onProgress: ({ kind }) => kind === 'text' && controller.abort() }),
    { name: 'AbortError' },
  );
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
      response.write(
        'data: {"choices":[{"delta":{"content":"fir"}}]}\n\n',
        () => setImmediate(() => response.destroy()),
      );
      return true;
    },
    (_request, response) => end(response, '<html>'),
    (_request, response) => end(response, `data: {"error":${deep}}\n\n`),
    (_request, response) => {
      sendJson(response, 200, { error: { message: 'busy', code: 503 } });
      return true;
    },
  ];
  for (const fault of faults) {
    first.fault = fault;
    const result = await run();
    assert.deepEqual([result.suffix, result.server?.url, result.server?.setbacks.map(({ url }) => url)], [
      'second',
      second.url,
      [first.url],
    ]);
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
    const onward = http.request(`${server.origin}${new URL(request.url ?? '').pathname}`, {
      method: request.method,
      headers: request.headers,
    }, answer => {
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
  const through = (endpoint: { readonly url: string; readonly apiKey?: string }) =>
    engine.generate(
      {
        model: { ...model, endpoints: [{ ...endpoint, proxyUrl }] },
        imagePath: picture,
        prefix: 'ocr',
        maxNewTokens: 8,
        locDivisor: 1024,
        progressToken: '',
      },
      () => undefined,
      new AbortController().signal,
    );
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

test('where a key would be readable on the way, the cure is not to give one', () => {
  const asked = { host: 'gpu:8000', apiKey: undefined, hasExtras: false };
  const said = (isConfidential: boolean) => refusalOf({ status: 401, body: '' }, { ...asked, isConfidential }).message;
  assert.match(said(true), /set PALIGEMMA_API_KEY/);
  assert.match(said(false), /not sent unencrypted\. Give the server an https address/);
});
