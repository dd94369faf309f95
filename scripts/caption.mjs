// `npm run caption -- IMAGE…`: installs and builds where that is needed, then captions with the demo model.
// Node built-ins only: it runs in a checkout with nothing installed. stdout carries the caption and nothing else.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureInstalled, root } from './install.mjs';
import { sourceRoots } from './lint/rooms.mjs';

const demoModel = 'paligemma2-demo-224';
const usage = `npm run caption -- IMAGE… [options of "paligemma caption"]

  Captions pictures with the demo model, which knows drawn shapes and printed words only:
    npm run caption -- media/samples/01.png
    npm run caption -- media/samples/01.png --lang de --json
  Another model:
    npm run caption -- photo.jpg --model FOLDER`;

const builtFiles = ['dist/cli.js', 'dist/model-host.js', 'dist/model-thread.js'];
/** What the bundles are made from. */
const sources = [
  ...sourceRoots.filter(name => name !== 'media'),
  'media/viewer',
  'media/results',
  'media/clipboard',
  'scripts/build.mjs',
  'package-lock.json',
  'tsconfig.base.json',
];

const words = process.argv.slice(2);
const wantsHelp = words.includes('--help') || words.includes('-h');
if (wantsHelp || !words.some(word => word !== '' && !word.startsWith('-'))) {
  console.error(usage);
  process.exit(wantsHelp ? 0 : 2);
}

try {
  ensureInstalled();
  ensureBuilt();
} catch (error) {
  console.error(`npm run caption: ${error.message}`);
  process.exit(1);
}
runCaption();

/** @throws Error with a sentence for the person, when the build fails. */
function ensureBuilt() {
  if (isBuilt()) return;
  console.error('Building …');
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the build failed: its own words are above.');
}

/** Whether every bundle is there and none is older than a source. */
function isBuilt() {
  const built = builtFiles.map(file => path.join(root, file));
  if (!built.every(file => existsSync(file))) return false;
  const oldest = Math.min(...built.map(file => statSync(file).mtimeMs));
  return sources.every(source => newestChange(path.join(root, source)) <= oldest);
}

/** Modification time of a file, or of the youngest thing in a folder; a folder's own time tells of removed files. */
function newestChange(place) {
  if (!existsSync(place)) return 0;
  const status = statSync(place);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(status.mtimeMs, ...readdirSync(place).map(name => newestChange(path.join(place, name))));
}

/** Passes stdin, stdout, stderr and the exit code through; Ctrl+C reaches the child by itself and is its to handle. */
function runCaption() {
  const namesModel = words.some(word => word === '--model' || word.startsWith('--model='));
  const command = [path.join(root, 'dist/cli.js'), 'caption', ...(namesModel ? [] : ['--model', demoModel]), ...words];
  // npm changes into the package's folder; paths are meant from where the person is.
  const cwd = process.env.npm_lifecycle_event === 'caption' ? process.env.INIT_CWD ?? process.cwd() : process.cwd();
  const child = spawn(process.execPath, command, { cwd, stdio: 'inherit' });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('error', error => {
    console.error(`npm run caption: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (os.constants.signals[signal] ?? 0);
  });
}
