// A client that is not ours and not VS Code's: Neovim of this system drives `paligemma lsp --stdio` by its own LSP
// client.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { buildFakeHost } from '../support/fakeHostWatch';
import { distPath } from '../support/lspClient';
import { temporaryFolder } from '../support/temporary';

interface Seen {
  readonly failure?: string;
  readonly diagnostics: readonly { readonly code: string; readonly line: number; readonly column: number }[];
  readonly completion: readonly string[];
  readonly actions: readonly string[];
  readonly fixed: string;
  readonly summary: object;
  readonly after: readonly { readonly code: string; readonly line: number; readonly message: string }[];
  readonly hints: readonly object[];
  readonly text: readonly string[];
}

const folder = temporaryFolder('neovim');
let hostPath = '';

/** Why there is no Neovim here; undefined where it is, or was installed just now. */
function missingNeovim(): string | undefined {
  if (spawnSync('nvim', ['--version']).status === 0) return undefined;
  if (!existsSync('/usr/bin/apt-get')) return 'Neovim is not installed, and there is no apt-get to install it';
  if (process.getuid?.() !== 0) return 'Neovim is not installed: run "apt-get install neovim" as root once';
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { env });
  const { status } = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'neovim'], { env });
  return status === 0 ? undefined : 'Neovim is not installed, and apt-get could not install it';
}

const skip = missingNeovim() ?? false;

before(async () => {
  hostPath = await buildFakeHost(folder);
});

test('Neovim completes, shows diagnostics, applies a fix, runs a prompt and accepts its answer', {
  skip,
  timeout: 120_000,
}, () => {
  const workspace = path.join(folder, 'a workspace ü');
  mkdirSync(workspace);
  copyFileSync(path.resolve('test/fixtures/golden/images/one-pixel.png'), path.join(workspace, 'a.png'));
  const promptFile = path.join(workspace, 'x.paligemma');
  writeFileSync(promptFile, '@image a.png\nDetect cup\ncap\n');
  const { status, stdout, stderr } = spawnSync('nvim', [
    '--headless',
    '-n',
    '-u',
    'NONE',
    '-i',
    'NONE',
    '-c',
    `luafile ${path.resolve('test/support/neovim.lua')}`,
  ], {
    encoding: 'utf8',
    timeout: 110_000,
    env: {
      ...process.env,
      XDG_STATE_HOME: path.join(folder, 'state'),
      XDG_CACHE_HOME: path.join(folder, 'xdg'),
      PALIGEMMA_HOST_PATH: hostPath,
      PALIGEMMA_CACHE: path.join(folder, 'cache'),
      NODE: process.execPath,
      CLI: path.join(distPath, 'cli.js'),
      PROMPT_FILE: promptFile,
    },
  });
  const line = stdout.split('\n').find(each => each.startsWith('{'))
    ?? assert.fail(`no answer (exit ${String(status)}): ${stdout}${stderr}`);
  const seen = JSON.parse(line) as Seen;
  assert.equal(seen.failure, undefined);
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    seen.diagnostics.filter(({ code }) => code === 'capital-task').map(({ line: row, column }) => [row, column]),
    [[1, 0]],
  );
  assert.ok(seen.completion.includes('caption'));
  assert.ok(seen.actions.includes('Write “detect”'));
  assert.equal(seen.fixed, 'detect cup');
  assert.deepEqual(seen.summary, { done: 1, failed: 0, cancelled: 0, problems: [] });
  assert.deepEqual(seen.after.filter(({ code }) => code === 'result').map(({ line: row, message }) => [row, message]), [
    [1, 'a.png: echo: detect cup'],
  ]);
  assert.deepEqual(seen.hints, [{ line: 1, character: 10, label: '→ echo: detect cup' }]);
  assert.deepEqual(seen.text, ['@image a.png', 'detect cup', '  => echo: detect cup', 'cap']);
});
