import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { imagePrefix, resultKey, ResultStore, type ResultIdentity } from '../../../server/src/runs/resultStore';
import { silentLog } from '../../../server/src/util/log';
import { runResult } from '../../support/results';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('store');
const identity: ResultIdentity = {
  imageSha256: 'a'.repeat(64),
  modelIdentity: 'm',
  adapterIdentity: undefined,
  prompt: 'caption en',
  maxNewTokens: 64,
  weights: 'int4',
  attention: 'full',
  locDivisor: 1024,
};
const result = runResult({ fromStore: true, regions: [{ label: 'cup', box: { x1: 0, y1: 0, x2: 1, y2: 1 } }] });

test('the key changes with everything that decides the answer', () => {
  const others: Partial<ResultIdentity>[] = [
    { imageSha256: 'b'.repeat(64) },
    { modelIdentity: 'n' },
    { adapterIdentity: 'l' },
    { prompt: 'caption de' },
    { maxNewTokens: 65 },
    { weights: 'f32' },
    { attention: 'sliding' },
    { locDivisor: 1023 },
    { tiles: 'auto' },
    { tiles: '2x2' },
  ];
  const keys = [identity, ...others.map(other => ({ ...identity, ...other }))].map(resultKey);
  assert.equal(new Set(keys).size, keys.length);
  assert.ok(keys.every(key => /^[0-9a-f]{64}$/.test(key)));
  assert.equal(resultKey({ ...identity }), keys[0]);
  const ofImage = keys.filter(key => key.startsWith(imagePrefix(identity.imageSha256)));
  assert.equal(ofImage.length, keys.length - 1, 'all keys of one picture begin alike, and no other');
});

test('a picture that is read as a whole has the key that it had before pictures were read in parts', () => {
  assert.equal(resultKey(identity), 'aaaaaaaaaaaaaaaaaaaaaaaa1b7ab5b1695433dc9b4c40288ab0c654f4aae6e2');
});

test('the answers of parts lie apart from those about the picture, each by itself', () => {
  const part = (x1: number) => resultKey({ ...identity, part: { x1, y1: 0, x2: 20, y2: 20 } });
  assert.notEqual(part(0), part(1));
  assert.ok([part(0), part(1)].every(key => !key.startsWith(imagePrefix(identity.imageSha256))));
});

test('what was put is found again, by this store and by another one on the same folder', async () => {
  const place = path.join(folder, 'shared');
  const key = resultKey(identity);
  const store = new ResultStore(place, silentLog);
  assert.equal(await store.get(key), undefined);
  await store.put(key, result);
  assert.deepEqual(await store.get(key), result);
  assert.deepEqual(await new ResultStore(place, silentLog).get(key), result);
  assert.deepEqual(readdirSync(path.join(place, key.slice(0, 2))), [`${key}.json`], 'one file, no temporary ones');
});

const damages: readonly (readonly [name: string, content: string])[] = [
  ['nothing', ''],
  ['half a file', '{"formatVersion":1,"result":{"image":{"pa'],
  ['something else', '[1, 2, 3]'],
  ['another version', JSON.stringify({ formatVersion: 99, result })],
  ['a result without its image', JSON.stringify({ formatVersion: 2, result: { ...result, image: undefined } })],
  ['token ids that are no numbers', JSON.stringify({ formatVersion: 2, result: { ...result, tokenIds: ['5'] } })],
  ['a region without a box', JSON.stringify({ formatVersion: 2, result: { ...result, regions: [{ label: 'cup' }] } })],
];
for (const [name, content] of damages) {
  test(`a file with ${name} is a miss and is removed`, async () => {
    const place = path.join(folder, name.replaceAll(' ', '-'));
    const key = resultKey(identity);
    const file = path.join(place, key.slice(0, 2), `${key}.json`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    const store = new ResultStore(place, silentLog);
    assert.equal(await store.get(key), undefined);
    assert.equal(existsSync(file), false);
    await store.put(key, result);
    assert.deepEqual(await new ResultStore(place, silentLog).get(key), result);
  });
}

test('a folder that cannot be written costs the file, not the result, and is told once', async () => {
  const place = path.join(folder, 'blocked');
  writeFileSync(place, 'a file in the way');
  const told: string[] = [];
  const store = new ResultStore(place, (_level, _scope, message) => told.push(message));
  const [key, other] = [resultKey(identity), resultKey({ ...identity, prompt: 'ocr' })];
  await store.put(key, result);
  await store.put(other, result);
  assert.deepEqual(await store.get(key), result);
  assert.equal(told.filter(message => message.includes('cannot be kept')).length, 1);
  assert.equal(readFileSync(place, 'utf8'), 'a file in the way');
});

test('memory is bounded: what falls out is read from disk again', async () => {
  const place = path.join(folder, 'large');
  const store = new ResultStore(place, silentLog);
  const keys = Array.from({ length: 20 }, (_, index) => resultKey({ ...identity, prompt: String(index) }));
  for (const key of keys) await store.put(key, { ...result, suffix: 'x'.repeat(1 << 20) });
  const [first = '', last = ''] = [keys[0], keys.at(-1)];
  for (const key of [first, last]) {
    writeFileSync(
      path.join(place, key.slice(0, 2), `${key}.json`),
      JSON.stringify({ formatVersion: 2, result: { ...result, suffix: 'changed' } }),
    );
  }
  assert.equal((await store.get(first))?.suffix, 'changed', 'the oldest is no longer in memory');
  assert.equal((await store.get(last))?.suffix.length, 1 << 20, 'the newest is');
});

test('the disk is bounded: what was not asked for the longest goes, what was read lately stays', async () => {
  const place = path.join(folder, 'bounded');
  const keys = Array.from({ length: 11 }, (_, index) => resultKey({ ...identity, prompt: String(index) }));
  const writer = new ResultStore(place, silentLog);
  const fileOf = (key: string) => path.join(place, key.slice(0, 2), `${key}.json`);
  for (const [index, key] of keys.entries()) {
    await writer.put(key, result);
    const longAgo = new Date(Date.UTC(2020, 0, 1 + index));
    utimesSync(fileOf(key), longAgo, longAgo);
  }
  const [oldest = '', second = ''] = keys;
  const told: string[] = [];
  const store = new ResultStore(place, (_level, _scope, message) => told.push(message), { files: 10, bytes: 2 ** 20 });
  assert.deepEqual(await store.get(oldest), result);
  assert.ok(Date.now() - statSync(fileOf(oldest)).mtimeMs < 60_000, 'reading made it young');
  const newest = resultKey({ ...identity, prompt: 'new' });
  await store.put(newest, result);
  await store.idle();
  const left = [...await store.keys()];
  assert.equal(left.length, 9, 'nine tenths of ten');
  assert.ok(left.includes(oldest) && left.includes(newest) && !left.includes(second));
  assert.deepEqual(told, ['3 results that were not used for the longest were deleted.']);
});
