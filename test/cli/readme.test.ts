// The first command of the README, as it stands there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { temporaryFolder } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { recordedAnswer } from '../support/samples';

const cache = temporaryFolder();
withDemoModel(cache.path);
after(() => cache.remove());

test('npm run caption prints the caption of a sample picture, alone on stdout', () => {
  const readme = readFileSync('README.md', 'utf8');
  const image = /^npm run caption -- media\/samples\/(\d\d\.png)$/m.exec(readme)?.[1];
  assert.ok(image !== undefined, 'the README names the command');
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'caption', '--', `media/samples/${image}`], {
    encoding: 'utf8',
    env: { ...process.env, PALIGEMMA_CACHE: cache.path },
    timeout: 120_000,
    shell: process.platform === 'win32',
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, `${recordedAnswer(image, 'caption en')}\n`);
});
