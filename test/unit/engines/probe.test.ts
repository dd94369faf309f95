import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { RemoteEngine } from '../../../model-host/src/engines/remote/remoteEngine';
import { HostLog } from '../../../model-host/src/wire/hostLog';
import { FakeInferenceServer, pictureOf, promptOf, sendJson, type ServerKind } from '../../support/fakeInferenceServer';
import { failureOf } from '../../support/temporary';

const servers: FakeInferenceServer[] = [];
after(() => servers.forEach(server => server.close()));

async function setUp(kind: Partial<ServerKind> = {}, apiKey?: string) {
  const server = await FakeInferenceServer.start(kind);
  servers.push(server);
  const engine = new RemoteEngine('', new HostLog(() => undefined));
  return {
    server,
    probe: () =>
      engine.probe({ url: server.url, ...(apiKey === undefined ? {} : { apiKey }) }, new AbortController().signal),
  };
}

test('a server with the prefix mask: models, context, side of the picture; only a picture of one colour is sent', async () => {
  const { server, probe } = await setUp();
  assert.deepEqual(await probe(), {
    url: server.url,
    dialect: 'vllm',
    models: [{ id: 'paligemma2-3b-mix-224', contextTokens: 1024, resolutionPx: 224, mask: 'prefix' }],
  });
  assert.deepEqual(server.chats.map(promptOf), ['caption en', 'caption cat']);
  assert.deepEqual(server.chats.map(({ max_tokens, stream }) => [max_tokens, stream]), [[1, false], [1, false]]);
  const [a, b] = server.chats.map(body => pictureOf(body));
  assert.ok(a?.equals(b ?? Buffer.of()) && a.length < 200);
});

test('a stock server: the mask is missing, and the note says what that means', async () => {
  const { probe } = await setUp({ hasPrefixMask: false, imageTokens: 1024, contextTokens: 2048 });
  const { models: [model] } = await probe();
  assert.deepEqual([model?.mask, model?.resolutionPx], ['causal', 448]);
  assert.match(model?.note ?? '', /prefix mask.*differ.*docs\/servers\.md/);
});

test("a server of OpenAI's fields only: dialect, and a mask that nobody knows", async () => {
  const { probe } = await setUp({ dialect: 'openai' });
  const { dialect, models: [model] } = await probe();
  assert.deepEqual([dialect, model?.mask, model?.resolutionPx], ['openai', 'unknown', undefined]);
});

test('a server that does not look back into the prompt: the side of the picture, and a mask that nobody knows', async () => {
  const { server, probe } = await setUp();
  server.fault = ({ body }, response) => {
    if (body === undefined || !('prompt_logprobs' in body)) return false;
    sendJson(response, 400, {
      error: { message: 'prompt_logprobs is disabled', type: 'BadRequestError', param: null, code: 400 },
    });
    return true;
  };
  const { models: [model] } = await probe();
  assert.deepEqual([model?.mask, model?.resolutionPx], ['unknown', 224]);
});

test('a chat template that adds to the prompt, and a model that takes no pictures, are told', async () => {
  const turns = await setUp({ imageTokens: 250 });
  assert.match((await turns.probe()).models[0]?.note ?? '', /chat template/);
  const text = await setUp();
  text.server.fault = ({ body }, response) => {
    if (body === undefined) return false;
    sendJson(response, 400, {
      error: { message: 'This model takes no images.', type: 'BadRequestError', param: null, code: 400 },
    });
    return true;
  };
  const { models: [model] } = await text.probe();
  assert.match(model?.note ?? '', /cannot be used.*takes no images/);
});

test('several models are each looked at; of a long list the first ones', async () => {
  const { server, probe } = await setUp({ models: Array.from({ length: 10 }, (_, index) => `m${index}`) });
  const { models } = await probe();
  assert.deepEqual(models.map(({ mask }) => mask), [
    ...Array.from({ length: 8 }, () => 'prefix'),
    'unknown',
    'unknown',
  ]);
  assert.equal(server.chats.length, 16);
});

test('what is no server, has no model, or wants a key, is a failure with its cure', async () => {
  const page = await setUp();
  page.server.fault = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
    return true;
  };
  const failure = await failureOf(page.probe());
  assert.deepEqual([failure.reason, /ends in \/v1/.test(failure.message)], ['serverAnswerInvalid', true]);
  assert.equal((await failureOf((await setUp({ models: [] })).probe())).reason, 'serverModelMissing');
  assert.equal((await failureOf((await setUp({ key: 'k' })).probe())).reason, 'serverRefused');
  assert.equal((await (await setUp({ key: 'k' }, 'k')).probe()).models.length, 1);
  const gone = await setUp();
  gone.server.close();
  assert.equal((await failureOf(gone.probe())).reason, 'serverUnreachable');
});
