import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secrets } from '../../../../client/src/models/secrets';
import { hostOf, hostsOf, isServerName, servedName } from '../../../../paligemma/src/serverNames';
import { commonModels, consentText, readServerUrls } from '../../../../client/src/models/serverTexts';
import type { ServedModel, ServerProbe } from '../../../../server/src/contract/protocol';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const probe = (...models: ServedModel[]): ServerProbe => ({ url: 'http://a/v1', dialect: 'vllm', models });

test('one address or several, separated by commas, are read, each once', () => {
  assert.deepEqual(readServerUrls(' http://a:8000 , https://b/v1,http://a:8000', t), {
    urls: ['http://a:8000/v1', 'https://b/v1'],
  });
  for (
    const text of [
      '',
      ' , ',
      'gpu:8000',
      'ftp://a',
      'http://a,nonsense',
      'http://',
      'http://me:pass@a',
      'http://a?key=1',
      'http://a#m',
    ]
  ) assert.ok('problem' in readServerUrls(text, t), text);
});

test('the id of a served model names its host and its model', () => {
  const id = 'https://gpu.example:8443/v1#google/paligemma2-10b-mix-448';
  assert.deepEqual([isServerName(id), hostOf(id), servedName(id)], [
    true,
    'gpu.example:8443',
    'google/paligemma2-10b-mix-448',
  ]);
  assert.deepEqual([isServerName('google/mix'), servedName('google/mix')], [false, 'google/mix']);
  assert.equal(hostsOf(['http://a:1/v1', 'http://a:1/v1', 'http://b/v1']), 'a:1, b');
});

test('several servers have in common what all of them serve, with the worst that any of them told', () => {
  const shared = commonModels([
    probe({ id: 'm', mask: 'prefix', resolutionPx: 448 }, { id: 'x', mask: 'prefix' }),
    probe({ id: 'm', mask: 'causal', note: 'Update it.' }),
  ]);
  assert.deepEqual(shared, [{ id: 'm', mask: 'causal', resolutionPx: 448, note: 'Update it.' }]);
  assert.deepEqual(
    commonModels([probe({ id: 'm', mask: 'unknown' }), probe({ id: 'm', mask: 'prefix' })]).map(({ mask }) => mask),
    ['unknown'],
  );
  assert.deepEqual(commonModels([probe({ id: 'm', mask: 'prefix' }), probe()]), []);
});

test('the consent names the hosts, and warns of an open connection and of another mask', () => {
  const plain = consentText({ id: 'm', mask: 'prefix' }, ['https://gpu/v1'], t);
  assert.match(plain, /sent to gpu while/);
  assert.doesNotMatch(plain, /encrypted|trained/);
  assert.match(
    consentText({ id: 'm', mask: 'causal', note: 'Install the plugin.' }, ['http://gpu/v1'], t),
    /not encrypted[^]*differently from the way the model was trained[^]*Install the plugin\./,
  );
  assert.doesNotMatch(
    consentText(
      { id: 'm', mask: 'prefix' },
      ['http://127.0.0.1:8000/v1', 'http://localhost/v1', 'http://[::1]:1/v1'],
      t,
    ),
    /encrypted/,
  );
});

test('secrets: one key for an origin, trimmed; what is forgotten is gone', async () => {
  const stored = new Map<string, string>();
  const memory = new Map<string, unknown>();
  const secrets = new Secrets(
    {
      get: key => Promise.resolve(stored.get(key)),
      store: (key, value) => Promise.resolve(void stored.set(key, value)),
      delete: key => Promise.resolve(void stored.delete(key)),
      onDidChange: () => ({ dispose: () => undefined }),
    },
    {
      keys: () => [],
      get: (key: string) => memory.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void memory.set(key, value)),
    } as never,
  );
  await secrets.keepServerKey('http://a:1/v1', ' k1\n');
  await secrets.keepServerKey('http://a:1', 'k2');
  await secrets.keepServerKey('http://b/v1', 'kb');
  assert.deepEqual([
    await secrets.serverKey('http://a:1/v1'),
    await secrets.serverKey('http://b/other'),
    await secrets.serverKey('http://c'),
    await secrets.serverKey('nonsense'),
  ], ['k2', 'kb', undefined, undefined]);
  assert.deepEqual(secrets.keyOrigins, ['http://a:1', 'http://b']);
  await secrets.forgetServerKey('http://a:1');
  assert.deepEqual([await secrets.serverKey('http://a:1/v1'), secrets.keyOrigins], [undefined, ['http://b']]);
  assert.ok(!JSON.stringify([...memory]).includes('kb'), 'the memory holds addresses only');
  await secrets.keepHubToken('hf_x \n');
  assert.equal(await secrets.hubToken(), 'hf_x');
  assert.deepEqual([await secrets.forgetHubToken(), await secrets.forgetHubToken(), await secrets.hubToken()], [
    true,
    false,
    undefined,
  ]);
});
