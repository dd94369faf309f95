// Brings node_modules to what package-lock.json says. Node built-ins only: it runs on a checkout with nothing
// installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 9];

/**
 * Installs the packages unless they are there already. Prints one line before it starts; npm's own words go to stderr.
 * @throws Error with a sentence for the person, when Node.js is too old or npm fails.
 */
export function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new Error(`Node.js ${process.versions.node} is too old: install ${oldestNode.join('.')} or newer.`);
  }
  if (isInstalled()) return;
  console.error('Installing the packages of package-lock.json (once) …');
  const [command, ...leading] = npmCommand(process.execPath);
  const arguments_ = [...leading, 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(command, arguments_, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (error !== undefined) {
    throw new Error(`npm could not be started (${error.message}): it comes with Node.js and must be on the PATH.`);
  }
  if (status !== 0) {
    throw new Error('npm ci failed: its own words are above. It needs a package registry that answers.');
  }
}

/** Command and leading arguments that run npm on `node`; without a hint from npm itself, the `npm` of the PATH. */
export function npmCommand(node) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') === true ? [node, script] : ['npm'];
}

/**
 * Whether every package that this platform needs is there in the locked version. npm writes its record last, so half an
 * installation does not count.
 */
function isInstalled() {
  const record = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(([place, { version, optional }]) =>
    place === '' || present[place]?.version === version || (optional === true && present[place] === undefined)
  );
}
