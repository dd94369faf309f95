// The npm package, installed into an empty folder as a person does it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { temporaryFolder } from '../support/commandLine';
import { isUnreachable, packageFact } from '../support/packages';
import { recordedAnswer, samplePath } from '../support/samples';

const folder = temporaryFolder();
after(() => folder.remove());
const windowsShell = process.platform === 'win32';
/** A person's: without what keeps install scripts from running in this checkout. */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:npm_config_|ONNXRUNTIME_NODE_INSTALL)/i.test(name)),
  ),
  PALIGEMMA_CACHE: folder.at('cache'),
};

test('two builds of the same sources are the same bytes', () => {
  assert.ok(
    readFileSync(packageFact('PALIGEMMA_TEST_NPM')).equals(readFileSync(packageFact('PALIGEMMA_TEST_NPM_AGAIN'))),
  );
});

test('npm install runs no script and gives the command paligemma, which captions a picture', t => {
  mkdirSync(folder.at('empty'));
  writeFileSync(folder.at('empty', 'package.json'), '{"private": true}');
  const install = spawnSync('npm', [
    'install',
    packageFact('PALIGEMMA_TEST_NPM'),
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ], {
    cwd: folder.at('empty'),
    encoding: 'utf8',
    env: environment,
    timeout: 240_000,
    shell: windowsShell,
  });
  const unreachable = install.status === 0 ? undefined : isUnreachable(install.stderr);
  if (unreachable !== undefined) return t.skip(`the registry does not answer: ${unreachable}`);
  assert.equal(install.status, 0, install.stderr);
  const record = readFileSync(folder.at('empty', 'node_modules/.package-lock.json'), 'utf8');
  assert.match(record, /"node_modules\/paligemma\/node_modules\/onnxruntime-node"/);
  assert.doesNotMatch(record, /"hasInstallScript"/, 'no package runs a script, which could download more');
  const program = folder.at('empty', 'node_modules/.bin/paligemma');
  const { status, stdout, stderr } = spawnSync(program, [
    'caption',
    samplePath('01.png'),
    '--weights',
    'f32',
    '--device',
    'cpu',
  ], {
    cwd: folder.path,
    encoding: 'utf8',
    env: environment,
    timeout: 120_000,
    shell: windowsShell,
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, `${recordedAnswer('01.png', 'caption en')}\n`);
});
