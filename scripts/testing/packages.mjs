// Makes the packages that the package tests look at: the VSIX of this platform twice, and the npm package twice.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';
import { targets } from '../packaging/targets.mjs';
import { installVsce } from '../../test/support/vsce/install.mjs';
import { prepare as prepareEditor } from '../../test/support/vscodeHost/install.mjs';
import { run } from './children.mjs';

const buildLimitMs = 5 * 60_000;

/** @returns As the other installers: `env` for the tests, or the `reason` why there is nothing to test here. */
export async function prepare(print) {
  const target = `${process.platform}-${process.arch}`;
  if (!Object.hasOwn(targets, target)) return { reason: `no package is made for ${target}` };
  const folder = path.join(root, 'out/packages-test');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // What must not matter differs between the two: the time zone, the language, the folder.
  const surroundings = { first: { TZ: 'UTC', LC_ALL: 'C' }, again: { TZ: 'Pacific/Auckland', LC_ALL: 'de_DE.UTF-8' } };
  print(`packages for ${target}, twice`);
  const [first, again] = await Promise.all(
    Object.entries(surroundings).map(([name, env]) => makePackages(path.join(folder, name), target, env)),
  );
  const editor = await prepareEditor(print);
  const vsce = await installVsce(print);
  return {
    env: {
      PALIGEMMA_TEST_TARGET: target,
      PALIGEMMA_TEST_VSIX: first.vsix,
      PALIGEMMA_TEST_VSIX_AGAIN: again.vsix,
      PALIGEMMA_TEST_NPM: first.npm,
      PALIGEMMA_TEST_NPM_AGAIN: again.npm,
      ...(vsce.program === undefined
        ? { PALIGEMMA_TEST_NO_VSCE: vsce.reason }
        : { PALIGEMMA_TEST_VSCE: vsce.program }),
      ...(editor.env ?? { PALIGEMMA_TEST_NO_EDITOR: editor.reason }),
    },
  };
}

/** @throws Error with the command's last lines. */
async function makePackages(folder, target, env) {
  let output = '';
  const { code } = await run(process.execPath, [
    path.join(root, 'scripts/package.mjs'),
    '--target',
    target,
    '--npm',
    '--out',
    folder,
  ], {
    cwd: root,
    env: { ...process.env, ...env },
    limitMs: buildLimitMs,
    onOutput: text => {
      output += text;
    },
  });
  if (code !== 0) throw new Error(`npm run package ended with code ${code}:\n${output}`);
  const fileThatEnds = ending => path.join(folder, readdirSync(folder).find(name => name.endsWith(ending)));
  return { vsix: fileThatEnds('.vsix'), npm: fileThatEnds('.tgz') };
}
