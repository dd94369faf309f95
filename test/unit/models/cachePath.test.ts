import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cachePath, openCache, type Surroundings } from '../../../server/src/models/folders/cachePath';
import { failureOf, temporaryFolder } from '../../support/temporary';

const home = path.resolve('/home/ada');
const from = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}): Surroundings => ({
  platform,
  env,
  homePath: home,
});

test('each platform has its place', () => {
  assert.equal(cachePath(from('linux')), path.join(home, '.cache', 'paligemma'));
  assert.equal(cachePath(from('darwin')), path.join(home, 'Library', 'Caches', 'paligemma'));
  assert.equal(cachePath(from('win32')), path.join(home, 'AppData', 'Local', 'paligemma', 'cache'));
});

test('XDG_CACHE_HOME moves it, a relative one is ignored', () => {
  assert.equal(
    cachePath(from('linux', { XDG_CACHE_HOME: path.resolve('/fast') })),
    path.join(path.resolve('/fast'), 'paligemma'),
  );
  assert.equal(cachePath(from('linux', { XDG_CACHE_HOME: 'fast' })), path.join(home, '.cache', 'paligemma'));
  assert.equal(cachePath(from('linux', { XDG_CACHE_HOME: '' })), path.join(home, '.cache', 'paligemma'));
});

test('PALIGEMMA_CACHE decides everywhere, relative to the current folder', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    assert.equal(
      cachePath(from(platform, { PALIGEMMA_CACHE: path.resolve('/own'), XDG_CACHE_HOME: '/fast' })),
      path.resolve('/own'),
    );
    assert.equal(cachePath(from(platform, { PALIGEMMA_CACHE: 'own' })), path.resolve('own'));
  }
  assert.equal(cachePath(from('linux', { PALIGEMMA_CACHE: '' })), path.join(home, '.cache', 'paligemma'));
});

const folder = temporaryFolder('cache');

test('the folder is made where it is missing', async () => {
  const place = path.join(folder, 'deep', 'er');
  assert.equal(await openCache(place), place);
  assert.ok(existsSync(place));
  if (process.platform !== 'win32') assert.equal(statSync(place).mode & 0o077, 0, 'nobody else looks into it');
  assert.equal(await openCache(place), place);
});

test('a file in its place: cacheUnwritable, with the variable that cures it', async () => {
  const place = path.join(folder, 'file');
  writeFileSync(place, '');
  for (const candidate of [place, path.join(place, 'below')]) {
    const { reason, message } = await failureOf(openCache(candidate));
    assert.equal(reason, 'cacheUnwritable');
    assert.match(message, /PALIGEMMA_CACHE/);
  }
});
