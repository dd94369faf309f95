// Line 18: what was found in somebody's pictures is nobody else's.
import assert from 'node:assert/strict';
import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/commandLine';
import { sandbox } from '../support/hostile/sandbox';
import { WatchedHost } from '../support/hostile/watchedHost';
import { samplePath } from '../support/samples';

const skip = process.platform === 'win32'
  && 'Windows has no such permissions; the cache lies in the profile of the person, which others cannot read';

test("cache, results and thumbnails are their owner's alone", { timeout: 120_000, skip }, async context => {
  const box = sandbox('private');
  context.after(() => box.remove());
  rmSync(box.cache, { recursive: true });
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
  assert.equal(others(box.cache), 0, 'the cache folder');
  for (const folder of ['results', 'thumbnails']) assert.equal(others(path.join(box.cache, folder)), 0, folder);
  const results = readdirSync(path.join(box.cache, 'results'), { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.json')
  );
  assert.ok(results.length > 0);
  for (const name of results) assert.equal(others(path.join(box.cache, 'results', name)), 0, name);
});
