/** `npm ci` on a checkout: with every npm, on every platform, and without running anybody's code. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';
import { temporaryFolder } from '../../support/temporary';

interface Install {
  readonly npmCommand: (node: string) => readonly [string, ...string[]];
}
interface LockedPackage {
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const folder = temporaryFolder('installation');
const locked = (JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}).packages;
/** `key=value` lines of .npmrc. */
const configuration = new Map(
  readFileSync('.npmrc', 'utf8').split('\n').filter(line => /^[^#;]/.test(line)).map(line => {
    const [key = '', value = ''] = line.split('=', 2);
    return [key.trim(), value.trim()] as const;
  }),
);
let npm: readonly [string, ...string[]];
before(async () => {
  npm = (await scriptModule<Install>('install.mjs')).npmCommand(process.execPath);
});

test('.npmrc names no key that npm does not know', () => {
  const [command, ...leading] = npm;
  // In a folder and an environment without them: npm lists what it is given, too.
  const others = Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name));
  const { status, stdout, stderr } = spawnSync(command, [...leading, 'config', 'list', '--long', '--json'], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...Object.fromEntries(others),
      npm_config_userconfig: `${folder}/person`,
      npm_config_globalconfig: `${folder}/all`,
    },
    shell: command === 'npm' && process.platform === 'win32',
  });
  assert.equal(status, 0, stderr);
  const known = Object.keys(JSON.parse(stdout) as object);
  assert.ok(known.includes('ignore-scripts') && known.length > 50, `npm lists ${known.length} keys`);
  assert.deepEqual([...configuration.keys()].filter(key => !known.includes(key)), []);
});

test('npm runs no install script on a checkout', () => {
  assert.equal(configuration.get('ignore-scripts'), 'true');
});

test('a package with an install script does without it: its native files come from elsewhere', () => {
  const named = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([place]) =>
    place.replace('node_modules/', '')
  );
  // The first brings native files for all platforms in itself, the others in a package for each.
  const [first, ...others] = ['onnxruntime-node', 'dprint', 'esbuild', 'unrs-resolver'];
  assert.deepEqual(named.sort(), [first, ...others].sort());
  for (const name of others) {
    const platforms = Object.keys(locked[`node_modules/${name}`]?.optionalDependencies ?? {});
    for (const platform of ['linux-x64', 'darwin-arm64', 'win32-x64']) {
      assert.ok(platforms.some(other => other.includes(platform)), `${name} has a package for ${platform}`);
    }
  }
});

test('the lock file holds every optional package, else npm 11 refuses it and other platforms lack native files', () => {
  const absent = Object.entries(locked).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(name =>
      locked[`${place}/node_modules/${name}`] === undefined && locked[`node_modules/${name}`] === undefined
    )
  );
  assert.deepEqual(absent, []);
});
