// What `npm test` is made of.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { prepare as prepareEditor } from '../editorHost/install.mjs';
import { root } from '../install.mjs';
import { audit } from './audit.mjs';
import { run } from './children.mjs';
import { prepare as prepareDemo } from './demoModel.mjs';
import { prepare as prepareVulkan } from './lavapipe.mjs';
import { bundle, runTestFiles, secondsSince, testFiles } from './nodeTests.mjs';
import { prepare as preparePackages } from './packages.mjs';
import { pythonFolders, runPythonTests } from './pythonTests.mjs';

const minute = 60_000;
/** Of these jobs one runs at a time: two editors at once would wait for each other's pages. */
const oneEditor = 'editor';

/**
 * Files of these folders share a process, folder by folder. They leave nothing behind that another file could see:
 * `together.cjs` looks at the environment and the working folder, and their hooks end with them.
 */
const sharedProcesses = [
  'cli',
  'client',
  'contract',
  'generation',
  'graph',
  'imageLinks',
  'language',
  'media',
  'metrics',
  'output',
  'packaging',
  'promptRuns',
  'runs',
  'runtime',
  'util',
  'workspace',
].map(room => [`test/unit/${room}/`]);

/** Files whose editors are started alike share one: no environment, no extension and no answers of their own. */
const sharedEditors = [
  ['access', 'answers', 'explorer', 'german', 'imageView', 'keys'],
  ['altText', 'batch', 'inferenceServer', 'multiRoot', 'promptFile'],
].map(names => names.map(name => `test/editor/${name}.test.ts`));

/**
 * What has to be on the machine before the tests of some parts. Each is given a function that prints a line, and
 * resolves with `env` for the tests, or with the `reason` why this machine cannot have it.
 */
export const preparations = {
  demo: { seconds: 10, needsBuild: true, run: prepareDemo },
  editor: { seconds: 2, run: prepareEditor },
  vulkan: { seconds: 5, run: prepareVulkan },
  packages: { seconds: 30, run: preparePackages },
};

/**
 * `jobs(options)` returns what the part consists of; each job's `run(surroundings)` prints and resolves with results.
 * `needsBuild`: works on dist/. `needs`: preparations without which there is nothing to test; `uses`: whose `reason` the
 * tests are told in a variable. `byDefault`: false where only a request by name runs it. Seconds are those of two slow
 * cores, for a machine that has not run a job yet.
 */
export const parts = {
  build: { jobs: () => [{ ...script('scripts/build.mjs', [], 5), name: 'build' }] },
  lint: { jobs: () => [tool('lint', 'eslint/bin/eslint.js', ['.'], 60)] },
  format: { jobs: () => [tool('format', 'dprint/bin.cjs', ['check'], 10)] },
  types: { jobs: () => [tool('types', 'typescript-native/bin/tsc', ['-b'], 8)] },
  unit: nodeTests('unit', { seconds: 2, limitMs: 2 * minute, sharedProcesses }),
  grammar: {
    ...nodeTests('grammar', { seconds: 1, limitMs: 2 * minute }),
    isThere: () => existsSync(path.join(root, 'test/grammar')),
  },
  plugin: pythonTests('plugin', 10),
  recipe: pythonTests('recipe', 5),
  tuning: pythonTests('tuning', 5),
  protocol: { needsBuild: true, ...nodeTests('protocol', { seconds: 12, limitMs: 3 * minute }) },
  hostile: { needsBuild: true, ...nodeTests('hostile', { seconds: 60, limitMs: 10 * minute }) },
  security: { needsBuild: true, ...nodeTests('security', { seconds: 1, limitMs: 3 * minute }) },
  model: { needsBuild: true, needs: ['demo'], ...nodeTests('model', { seconds: 10, limitMs: 6 * minute }) },
  faults: { needsBuild: true, needs: ['demo'], ...nodeTests('faults', { seconds: 20, limitMs: 5 * minute }) },
  cli: { needsBuild: true, needs: ['demo'], ...nodeTests('cli', { seconds: 12, limitMs: 6 * minute }) },
  editor: {
    needsBuild: true,
    needs: ['editor'],
    ...nodeTests('editor', {
      seconds: 30,
      limitMs: 6 * minute,
      sharedProcesses: sharedEditors,
      lane: () => oneEditor,
      alongside: suites,
    }),
  },
  screenshots: {
    needsBuild: true,
    byDefault: false,
    needs: ['editor'],
    ...nodeTests('screenshots', { seconds: 60, limitMs: 6 * minute, lane: () => oneEditor }),
  },
  webgpu: { needsBuild: true, needs: ['vulkan'], ...nodeTests('webgpu', { seconds: 60, limitMs: 10 * minute }) },
  package: {
    needs: ['packages'],
    uses: { editor: 'PALIGEMMA_TEST_NO_EDITOR' },
    ...nodeTests('package', {
      seconds: 10,
      limitMs: 5 * minute,
      lane: file => file.endsWith('/editor.test.ts') ? oneEditor : undefined,
    }),
  },
  audit: { jobs: () => [counting('audit', 5, audit)] },
  desktop: {
    needsBuild: true,
    byDefault: false,
    ...nodeTests('desktop', { seconds: 60, limitMs: 10 * minute, lane: () => oneEditor, alongside: suites }),
  },
};

/** What the editor tests hand to the extension host. */
function suites() {
  return testFiles('editor', '.ts').filter(file => !file.endsWith('.test.ts'));
}

function pythonTests(part, seconds) {
  return { jobs: () => [counting(part, seconds, options => runPythonTests(pythonFolders[part], options))] };
}

/**
 * The test files of a folder: a job for each, or for those that share a process.
 * @param {{ seconds: number, limitMs: number, sharedProcesses?: readonly (readonly string[])[], lane?: (file: string) => string |
 *   undefined, alongside?: () => readonly string[] }} settings `limitMs`: of a process with one file; one with several has twice
 *   as long. `sharedProcesses`: beginnings of the paths of files that share one. `alongside`: files that the
 *   tests need bundled too.
 */
function nodeTests(part, settings) {
  return {
    jobs: filters => {
      const files = testFiles(part, '.test.ts', filters);
      const inRooms = groupBy(files, roomOf);
      // One call for all of them, by the first that needs it.
      let bundles;
      const scripts = () => bundles ??= bundleAll(files, settings.alongside?.() ?? []);
      return [...inRooms].map(([name, own]) => ({
        name,
        seconds: settings.seconds * (1 + (own.length - 1) / 2),
        lane: settings.lane?.(own[0]),
        run: async options => {
          const all = await scripts();
          const pairs = own.map(file => ({ file, script: all.get(file) }));
          return runTestFiles(pairs, { ...options, limitMs: settings.limitMs * (own.length > 1 ? 2 : 1) });
        },
      }));
    },
  };

  function roomOf(file) {
    return settings.sharedProcesses?.find(starts => starts.some(start => file.startsWith(start)))?.join(' ') ?? file;
  }
}

function groupBy(values, keyOf) {
  const groups = new Map();
  for (const value of values) groups.set(keyOf(value), [...groups.get(keyOf(value)) ?? [], value]);
  return groups;
}

async function bundleAll(files, alongside) {
  const scripts = await bundle(files);
  if (alongside.length > 0 && (await bundle(alongside)).includes(undefined)) {
    throw new Error(`${alongside.join(', ')} cannot be bundled`);
  }
  return new Map(files.map((file, index) => [file, scripts[index]]));
}

function tool(name, file, arguments_, seconds) {
  return { ...script(path.join('node_modules', file), arguments_, seconds), name };
}

/** Ends a tool that hangs: a busy machine may need several times as long as a quiet one. */
const toolMinutes = 15;

/** A script that says by its exit code whether all is well. */
function script(file, arguments_, seconds) {
  return counting(file, seconds, async ({ print }) => {
    const { code, timedOut } = await run(process.execPath, [path.join(root, file), ...arguments_], {
      cwd: root,
      limitMs: toolMinutes * minute,
      onOutput: print,
    });
    if (timedOut) print(`  FAILED: ${file} was stopped after ${toolMinutes} minutes\n`);
    return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
  });
}

/** A job of which only the counts are known. What it prints is shown when it has ended, or at once where it is alone. */
function counting(name, seconds, work) {
  return {
    name,
    seconds,
    async run({ print, isLive }) {
      const started = Date.now();
      let held = '';
      const counts = await work({
        print: text => {
          if (isLive) print(text);
          else held += text;
        },
      });
      print(`  ${this.name}: ${counts.failed > 0 ? 'FAILED' : 'done'}, ${secondsSince(started).toFixed(1)} s\n${held}`);
      return [{ counts, tests: [] }];
    },
  };
}
