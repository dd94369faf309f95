// A real VS Code for the editor tests, from npm and apt only: code-server (the real workbench with a real extension
// host), the Node.js that it wants, and Chromium. Kept outside the checkout, so that it is installed once.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import { npmCommand } from '../install.mjs';
import { run } from '../testing/children.mjs';

/** code-server 4.139.1 holds VS Code 1.139.1 and refuses to run on anything but Node.js 24. */
const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';
/**
 * The one native dependency of code-server with an install script of its own; npm 11 runs only those that are named.
 */
const argonVersion = '0.44.0';
const installLimitMs = 10 * 60_000;

/** Folder that the tests keep between runs. */
export const testCache = process.env.PALIGEMMA_TEST_CACHE ?? path.join(homedir(), '.cache/paligemma-tests');
const home = path.join(testCache, 'vscode-host', `node${nodeVersion}-cs${codeServerVersion}`);
const node24 = path.join('node24/node_modules', `node-linux-${process.arch}`, 'bin/node');
const entry = 'cs/node_modules/code-server/out/node/entry.js';
/** What code-server's install script brings: where npm ran no script, the server starts, and its window stays empty. */
const editorPackages = 'cs/node_modules/code-server/lib/vscode/node_modules/.package-lock.json';

/**
 * Installs what is missing (two to four minutes the first time).
 * @param {(line: string) => void} print
 * @param {{ needsBrowser?: boolean }} options `needsBrowser`: false where a person brings one.
 * @returns {Promise<{ env: Record<string, string> } | { reason: string }>} `reason`: why this machine cannot have it.
 * @throws Error when it could be had, but the installation failed.
 */
export async function prepare(print, { needsBrowser = true } = {}) {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    return {
      reason:
        `the editor tests need Linux on x64 or arm64 (this is ${process.platform} on ${process.arch}); npm run test:desktop runs the suite in desktop VS Code`,
    };
  }
  const isComplete = [entry, editorPackages, node24].every(file => existsSync(path.join(home, file)));
  const missing = missingPackages(isComplete).filter(name => needsBrowser || name !== 'chromium');
  const reason = await installPackages(missing, print);
  if (reason !== undefined) return { reason };
  if (!isComplete) await installCodeServer(print);
  return {
    env: {
      PALIGEMMA_TEST_NODE24: path.join(home, node24),
      PALIGEMMA_TEST_CODE_SERVER: path.join(home, entry),
      PALIGEMMA_TEST_CHROMIUM: findChromium(),
    },
  };
}

function findChromium() {
  return [
    process.env.PALIGEMMA_TEST_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
  ]
    .find(file => file !== undefined && existsSync(file));
}

/** Debian packages: a browser, and what the native modules of code-server are built with. */
function missingPackages(isComplete) {
  const missing = findChromium() === undefined ? ['chromium'] : [];
  if (isComplete) return missing;
  if (!existsSync('/usr/include/gssapi/gssapi.h')) missing.push('libkrb5-dev');
  return [
    ...missing,
    ...['python3', 'make', 'g++'].filter(tool => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0),
  ];
}

/** @returns Why the packages cannot be had here; undefined when they are there. */
async function installPackages(packages, print) {
  if (packages.length === 0) return undefined;
  const list = packages.join(' ');
  if (!existsSync('/usr/bin/apt-get')) return `the editor tests need ${list}, and there is no apt-get to install them`;
  if (process.getuid() !== 0) return `the editor tests need ${list}: run "apt-get install ${list}" as root once`;
  // Ubuntu's package of that name only points to a snap, which needs a running snapd.
  if (packages.includes('chromium') && /^ID=ubuntu/m.test(readFileSync('/etc/os-release', 'utf8'))) {
    return 'the editor tests need Google Chrome or Chromium in /usr/bin';
  }
  print(`apt: ${list}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await must('apt-get', ['update', '-qq'], { env });
  await must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
  return undefined;
}

/**
 * Builds everything in a folder beside the final one and renames it, so that a half-made installation is never taken
 * for a whole one.
 */
async function installCodeServer(print) {
  const partial = `${home}.partial-${process.pid}`;
  try {
    print(`Node.js ${nodeVersion}`);
    const nodeFolder = path.join(partial, 'node24');
    writePackage(nodeFolder, {});
    await npm(process.execPath, [
      'install',
      '--no-save',
      '--ignore-scripts',
      `node-linux-${process.arch}@${nodeVersion}`,
    ], nodeFolder);
    print(`code-server ${codeServerVersion} (native modules are compiled, this takes minutes)`);
    const codeServerFolder = path.join(partial, 'cs');
    writePackage(codeServerFolder, {
      dependencies: { 'code-server': codeServerVersion },
      allowScripts: { [`code-server@${codeServerVersion}`]: true, [`argon2@${argonVersion}`]: true },
    });
    const node = path.join(partial, node24);
    await npm(node, ['install'], codeServerFolder, {
      npm_config_nodedir: path.dirname(path.dirname(node)),
      // `npm test` hands on what this project's .npmrc says of its own packages.
      npm_config_ignore_scripts: 'false',
      JOBS: String(availableParallelism()),
      CI: '1',
    });
    await must(node, [path.join(partial, entry), '--config', '/dev/null', '--version']);
    if (!existsSync(path.join(partial, editorPackages))) {
      throw new Error('npm did not run the install script of code-server: the packages of its editor are missing.');
    }
    rmSync(home, { recursive: true, force: true });
    renameSync(partial, home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function writePackage(folder, content) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, ...content }));
}

/** code-server's install script looks at the Node.js that runs npm, and its own scripts call `node`: hence the PATH. */
async function npm(node, arguments_, cwd, extra = {}) {
  const [command, ...leading] = npmCommand(node);
  // Under `npm test` the environment speaks of the Node.js that runs npm there, and code-server's install believes it.
  const own = Object.entries(process.env).filter(([key]) =>
    !/^npm_(config_user_agent|node_execpath|execpath|command|lifecycle_|package_)/.test(key)
  );
  const env = { ...Object.fromEntries(own), ...extra, PATH: `${path.dirname(node)}:${process.env.PATH}` };
  await must(command, [...leading, ...arguments_, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env });
}

/** @throws Error with the last lines of the command's output. */
async function must(command, arguments_, options = {}) {
  let output = '';
  const { code, timedOut } = await run(command, arguments_, {
    cwd: process.cwd(),
    limitMs: installLimitMs,
    onOutput: text => {
      output += text;
    },
    ...options,
  });
  if (code === 0) return;
  throw new Error(
    `${command} ${arguments_[0]} ${timedOut ? 'took too long' : `ended with code ${code}`}:\n${
      output.split('\n').slice(-40).join('\n')
    }`,
  );
}
