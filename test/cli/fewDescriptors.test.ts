// A system that lets a process open hardly any files.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import { registerServer } from '../../server/src/models/servers/servers';
import { objectsOf, temporaryFolder } from '../support/commandLine';
import { samplePath } from '../support/samples';

const skip = process.platform === 'linux' ? false : 'how many descriptors a program needs differs';
const timeout = 60_000;
const folder = temporaryFolder();
after(() => folder.remove());

/** Runs `paligemma` with so many descriptors. */
function withDescriptors(
  most: number,
  args: readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const program = `ulimit -n ${most} && exec "$0" "$@"`;
  return new Promise(resolve => {
    execFile('sh', ['-c', program, process.execPath, path.resolve('dist/cli.js'), ...args], {
      env: { ...process.env, PALIGEMMA_CACHE: folder.path },
    }, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

describe('with 24 descriptors', { skip }, () => {
  test('no model host can be started: the failure says so, and what cures it', { timeout }, async () => {
    const images = ['01.png', '02.png'].map(samplePath);
    const result = await withDescriptors(24, ['caption', ...images, '--model', 'demo', '--no-cache', '--json']);
    const failures = objectsOf(result).map(({ error }) => error as { readonly code: number; readonly message: string });
    assert.equal(failures.length, images.length, result.stderr);
    for (const { code, message } of failures) {
      assert.equal(code, failureTable.hostUnavailable.code, message);
      assert.match(message, /may open no more files \(EMFILE\).*ulimit -n/);
    }
  });

  test('many small files are read one after the other', { timeout }, async () => {
    mkdirSync(path.join(folder.path, 'servers'), { recursive: true });
    const models = Array.from({ length: 40 }, (_, index) => `model-${index}`);
    for (const model of models) {
      await registerServer(
        { urls: ['http://127.0.0.1:9/v1'], model, dialect: 'openai', mask: 'unknown', resolutionPx: 224 },
        folder.path,
      );
    }
    const { stdout, stderr } = await withDescriptors(24, ['models', 'list']);
    for (const model of models) assert.ok(stdout.includes(`#${model} `), `${model}: ${stdout}${stderr}`);
  });
});
