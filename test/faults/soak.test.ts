// The short form of `npm run soak`: what can be counted does not grow with runs and hosts.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/temporary';
import { soak } from '../soak/soak';
import { verdicts } from '../soak/verdict';

const skip = process.platform === 'linux' ? false : 'looks at processes through /proc';

test('runs and hosts leave no descriptor, process, thread, listener or temporary file behind', {
  timeout: 200_000,
  skip,
}, async () => {
  const folder = temporaryFolder('soak');
  mkdirSync(path.join(folder, 'tmp'));
  const samples = await soak({ runs: 36, restarts: 6, samples: 6, folder });
  assert.equal(samples.length, 12);
  const counted = verdicts(samples).filter(({ figure }) => /fds|threads|listeners|processes|temporary/.test(figure));
  assert.deepEqual(counted.filter(({ isGrowing }) => isGrowing), []);
  assert.ok(
    samples.every(({ figures }) => figures.processes === 2 && figures['temporary files'] === 0),
    JSON.stringify(samples.at(-1)),
  );
});
