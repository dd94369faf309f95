// What `npm test` is made of, in the order in which it runs.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';
import { audit } from './audit.mjs';
import { run } from './children.mjs';
import { runTestFiles, testFiles } from './nodeTests.mjs';
import { runPythonTests } from './pythonTests.mjs';

const nothing = { passed: 0, failed: 0, skipped: 0 };
const minute = 60_000;

/**
 * `run` returns counts; `needsBuild`: works on dist/; `byDefault`: false where only a request by name runs it.
 * @typedef {{ filters: readonly string[], print: (text: string) => void, showPasses: boolean }} PartOptions
 */
export const parts = {
  lint: { run: options => tool('eslint', 'eslint/bin/eslint.js', ['.'], options) },
  format: { run: options => tool('dprint', 'dprint/bin.cjs', ['check'], options) },
  types: { run: options => tool('tsc', 'typescript/bin/tsc', ['-b'], options) },
  build: { run: async options => ({ ...await script('scripts/build.mjs', [], options), passed: 0 }) },
  unit: { run: options => nodeTests('unit', { concurrency: 2, limitMs: 2 * minute }, options) },
  grammar: {
    run: options => nodeTests('grammar', { concurrency: 2, limitMs: 2 * minute }, options),
    isThere: () => existsSync(path.join(root, 'test/grammar')),
  },
  plugin: { run: runPythonTests },
  protocol: {
    needsBuild: true,
    run: options => nodeTests('protocol', { concurrency: 2, limitMs: 3 * minute }, options),
  },
  hostile: { needsBuild: true, run: options => nodeTests('hostile', { concurrency: 2, limitMs: 5 * minute }, options) },
  security: {
    needsBuild: true,
    run: options => nodeTests('security', { concurrency: 2, limitMs: 3 * minute }, options),
  },
  model: { needsBuild: true, run: options => nodeTests('model', { concurrency: 1, limitMs: 6 * minute }, options) },
  faults: { needsBuild: true, run: options => nodeTests('faults', { concurrency: 2, limitMs: 5 * minute }, options) },
  cli: { needsBuild: true, run: options => nodeTests('cli', { concurrency: 1, limitMs: 6 * minute }, options) },
  editor: {
    needsBuild: true,
    run: options =>
      preparedTests('editor', 'test/support/vscodeHost/install.mjs', {
        concurrency: 1,
        limitMs: 6 * minute,
        alongside: suites(),
      }, options),
  },
  screenshots: {
    needsBuild: true,
    byDefault: false,
    run: options =>
      preparedTests(
        'screenshots',
        'test/support/vscodeHost/install.mjs',
        { concurrency: 1, limitMs: 6 * minute },
        options,
      ),
  },
  webgpu: {
    needsBuild: true,
    run: options =>
      preparedTests('webgpu', 'test/support/lavapipe/install.mjs', { concurrency: 1, limitMs: 5 * minute }, options),
  },
  package: {
    run: options =>
      preparedTests('package', 'scripts/testing/packages.mjs', { concurrency: 1, limitMs: 5 * minute }, options),
  },
  audit: { run: audit },
  desktop: {
    needsBuild: true,
    byDefault: false,
    run: options => nodeTests('desktop', { concurrency: 1, limitMs: 10 * minute, alongside: suites() }, options),
  },
};

/** What the editor tests hand to the extension host. */
function suites() {
  return testFiles('editor', '.ts').filter(file => !file.endsWith('.test.ts'));
}

async function nodeTests(part, settings, options) {
  const files = testFiles(part, '.test.ts', options.filters);
  if (files.length === 0) {
    options.print(
      `  FAILED: no test found in test/${part}${
        options.filters.length > 0 ? ` for ${options.filters.join(', ')}` : ''
      }\n`,
    );
    return { ...nothing, failed: 1 };
  }
  return runTestFiles(files, { ...settings, print: options.print, showPasses: options.showPasses });
}

/**
 * Tests that need something on the machine first. The installer exports `prepare(print)`, which returns
 * `{ env }` for the tests, or `{ reason }` where this machine cannot have it.
 */
async function preparedTests(part, installer, settings, options) {
  const { prepare } = await import(new URL(`../../${installer}`, import.meta.url).href);
  const prepared = await prepare(line => options.print(`  ${line}\n`));
  if (prepared.reason !== undefined) {
    options.print(`  skipped: ${prepared.reason}\n`);
    return { ...nothing, skipped: 1 };
  }
  return nodeTests(part, { ...settings, env: prepared.env }, options);
}

function tool(name, file, arguments_, options) {
  return script(path.join('node_modules', file), arguments_, options);
}

async function script(file, arguments_, options) {
  const { code, timedOut } = await run(process.execPath, [path.join(root, file), ...arguments_], {
    cwd: root,
    limitMs: 5 * minute,
    onOutput: options.print,
  });
  if (timedOut) options.print(`  FAILED: ${file} was stopped after 5 minutes\n`);
  return code === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}
