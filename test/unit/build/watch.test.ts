/** `npm run watch` in a copy of the sources: what it writes follows what is changed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileBecomes } from '../../support/folderWatch';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('watch');
const sources = /\.(?:css|json|mjs|ts)$/;
const leftOut = ['.git', 'dist', 'docs', 'node_modules', 'out', 'test'];
const limitMs = 60_000;

function copySources(): void {
  for (const entry of readdirSync('.', { withFileTypes: true }).filter(({ name }) => !leftOut.includes(name))) {
    cpSync(entry.name, path.join(folder, entry.name), {
      recursive: true,
      filter: file => path.extname(file) === '' || sources.test(file),
    });
  }
  // A junction needs no rights on Windows.
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'junction');
}

test('styles and scripts of the pages are written anew when they change', { timeout: limitMs }, async t => {
  copySources();
  const dist = path.join(folder, 'dist/media');
  const child = spawn(process.execPath, ['scripts/build.mjs', '--watch'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // The folder is removed once nothing writes into it any more: the watch ends with its channel.
  const gone = once(child, 'exit');
  t.after(async () => {
    if (child.connected) child.disconnect();
    await gone;
  });
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject).once('exit', code => reject(new Error(`it ended with code ${code}:\n${output}`)));
  });
  for (const page of ['viewer', 'clipboard']) {
    for (
      const [source, file, change] of [
        [`${page}.css`, `${page}.css`, '.changed-style { color: red; }'],
        ['main.ts', `${page}.js`, 'console.log("changed-script");'],
      ] as const
    ) {
      const target = path.join(dist, file);
      await Promise.race([fileBecomes(target, text => text.includes(page)), ended]);
      assert.doesNotMatch(readFileSync(target, 'utf8'), /changed-/);
      appendFileSync(path.join(folder, 'media', page, source), `\n${change}\n`);
      await Promise.race([fileBecomes(target, text => text.includes('changed-')), ended]);
    }
  }
});
