// Where the packages of a platform lie: in node_modules, or, for a platform other than this one, fetched into a folder
// of their own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npmCommand, root } from '../install.mjs';
import { copiedPackages } from './targets.mjs';

/** What package-lock.json says of every package, by its place (`node_modules/sharp`). */
export function lockedPackages() {
  return JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
}

/**
 * Fetches what this machine's installation lacks of a platform's packages. npm compares each with its hash in
 * package-lock.json.
 * @returns {(name: string) => string} The absolute folder of a package.
 * @throws Error with npm's own words, where the packages cannot be had.
 */
export function packageFolders(target) {
  const locked = lockedPackages();
  const foreign = copiedPackages(target).map(({ name }) => name).filter(name =>
    !existsSync(path.join(root, 'node_modules', name))
  );
  for (const name of foreign) {
    if (locked[`node_modules/${name}`]?.integrity === undefined) {
      throw new Error(`package-lock.json has no hash of ${name}: run "npm install" and commit the lock file.`);
    }
  }
  const folder = path.join(root, 'out/packaging', target);
  if (foreign.length > 0 && !isFetched(folder, foreign, locked)) fetchPackages(folder, foreign, target, locked);
  return name => path.join(foreign.includes(name) ? folder : root, 'node_modules', name);
}

function isFetched(folder, names, locked) {
  const record = path.join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return names.every(name => present[`node_modules/${name}`]?.integrity === locked[`node_modules/${name}`].integrity);
}

/** `npm ci` with a manifest and a lock file that hold nothing but these packages. */
function fetchPackages(folder, names, target, locked) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const dependencies = Object.fromEntries(names.map(name => [name, locked[`node_modules/${name}`].version]));
  const entries = names.map(
    name => [`node_modules/${name}`, {
      ...locked[`node_modules/${name}`],
      optional: undefined,
      optionalDependencies: undefined,
    }],
  );
  const manifest = { name: `native-${target}`, version: '0.0.0', private: true, dependencies };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    path.join(folder, 'package-lock.json'),
    JSON.stringify({
      name: manifest.name,
      version: manifest.version,
      lockfileVersion: 3,
      requires: true,
      packages: { '': { ...manifest }, ...Object.fromEntries(entries) },
    }),
  );
  const [command, ...leading] = npmCommand(process.execPath);
  const arguments_ = [
    // `force` is for the platform, which is not this one; hashes are compared all the same.
    ...leading,
    'ci',
    '--force',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status, stderr, error } = spawnSync(command, arguments_, {
    cwd: folder,
    encoding: 'utf8',
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (status !== 0) {
    throw new Error(
      `the packages of ${target} (${names.join(', ')}) cannot be fetched: ${(error?.message ?? stderr).trim()}`,
    );
  }
}
