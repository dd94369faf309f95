import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { ModelSpec } from '../../../model-host/src/contract/protocol';
import { convertedModel } from '../../../model-host/src/convert/modelCache';
import { tidyConverted } from '../../../model-host/src/convert/tidyConverted';
import { temporaryFolder } from '../../support/temporary';
import { copyCheckpoint, editJson } from '../../support/tinyCheckpoint';

const root = temporaryFolder('tidy');
const hooks = { signal: new AbortController().signal, onProgress: () => undefined, onNote: () => undefined };
const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3600_000);

/** A cache with one conversion that was loaded since, so that it has a record. */
async function setUp(name: string) {
  const source = copyCheckpoint('gqa-224', path.join(root, name, 'source'));
  const cache = path.join(root, name, 'cache');
  const spec: ModelSpec = { path: source, weights: 'int4', device: 'cpu', attention: 'full' };
  const { folder } = await convertedModel(spec, cache, hooks);
  await convertedModel(spec, cache, hooks);
  assert.equal(readdirSync(path.join(cache, 'checked')).length, 1);
  return {
    source,
    cache,
    spec,
    folder,
    names: () => readdirSync(path.join(cache, 'converted')),
    records: () => readdirSync(path.join(cache, 'checked')),
  };
}

test('what is in use stays', async () => {
  const { cache, folder, names, records } = await setUp('used');
  assert.deepEqual(await tidyConverted(cache), []);
  assert.deepEqual([names(), records().length], [[path.basename(folder)], 1]);
});

test('a checkpoint that was changed: its conversion goes at once, and its record', async () => {
  const { source, cache, folder, names, records } = await setUp('changed');
  utimesSync(path.join(source, 'model.safetensors'), 1, 1);
  assert.deepEqual(await tidyConverted(cache), [path.basename(folder)]);
  assert.deepEqual([names(), records()], [[], []]);
});

test('a checkpoint that is gone: its conversion stays for a month after its last use', async () => {
  const { source, cache, folder, names, records } = await setUp('gone');
  renameSync(source, `${source}-unplugged`);
  utimesSync(folder, daysAgo(100), daysAgo(100));
  const record = path.join(cache, 'checked', records()[0] ?? '');
  utimesSync(record, daysAgo(20), daysAgo(20));
  assert.deepEqual(await tidyConverted(cache), []);
  utimesSync(record, daysAgo(40), daysAgo(40));
  assert.deepEqual(await tidyConverted(cache), [path.basename(folder)]);
  assert.deepEqual([names(), records()], [[], []]);
});

test('the conversion of another version of this program is judged by time alone', async () => {
  const { cache, folder, names } = await setUp('version');
  editJson(folder, 'manifest.json', manifest => {
    manifest['formatVersion'] = 99;
    manifest['source'] = { path: '/', fingerprint: '' };
  });
  assert.deepEqual(await tidyConverted(cache), []);
  for (
    const place of [
      folder,
      ...readdirSync(path.join(cache, 'checked')).map(name => path.join(cache, 'checked', name)),
    ]
  ) utimesSync(place, daysAgo(40), daysAgo(40));
  await tidyConverted(cache);
  assert.deepEqual(names(), []);
});

test('conversions that were cut off: of a dead process at once, of a number that lives on after a day, none under way', async () => {
  const { cache, folder, names } = await setUp('partial');
  const at = (name: string) => path.join(cache, 'converted', name);
  for (const name of ['x.partial-2147483646-a', `y.partial-${process.pid}-b`, `z.partial-${process.pid}-c`]) {
    mkdirSync(at(name));
    writeFileSync(path.join(at(name), 'shared.data'), 'half');
  }
  for (const place of [path.join(at(`y.partial-${process.pid}-b`), 'shared.data'), at(`y.partial-${process.pid}-b`)]) {
    utimesSync(place, daysAgo(2), daysAgo(2));
  }
  await tidyConverted(cache);
  assert.deepEqual(names(), [path.basename(folder), `z.partial-${process.pid}-c`].sort());
});

test('a cache that is not there, or is no folder', async () => {
  assert.deepEqual(await tidyConverted(path.join(root, 'absent')), []);
  writeFileSync(path.join(root, 'file'), '');
  assert.deepEqual(await tidyConverted(path.join(root, 'file')), []);
});

test('a record goes with its folder, also where somebody else removed that', async () => {
  const { cache, folder, records } = await setUp('removed');
  rmSync(folder, { recursive: true });
  await tidyConverted(cache);
  assert.deepEqual(records(), []);
  assert.ok(existsSync(cache));
});
