import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { loadImage } from '../../../model-host/src/image/load';
import { resizeBicubic8 } from '../../../model-host/src/image/resample';
import { idOf, pictureOf, promptOf, sendJson } from '../../support/fakeInferenceServer';
import { golden } from '../image/support';
import { failureOf, temporaryFolder } from '../../support/temporary';
import { picture, setUp } from './remoteSupport';

test('a run: what is sent is the square that the local model would see, as PNG, and the answer becomes regions', async () => {
  const { server, run, progress } = await setUp();
  const result = await run('detect cat\n');
  const image = await loadImage(picture);
  assert.deepEqual(result.image, { widthPx: image.widthPx, heightPx: image.heightPx, sha256: image.sha256 });
  assert.equal(result.suffix, '<loc0256><loc0128><loc0768><loc0512> cat');
  assert.deepEqual([
    result.device,
    result.stopReason,
    result.tokenIds,
    result.tokenProbabilities,
    result.timings.tokens,
  ], ['remote', 'eos', ['<loc0256>', '<loc0128>', '<loc0768>', '<loc0512>', ' cat'].map(idOf), [], 5]);
  assert.deepEqual(result.regions, [{
    label: 'cat',
    box: { x1: image.widthPx / 8, y1: image.heightPx / 4, x2: image.widthPx / 2, y2: image.heightPx * 3 / 4 },
  }]);
  assert.deepEqual(result.server, { url: server.url, setbacks: [] });
  assert.deepEqual(progress.flatMap(value => (value.kind === 'text' ? value.text : value.phase)), [
    'image',
    'prefill',
    '<loc0256>',
    '<loc0256><loc0128>',
    '<loc0256><loc0128><loc0768>',
    '<loc0256><loc0128><loc0768><loc0512>',
    '<loc0256><loc0128><loc0768><loc0512> cat',
  ]);

  const [body] = server.chats;
  assert.ok(body !== undefined);
  const { messages, ...fields } = body;
  assert.deepEqual(fields, {
    model: 'paligemma2-3b-mix-224',
    temperature: 0,
    max_tokens: 32,
    stream: true,
    stream_options: { include_usage: true },
    skip_special_tokens: false,
    spaces_between_special_tokens: false,
    return_token_ids: true,
  });
  assert.deepEqual(messages.map(({ role, content }) => [role, content.map(({ type }) => type)]), [['user', [
    'image_url',
    'text',
  ]]]);
  assert.equal(promptOf(body), 'detect cat');
  const { data, info } = await sharp(pictureOf(body)).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [224, 224, 3]);
  assert.ok(
    Buffer.from(await resizeBicubic8({ ...image, channels: 3 }, 224, 224)).equals(data),
    'pixels of the local preprocessor',
  );
});

test('a turned photograph is sent upright, and encoded once for two prompts', async () => {
  const { server, run } = await setUp();
  const file = path.join(temporaryFolder('remote'), 'turned.jpg');
  writeFileSync(
    file,
    await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } }).withMetadata({ orientation: 6 })
      .jpeg().toBuffer(),
  );
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
  const answer = () => [
    '<loc0256>',
    '<loc0128>',
    '<loc0768>',
    '<loc0512>',
    ...Array.from({ length: 16 }, (_, index) => `<seg${String(index).padStart(3, '0')}>`),
    ' cat',
  ];
  const { run } = await setUp({ kinds: [{ answer }], modelsPath });
  const without = await run('segment cat');
  assert.deepEqual([without.regions.length, without.regions[0]?.mask], [1, undefined]);
  copyFileSync(golden('mask-decoder/decoder.npz'), path.join(modelsPath, 'vae-oid.npz'));
  const { regions: [region], image } = await run('segment cat');
  assert.deepEqual([region?.mask?.width, region?.mask?.height], [image.widthPx, image.heightPx]);
});

test('no more tokens are asked for than the context has room for', async () => {
  const { server, run } = await setUp({
    kinds: [{ contextTokens: 300, answer: () => Array.from({ length: 100 }, () => 'a') }],
    contextTokens: 300,
  });
  const result = await run('ocr', { maxNewTokens: 512 });
  assert.deepEqual([server.chats[0]?.max_tokens, result.stopReason, result.suffix.length], [
    300 - 256 - 3 - 2,
    'contextFull',
    39,
  ]);
});

test("a server that knows OpenAI's fields only is asked again without the others, once", async () => {
  const { server, run } = await setUp({ kinds: [{ dialect: 'openai' }] });
  const first = await run();
  await run();
  assert.deepEqual([first.suffix, first.tokenIds, first.timings.tokens, first.stopReason], [
    '<loc0256><loc0128><loc0768><loc0512> cat',
    [],
    5,
    'eos',
  ]);
  assert.deepEqual(server.chats.map(body => 'skip_special_tokens' in body), [true, false, false]);
});

test('a server that streams nothing: its one answer is taken, also where it says no more than the text', async () => {
  const { server, run, progress } = await setUp({ kinds: [{ dialect: 'openai' }] });
  const bodies = [
    {
      choices: [{ message: { content: 'a cat' }, finish_reason: 'length' }],
      usage: { completion_tokens: 2 },
      error: null,
    },
    { choices: [{ message: { content: 'a cat' } }] },
  ];
  server.fault = ({ body }, response) => {
    if (body === undefined) return false;
    sendJson(response, 200, bodies.shift());
    return true;
  };
  const first = await run('caption en', { maxNewTokens: 2 });
  assert.deepEqual([first.suffix, first.timings.tokens, first.stopReason], ['a cat', 2, 'maxNewTokens']);
  assert.equal(progress.findLast(({ kind }) => kind === 'text') !== undefined, true);
  const second = await run('caption en');
  assert.deepEqual([second.suffix, second.stopReason], ['a cat', 'eos']);
});

test('a stream that is called JSON is read as the stream that it is', async () => {
  const { server, run } = await setUp();
  server.fault = ({ body }, response) => {
    if (body === undefined) return false;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(server.events(body).map(event => `data: ${JSON.stringify(event)}\n\n`).join(''));
    return true;
  };
  assert.equal((await run()).suffix, '<loc0256><loc0128><loc0768><loc0512> cat');
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
  const away = await failureOf(
    engine.generate(
      {
        model: { ...model, endpoints: [{ url: 'http://192.0.2.1:8000/v1', apiKey: 'sk' }] },
        imagePath: picture,
        prefix: 'ocr',
        maxNewTokens: 1,
        locDivisor: 1024,
        progressToken: '',
      },
      () => undefined,
      new AbortController().signal,
    ),
  );
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

test('of a part the square of that part is sent, and regions come in pixels of the whole picture', async () => {
  const { server, run } = await setUp();
  const image = await loadImage(picture);
  const crop = { x1: 8, y1: 4, x2: image.widthPx - 2, y2: image.heightPx - 6 };
  const result = await run('detect cat', { crop });
  assert.deepEqual(result.image, { widthPx: image.widthPx, heightPx: image.heightPx, sha256: image.sha256 });
  const [width, height] = [crop.x2 - crop.x1, crop.y2 - crop.y1];
  assert.deepEqual(result.regions[0]?.box, {
    x1: 8 + width / 8,
    y1: 4 + height / 4,
    x2: 8 + width / 2,
    y2: 4 + height * 3 / 4,
  });
  const [body] = server.chats;
  assert.ok(body !== undefined);
  const sent = await sharp(pictureOf(body)).removeAlpha().raw().toBuffer();
  const data = await sharp(picture).removeAlpha().extract({ left: 8, top: 4, width, height }).raw().toBuffer();
  const expected = await resizeBicubic8({ data, widthPx: width, heightPx: height, channels: 3 }, 224, 224);
  assert.ok(sent.equals(Buffer.from(expected)));
});
