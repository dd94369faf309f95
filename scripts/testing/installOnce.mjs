// Packages that tests use and that are no part of the project: kept outside the checkout, installed once, and without
// any install script.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npmCommand } from '../install.mjs';
import { run } from './children.mjs';
import { testCache } from '../editorHost/install.mjs';

const limitMs = 5 * 60_000;
/** What npm says where there is no registry. */
const unreachable = /\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

/**
 * @param {string} name As npm knows it.
 * @param {string} version
 * @param {(line: string) => void} print
 * @returns {Promise<{ folder: string } | { reason: string }>} `folder`: of the package, absolute; `reason`: why this
 *   machine cannot have it.
 * @throws Error when the registry answers, but the installation failed.
 */
export async function installOnce(name, version, print = () => undefined) {
  const short = name.slice(name.lastIndexOf('/') + 1);
  const home = path.join(testCache, `${short}-${version}`);
  const folder = path.join(home, 'node_modules', name);
  if (existsSync(folder)) return { folder };
  print(`${short} ${version}`);
  // Renamed when it is whole, so that a half is never taken for it.
  const partial = `${home}.partial-${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    writeFileSync(path.join(partial, 'package.json'), '{"private":true}\n');
    const [command, ...leading] = npmCommand(process.execPath);
    const words = ['install', `${name}@${version}`, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    let output = '';
    const { code, timedOut } = await run(command, [...leading, ...words], {
      cwd: partial,
      limitMs,
      onOutput: text => {
        output += text;
      },
    });
    const obstacle = output.split('\n').find(line => unreachable.test(line));
    if (timedOut) return { reason: `${short} could not be installed within ${limitMs / 60_000} minutes` };
    if (code !== 0 && obstacle !== undefined) return { reason: `the registry does not answer: ${obstacle}` };
    if (code !== 0) throw new Error(`npm install of ${short} ended with code ${code}:\n${output}`);
    rmSync(home, { recursive: true, force: true });
    renameSync(partial, home);
    return { folder };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
