// The tests of what is written in Python, by Python's own unittest, so that nothing has to be installed.
import path from 'node:path';
import { root } from '../install.mjs';
import { run } from './children.mjs';

const oldestPython = [3, 10];
const limitMs = 2 * 60_000;
/** Each holds a package `tests`. */
export const pythonFolders = { plugin: 'vllm-plugin', recipe: 'model-host/demo-model/recipe', tuning: 'tuning' };
/**
 * Runs what unittest finds in the folder and ends with a line of JSON, since what the tests log stands in between
 * unittest's own words.
 */
const tallyMark = 'tally of the tests: ';
const program = `
import json, unittest
class Result(unittest.TextTestResult):
    passed = 0
    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
result = unittest.main(module=None, argv=['unittest'], exit=False, testRunner=unittest.TextTestRunner(resultclass=Result)).result
print('${tallyMark}' + json.dumps({'passed': result.passed, 'failed': len(result.failures) + len(result.errors), 'skips': [[str(test), reason] for test, reason in result.skipped]}), flush=True)
`;

/**
 * Runs those of a folder, and tells the failed and the skipped ones.
 * @param {string} folder Relative to the root.
 * @param {{ print: (text: string) => void }} options
 * @param {string} python The interpreter: tests that need a package, such as vLLM, run where it has one.
 */
export async function runPythonTests(folder, { print }, python = 'python3') {
  const cwd = path.join(root, folder);
  if ((await call(cwd, python, `import sys; sys.exit(sys.version_info < (${oldestPython.join(', ')}))`)).code !== 0) {
    print(`  skipped: there is no python3 of ${oldestPython.join('.')} or newer on the PATH\n`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const { output } = await call(cwd, python, program);
  const [before, tally] = output.split(tallyMark);
  if (tally === undefined) {
    print(`${output}\n  FAILED: the tests ended without a tally\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const { passed, failed, skips } = JSON.parse(tally.split('\n')[0]);
  if (failed > 0) print(before.replace(/^/gm, '    '));
  for (const [name, reason] of skips) print(`    skipped  ${name}: ${reason}\n`);
  if (passed + failed + skips.length > 0) return { passed, failed, skipped: skips.length };
  print(`  FAILED: no test found in ${folder}/tests\n`);
  return { passed, failed: 1, skipped: 0 };
}

async function call(cwd, python, script) {
  let output = '';
  try {
    const { code } = await run(python, ['-c', script], {
      cwd,
      limitMs,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      onOutput: text => {
        output += text;
      },
    });
    return { code, output };
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { code: 1, output };
  }
}
