// Bundles test files and runs them, each in a process of its own or several in one.
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
  'libheif-js',
  '@hyzyla/pdfium',
  '@rdkit/rdkit',
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
const togetherScript = path.join(root, 'scripts/testing/together.cjs');

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
 * What came of one test file. `tests`: those that ran, with their milliseconds and the first line of what was wrong.
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ name: string, ms: number, failure?: string }} TestResult
 * @typedef {{ file: string, counts: Counts, seconds: number, tests: TestResult[] }} FileResult
 */

/**
 * Runs test files in one process, one after the other, and prints what came of each.
 * @param {readonly { file: string, script: string | undefined }[]} files Sources, relative to the root, and their
 *   bundles; undefined where a file cannot be bundled.
 * @param {{ limitMs: number, env?: Record<string, string>, isLive: boolean, showPasses: boolean, print: (text: string)
 *   => void }} options `limitMs`: of the process. `isLive`: the output is shown as it comes, passed tests too, else file
 *   by file when all of them have ended.
 * @returns {Promise<FileResult[]>}
 */
export async function runTestFiles(files, options) {
  const broken = files.filter(({ script }) => script === undefined).map(({ file }) => {
    options.print(`  ${file}\n    FAILED   ${file} cannot be bundled\n`);
    const tests = [{ name: file, ms: 0, failure: 'it cannot be bundled' }];
    return { file, counts: { passed: 0, failed: 1, skipped: 0 }, seconds: 0, tests };
  });
  const sound = files.filter(({ script }) => script !== undefined);
  return sound.length === 0 ? broken : [...broken, ...await runProcess(sound, options)];
}

async function runProcess(files, options) {
  const isTogether = files.length > 1;
  const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-test-'));
  const tallyFile = path.join(folder, 'tally');
  const started = Date.now();
  const output = new Map();
  let rest = '';
  let current = isTogether ? undefined : files[0].file;
  const take = text => {
    // A mark may come in two pieces.
    const pieces = (rest + text).split(/(?<=\n)/);
    rest = pieces.at(-1)?.endsWith('\n') === false ? pieces.pop() : '';
    for (const piece of pieces) {
      const mark = /\0file (.*)\n$/.exec(piece)?.[1];
      if (mark !== undefined) current = mark;
      const shown = mark === undefined ? piece : options.isLive ? `  ${mark}\n` : '';
      if (options.isLive) options.print(shown);
      else output.set(current, (output.get(current) ?? '') + shown);
    }
  };
  if (options.isLive && !isTogether) options.print(`  ${files[0].file}\n`);
  const ended = await run(process.execPath, [
    '--enable-source-maps',
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
    ...(isTogether ? [togetherScript, ...files.map(({ file, script }) => `${file}=${script}`)] : [files[0].script]),
  ], {
    cwd: root,
    limitMs: options.limitMs,
    env: {
      ...process.env,
      ...options.env,
      PALIGEMMA_TEST_TALLY: tallyFile,
      PALIGEMMA_TEST_PASSES: options.isLive || options.showPasses ? '1' : '',
      PALIGEMMA_TEST_TOGETHER: isTogether ? '1' : '',
    },
    onOutput: take,
  });
  if (rest !== '') take('\n');
  const records = existsSync(tallyFile)
    ? readFileSync(tallyFile, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line))
    : [];
  rmSync(folder, { recursive: true, force: true });
  // What was written before the first test of a process says why there was none.
  const before = isTogether ? output.get(undefined) ?? '' : '';
  return files.map(({ file }, index) => {
    const own = isTogether ? records.filter(record => record.file === file) : records;
    const result = resultOf(file, own, isTogether ? undefined : secondsSince(started));
    const hasEnded = isTogether && own.some(({ status }) => status === 'file');
    // What becomes of a process after the suite of a file is over is the matter of those that follow, or of the last.
    const fault = hasEnded && index < files.length - 1
      ? emptyFault(result)
      : processFault(ended, records, options.limitMs)
        ?? (isTogether && !hasEnded ? 'it was not run' : emptyFault(result));
    const held = output.get(file) ?? '';
    if (fault !== undefined) {
      result.counts.failed++;
      result.tests.push({ name: file, ms: 0, failure: fault });
    }
    tell(result, fault === undefined ? held : `${before}${held}    FAILED   ${file}: ${fault}\n`, options);
    return result;
  });
}

function resultOf(file, records, seconds) {
  return {
    file,
    counts: {
      passed: count(records, 'passed'),
      failed: count(records, 'failed'),
      skipped: count(records, 'skipped'),
    },
    seconds: seconds ?? (records.find(({ status }) => status === 'file')?.ms ?? 0) / 1000,
    tests: records.filter(({ ms, status }) => ms !== undefined && status !== 'file')
      .map(({ name, ms, failure }) => ({ name, ms, failure })),
  };
}

function tell({ file, counts: { passed, failed, skipped }, seconds }, held, { isLive, showPasses, print }) {
  const summary = `${passed} passed${failed > 0 ? `, ${failed} FAILED` : ''}${
    skipped > 0 ? `, ${skipped} skipped` : ''
  }, ${seconds.toFixed(1)} s`;
  print(
    isLive
      ? `${held}  ${summary}\n`
      : `  ${file}: ${summary}\n${failed > 0 || skipped > 0 || showPasses ? held : ''}`,
  );
}

/** What is wrong with a test process beyond its failed tests; undefined where nothing is. */
function processFault(ended, records, limitMs) {
  const open = openTests(records);
  const during = open.length > 0
    ? `in: ${open.join('; ')}`
    : records.length > 0
    ? 'after its last test (something keeps the process alive)'
    : 'before its first test';
  if (ended.timedOut) return `stopped after ${limitMs / 1000} s, ${during}`;
  if (ended.signal !== null) return `killed by ${ended.signal}, ${during}`;
  if (ended.code === 0 || count(records, 'failed') > 0) return undefined;
  return records.length === 0
    ? `ended with code ${ended.code} before its first test`
    : `ended with code ${ended.code} although no test failed`;
}

function emptyFault({ counts: { passed, failed, skipped } }) {
  return passed + failed + skipped === 0 ? 'the file holds no test' : undefined;
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

/** @param {number} started As Date.now() gives it. */
export function secondsSince(started) {
  return (Date.now() - started) / 1000;
}
