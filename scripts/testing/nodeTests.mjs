// Bundles the tests of one folder and runs each file in a process of its own.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../install.mjs';
import { run } from './children.mjs';

/** Left to Node.js: the editor's own module, native packages, and packages that read files beside themselves. */
const external = [
  'vscode',
  'onnxruntime-node',
  'sharp',
  'esbuild',
  'playwright-core',
  '@huggingface/tokenizers',
  '@vscode/test-electron',
  'mocha',
  'typescript',
  'eslint',
  'eslint-plugin-import-x',
  'typescript-eslint',
];
const reporter = pathToFileURL(path.join(root, 'scripts/testing/reporter.mjs')).href;

/**
 * Paths of `test/<part>/…<ending>`, relative to the root, sorted; those that hold one of `filters`, where there are
 * any.
 */
export function testFiles(part, ending, filters = []) {
  const folder = path.join(root, 'test', part);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map(name => `test/${part}/${name.split(path.sep).join('/')}`)
    .filter(file => file.endsWith(ending) && (filters.length === 0 || filters.some(filter => file.includes(filter))))
    .sort();
}

/**
 * Bundles `files` into out/, where their paths mirror the sources: one esbuild call, or one a file where that call
 * failed, so that a file that cannot be bundled does not take the others with it.
 * @returns The written paths in the same order; undefined for a file that cannot be bundled (esbuild has said why).
 */
export async function bundle(files) {
  const esbuild = await import('esbuild');
  const build = (entryPoints, logLevel) =>
    esbuild.build({
      absWorkingDir: root,
      entryPoints,
      outdir: 'out',
      outbase: '.',
      bundle: true,
      splitting: false,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      sourcemap: true,
      logLevel,
      external,
      mainFields: ['module', 'main'],
    });
  const target = file => path.join(root, 'out', file.replace(/\.ts$/, '.js'));
  try {
    await build([...files], 'silent');
    return files.map(target);
  } catch {
    return Promise.all(files.map(file => build([file], 'warning').then(() => target(file), () => undefined)));
  }
}

/**
 * Runs test files and adds up what their reporters counted.
 * @param {readonly string[]} files Sources, relative to the root.
 * @param {{ concurrency: number, limitMs: number, env?: Record<string, string>, alongside?: readonly string[], print:
 *   (text: string) => void, showPasses: boolean }} options With a concurrency of 1 the output is shown as it comes,
 *   else file by file. `alongside`: files that the tests need bundled too.
 */
export async function runTestFiles(files, options) {
  const bundled = await bundle(files);
  if (options.alongside !== undefined && (await bundle(options.alongside)).includes(undefined)) {
    throw new Error(`${options.alongside.join(', ')} cannot be bundled`);
  }
  const total = { passed: 0, failed: 0, skipped: 0 };
  const queue = files.map((file, index) => ({ file, script: bundled[index] }));
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const counts = await runTestFile(next.file, next.script, options);
      for (const key of Object.keys(total)) total[key] += counts[key];
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return total;
}

async function runTestFile(file, script, options) {
  if (script === undefined) {
    options.print(`  ${file}\n    FAILED   ${file} cannot be bundled\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-test-'));
  const tallyFile = path.join(folder, 'tally');
  const isLive = options.concurrency === 1;
  const started = Date.now();
  let held = '';
  if (isLive) options.print(`  ${file}\n`);
  const ended = await run(process.execPath, [
    '--enable-source-maps',
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
    script,
  ], {
    cwd: root,
    limitMs: options.limitMs,
    env: {
      ...process.env,
      ...options.env,
      PALIGEMMA_TEST_TALLY: tallyFile,
      PALIGEMMA_TEST_PASSES: isLive || options.showPasses ? '1' : '',
    },
    onOutput: text => {
      if (isLive) options.print(text);
      else held += text;
    },
  });
  const records = existsSync(tallyFile)
    ? readFileSync(tallyFile, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line))
    : [];
  rmSync(folder, { recursive: true, force: true });
  const counts = {
    passed: count(records, 'passed'),
    failed: count(records, 'failed'),
    skipped: count(records, 'skipped'),
  };
  const fault = faultOf(ended, counts, records, options.limitMs);
  if (fault !== undefined) {
    counts.failed++;
    held += `    FAILED   ${file}: ${fault}\n`;
  }
  const summary = `${counts.passed} passed${counts.failed > 0 ? `, ${counts.failed} FAILED` : ''}${
    counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  }`;
  options.print(
    isLive
      ? `${held}  ${summary}, ${seconds(started)}\n`
      : `  ${file}: ${summary}, ${seconds(started)}\n${
        counts.failed > 0 || counts.skipped > 0 || options.showPasses ? held : ''
      }`,
  );
  return counts;
}

/** What is wrong with a test process beyond its failed tests; undefined where nothing is. */
function faultOf(ended, counts, records, limitMs) {
  const open = openTests(records);
  const during = open.length > 0
    ? `in: ${open.join('; ')}`
    : records.length > 0
    ? 'after its last test (something keeps the process alive)'
    : 'before its first test';
  if (ended.timedOut) return `stopped after ${limitMs / 1000} s, ${during}`;
  if (ended.signal !== null) return `killed by ${ended.signal}, ${during}`;
  if (counts.passed + counts.failed + counts.skipped === 0) {
    return ended.code === 0
      ? 'the file holds no test'
      : `ended with code ${ended.code} before its first test`;
  }
  if (ended.code !== 0 && counts.failed === 0) return `ended with code ${ended.code} although no test failed`;
  return undefined;
}

/** Names of the tests that started and did not end. */
function openTests(records) {
  const open = [];
  for (const { status, name } of records) {
    if (status === 'start') open.push(name);
    else if (status === 'end' && open.includes(name)) open.splice(open.lastIndexOf(name), 1);
  }
  return open;
}

function count(records, status) {
  return records.filter(record => record.status === status).length;
}

export function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
