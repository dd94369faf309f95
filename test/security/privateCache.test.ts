// Lines 18 and 24: what was found in somebody's pictures is nobody else's, and nobody else puts anything beside it.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/commandLine';
import { sandbox } from '../support/hostile/sandbox';
import { WatchedHost } from '../support/hostile/watchedHost';
import { samplePath } from '../support/samples';
import { temporaryFolder } from '../support/temporary';

const skip = process.platform === 'win32'
  && 'Windows has no such permissions; the cache lies in the profile of the person, which others cannot read';

test("results and thumbnails are their owner's alone, also in a cache folder that others may look into", {
  timeout: 120_000,
  skip,
}, async context => {
  const box = sandbox('private');
  context.after(() => box.remove());
  // A folder that the person has made, and lets others read.
  chmodSync(box.cache, 0o755);
  const result = await runCommand(['caption', samplePath('01.png'), '--model', 'demo', '--device', 'cpu'], {
    cache: box.cache,
    env: box.env,
  });
  assert.equal(result.code, 0, result.stderr);
  const host = await WatchedHost.start(box);
  assert.equal(
    (await host.request('modelHost/thumbnail', { imagePath: samplePath('01.png'), maxSidePx: 64 })).outcome,
    'done',
  );
  await host.stop();
  const others = (place: string) => statSync(place).mode & 0o077;
  for (const folder of ['results', 'thumbnails']) assert.equal(others(path.join(box.cache, folder)), 0, folder);
  const results = readdirSync(path.join(box.cache, 'results'), { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.json')
  );
  assert.ok(results.length > 0);
  for (const name of results) assert.equal(others(path.join(box.cache, 'results', name)), 0, name);
});

/** An agreement that somebody else has put into the cache. */
function planted(name: string): string {
  const cache = path.join(temporaryFolder(name), 'cache');
  const agreement = {
    formatVersion: 1,
    urls: ['http://127.0.0.1:9/v1'],
    model: 'planted',
    dialect: 'openai',
    mask: 'unknown',
    resolutionPx: 224,
  };
  mkdirSync(path.join(cache, 'servers'), { recursive: true });
  writeFileSync(path.join(cache, 'servers', 'x.json'), JSON.stringify(agreement));
  return cache;
}

/** What a refused cache says. */
const refusal = /The cache folder .* is not used: .*PALIGEMMA_CACHE.*\(error 1407\)/;

async function isListed(cache: string): Promise<boolean> {
  const { code, stdout, stderr } = await runCommand(['models', 'list'], { cache });
  if (stdout.includes('planted')) return true;
  assert.equal(code, 1);
  assert.match(stderr, refusal);
  return false;
}

test(
  'what lies in a cache folder that others may write to is neither listed nor used',
  { timeout: 120_000, skip },
  async () => {
    const cache = planted('open-cache');
    assert.equal(await isListed(cache), true, 'in a folder of one’s own it is an agreement');
    chmodSync(cache, 0o777);
    assert.equal(await isListed(cache), false);
    const run = await runCommand(['caption', samplePath('01.png'), '--model', 'http://127.0.0.1:9/v1'], { cache });
    assert.match(run.stderr, refusal);
    chmodSync(cache, 0o755);
    chmodSync(path.join(cache, 'servers'), 0o777);
    assert.equal(await isListed(cache), false);
    chmodSync(path.join(cache, 'servers'), 0o755);
    chmodSync(path.dirname(cache), 0o777);
    assert.equal(await isListed(cache), false);
    chmodSync(path.dirname(cache), 0o1777);
    assert.equal(await isListed(cache), true);
  },
);

test('what another user owns in the cache, or the cache itself, is not used', {
  timeout: 120_000,
  skip: process.getuid?.() !== 0 && 'only root can give a file to another user',
}, async () => {
  const nobody = 65_534;
  const cache = planted('foreign-cache');
  for (const place of [cache, path.join(cache, 'servers'), path.join(cache, 'servers', 'x.json')]) {
    chownSync(place, nobody, nobody);
    assert.equal(await isListed(cache), false, place);
    chownSync(place, 0, 0);
  }
  assert.equal(await isListed(cache), true);
});
