/**
 * Entry that the extension host loads (`extensionTestsPath`): runs the `.suite.js` files beside it and writes the
 * record.
 */
import { appendFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { RECORD_FILE } from '../../support/vscodeHost/suiteRecord';
import type { SuiteEnd, SuiteTest } from '../../support/vscodeHost/suiteRecord';

const testLimitMs = 90_000;

/** Resolves when every test has ended; rejects when one failed, which is what VS Code turns into its exit code. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', color: false, timeout: testLimitMs, reporter: 'spec' });
  for (const file of readdirSync(__dirname).sort()) {
    if (file.endsWith('.suite.js')) mocha.addFile(path.join(__dirname, file));
  }
  const tests: SuiteTest[] = [];
  const failures = await new Promise<number>(resolve => {
    const runner = mocha.run(resolve);
    runner.on('pass', test => finish(test, 'passed'));
    runner.on('pending', test => finish(test, 'skipped'));
    runner.on('fail', (test, error: Error) => finish(test, 'failed', error));
  });
  write({ tests: tests.length });
  if (failures > 0) throw new Error(`${failures} tests failed.`);

  function finish(test: Mocha.Test, status: SuiteTest['status'], error?: Error): void {
    const record: SuiteTest = {
      title: test.titlePath().join(' › '),
      status,
      durationMs: test.duration ?? 0,
      ...(error === undefined ? {} : { error: error.stack ?? error.message }),
    };
    tests.push(record);
    write(record);
  }
}

function write(line: SuiteTest | SuiteEnd): void {
  const file = process.env[RECORD_FILE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}
