// The official packager of extensions, which judges a copy of ours: 285 packages and 125 MB, so it is kept outside the
// checkout, installed once, and without any install script.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npmCommand } from '../../../scripts/install.mjs';
import { run } from '../../../scripts/testing/children.mjs';
import { testCache } from '../vscodeHost/install.mjs';

/** The newest that runs on Node.js 20. */
const version = '3.9.2';
const home = path.join(testCache, `vsce-${version}`);
const program = path.join(home, 'node_modules/@vscode/vsce/vsce');
const limitMs = 5 * 60_000;
/** What npm says where there is no registry. */
const unreachable = /\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

/**
 * @param {(line: string) => void} print
 * @returns {Promise<{ program: string } | { reason: string }>} `program`: absolute, for Node.js; `reason`: why this
 *   machine cannot have it.
 * @throws Error when the registry answers, but the installation failed.
 */
export async function installVsce(print) {
  if (existsSync(program)) return { program };
  print(`vsce ${version}`);
  // Renamed when it is whole, so that a half is never taken for it.
  const partial = `${home}.partial-${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    writeFileSync(path.join(partial, 'package.json'), '{"private":true}\n');
    const [command, ...leading] = npmCommand(process.execPath);
    const words = [
      'install',
      `@vscode/vsce@${version}`,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    let output = '';
    const { code, timedOut } = await run(command, [...leading, ...words], {
      cwd: partial,
      limitMs,
      onOutput: text => {
        output += text;
      },
    });
    const obstacle = output.split('\n').find(line => unreachable.test(line));
    if (timedOut) return { reason: `vsce could not be installed within ${limitMs / 60_000} minutes` };
    if (code !== 0 && obstacle !== undefined) return { reason: `the registry does not answer: ${obstacle}` };
    if (code !== 0) throw new Error(`npm install of vsce ended with code ${code}:\n${output}`);
    rmSync(home, { recursive: true, force: true });
    renameSync(partial, home);
    return { program };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
