/** Runs a Mocha suite inside the real extension host and repeats its tests as tests of node:test. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { launchBrowser, openPage } from './browser';
import type { ExtensionSuite } from './browser';
import { startCodeServer } from '../../../scripts/editorHost/codeServer';
import type { CodeServerOptions } from '../../../scripts/editorHost/codeServer';
import { RECORD_FILE, parseRecord } from './suiteRecord';
import type { SuiteRecord } from './suiteRecord';

export interface SuiteOptions extends CodeServerOptions {
  readonly suite: ExtensionSuite;
  /** Absolute folder that is opened as the workspace. */
  readonly folder: string;
  readonly limitMs: number;
}

/** @returns The suite's own record, and what the workbench and the server said, for the message of a failure. */
export async function runSuite(options: SuiteOptions): Promise<{ readonly record: SuiteRecord; readonly log: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-suite-'));
  const file = path.join(folder, 'record');
  const messages: string[] = [];
  const server = await startCodeServer({ ...options, runsSuite: true, env: { ...options.env, [RECORD_FILE]: file } });
  const browser = await launchBrowser();
  let limit: NodeJS.Timeout | undefined;
  try {
    const ended = new Promise<string>(resolve => {
      limit = setTimeout(() => resolve(`no end within ${options.limitMs / 1000} s`), options.limitMs);
      openPage(browser, server, options, {
        onExit: code => resolve(`the workbench reported exit code ${code}`),
        onLog: (level, text) => {
          if (level === 'error' || level === 'warn') messages.push(`[${level}] ${text}`);
        },
      }).catch((error: unknown) => resolve(String(error)));
    });
    messages.push(await ended);
    return {
      record: existsSync(file) ? parseRecord(readFileSync(file, 'utf8')) : { tests: [] },
      log: `${messages.join('\n')}\n${server.log()}`,
    };
  } finally {
    clearTimeout(limit);
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Repeats each test of a record under `t`, and fails where the record does not reach its end. */
export async function repeatTests(t: TestContext, record: SuiteRecord, log: string): Promise<void> {
  for (const one of record.tests) {
    await t.test(one.title, inner => {
      if (one.status === 'skipped') inner.skip('skipped inside the extension host');
      if (one.status === 'failed') assert.fail(one.error ?? 'failed without a message');
    });
  }
  // An extension host that dies takes the suite with it while the workbench still reports success.
  assert.ok(
    record.end !== undefined,
    `the extension host ended before the suite did, after ${record.tests.length} tests:\n${log}`,
  );
  assert.equal(record.tests.length, record.end.tests);
  assert.ok(record.tests.some(one => one.status === 'passed'), 'no test of the suite passed');
}
