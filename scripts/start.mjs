// `npm start`: installs and builds where that is needed, then opens a copy of the sample workspace with the extension:
// in desktop VS Code where `code` is on the PATH, else in a local code-server page. Ctrl+C ends everything. Node
// built-ins only: it runs in a checkout with nothing installed.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, root } from './install.mjs';

const usage = `npm start [-- --web]

  Opens a sample workspace with the extension: in desktop VS Code where "code" is on the PATH, else in a local
  code-server page, whose address is printed. Ctrl+C ends it.
    --web    the page also where there is a desktop VS Code`;

const words = process.argv.slice(2);
if (words.some(word => word !== '--web')) {
  console.error(usage);
  process.exit(words.includes('--help') || words.includes('-h') ? 0 : 2);
}

/** Everything of this start that is not in the checkout: the workspace, and the editor's own settings. */
const home = mkdtempSync(path.join(os.tmpdir(), 'paligemma-start-'));
// Without a listener a signal ends the process, and nothing is cleaned up.
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15]]) process.on(signal, () => process.exit(128 + number));
process.on('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

try {
  ensureInstalled();
  build();
  const workspace = copySamples();
  const desktop = words.includes('--web') ? undefined : desktopCommand();
  await (desktop === undefined ? openPage(workspace) : openDesktop(desktop, workspace));
} catch (error) {
  console.error(`npm start: ${error.message}`);
  process.exit(1);
}

/** @throws Error with a sentence for the person, when the build fails. */
function build() {
  console.error('Building …');
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the build failed: its own words are above.');
}

/** A copy, so that whatever is tried in it leaves the checkout as it is. */
function copySamples() {
  const workspace = path.join(home, 'samples');
  cpSync(path.join(root, 'media/samples-workspace'), workspace, { recursive: true });
  const pictures = path.join(workspace, 'pictures');
  mkdirSync(pictures);
  const samples = path.join(root, 'media/samples');
  for (const name of readdirSync(samples).filter(name => name.endsWith('.png'))) {
    cpSync(path.join(samples, name), path.join(pictures, name));
  }
  return workspace;
}

/** The command line of desktop VS Code; that of a remote window opens files only. */
function desktopCommand() {
  const names = process.platform === 'win32' ? ['code.cmd'] : ['code'];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(folder => folder !== '');
  return folders.flatMap(folder => names.map(name => path.join(folder, name))).find(file =>
    existsSync(file) && !file.includes('remote-cli')
  );
}

/**
 * An instance of its own, which neither changes nor sees the person's settings. Resolves when its window was closed.
 */
async function openDesktop(command, workspace) {
  const userData = path.join(home, 'user-data');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  writeFileSync(path.join(userData, 'User/settings.json'), JSON.stringify({ 'workbench.startupEditor': 'readme' }));
  const arguments_ = [
    '--extensionDevelopmentPath',
    root,
    '--user-data-dir',
    userData,
    '--extensions-dir',
    path.join(home, 'extensions'),
    '--disable-workspace-trust',
    '--skip-welcome',
    '--new-window',
    '--wait',
    workspace,
  ];
  console.log(`Opening ${workspace} in VS Code. Close the window or press Ctrl+C to end.`);
  const isWindows = process.platform === 'win32';
  const child = spawn(
    isWindows ? `"${command}"` : command,
    isWindows ? arguments_.map(word => `"${word}"`) : arguments_,
    { stdio: ['ignore', 'inherit', 'inherit'], shell: isWindows },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.removeAllListeners(signal).on(signal, () => {
      endDesktop(userData);
      child.kill();
    });
  }
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  process.exitCode = code === null ? 130 : code;
}

/** The window lives in a process that the command only starts; VS Code writes its number into its user data. */
function endDesktop(userData) {
  const lock = path.join(userData, 'code.lock');
  const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : Number.NaN;
  if (!Number.isSafeInteger(pid) || pid <= 0) return;
  try {
    process.kill(pid);
  } catch {
    // It has ended by itself.
  }
}

/** The page that the editor tests use, with settings for a person. Resolves on Ctrl+C, when the server has ended. */
async function openPage(workspace) {
  const { prepare } = await import('./editorHost/install.mjs');
  console.error('There is no desktop VS Code on the PATH: preparing code-server, a few minutes the first time …');
  const prepared = await prepare(line => console.error(`  ${line}`), { needsBrowser: false });
  if (prepared.reason !== undefined) {
    throw new Error(
      `neither desktop VS Code nor code-server can be had: ${prepared.reason}. Install VS Code and its command "code".`,
    );
  }
  for (const [name, value] of Object.entries(prepared.env)) if (value !== undefined) process.env[name] = value;
  const { bundle } = await import('./testing/nodeTests.mjs');
  const [file] = await bundle(['scripts/editorHost/codeServer.ts']);
  const { startCodeServer } = await import(pathToFileURL(file).href);
  const server = await startCodeServer({
    installed: root,
    // What the tests keep quiet.
    settings: {
      'workbench.startupEditor': 'readme',
      'workbench.hover.delay': 300,
      'explorer.autoReveal': true,
      'workbench.reduceMotion': 'auto',
    },
    env: { PALIGEMMA_CACHE: cacheFolder() },
  });
  console.log(`Open ${server.origin}/?folder=${encodeURIComponent(workspace)}\nPress Ctrl+C to end.`);
  await new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal).once(signal, resolve);
  });
  await server.stop();
}

/**
 * The person's own, so that a model is prepared once for all starts: the server of the page has a home folder of its
 * own.
 */
function cacheFolder() {
  const { PALIGEMMA_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  if (own !== undefined && own !== '') return path.resolve(own);
  return path.join(
    caches !== undefined && path.isAbsolute(caches) ? caches : path.join(os.homedir(), '.cache'),
    'paligemma',
  );
}
