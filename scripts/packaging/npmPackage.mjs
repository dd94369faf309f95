// Writes the npm package: `npm pack` on a folder that holds nothing else.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npmCommand } from '../install.mjs';
import { contentOf } from './contents.mjs';

/**
 * @param {string} folder Absolute; the package is written into it.
 * @param {readonly import('./contents.mjs').Entry[]} entries
 * @returns {string} The package's absolute path.
 */
export function writeNpmPackage(folder, entries) {
  const staging = mkdtempSync(path.join(folder, 'npm-'));
  try {
    for (const entry of entries) {
      const place = path.join(staging, entry.path);
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, contentOf(entry));
    }
    const [command, ...leading] = npmCommand(process.execPath);
    const arguments_ = [
      ...leading,
      'pack',
      '--json',
      '--ignore-scripts',
      '--loglevel=error',
      '--pack-destination',
      folder,
    ];
    const { status, stdout, stderr, error } = spawnSync(command, arguments_, {
      cwd: staging,
      encoding: 'utf8',
      shell: command === 'npm' && process.platform === 'win32',
    });
    if (status !== 0) throw new Error(`npm pack failed: ${(error?.message ?? stderr).trim()}`);
    const answer = JSON.parse(stdout);
    // npm 12 answers by name, the others with a list.
    const [{ filename }] = Array.isArray(answer) ? answer : Object.values(answer);
    return path.join(folder, filename);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
