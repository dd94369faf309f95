// Runs the suite of test/editor/suite inside the extension host of a real VS Code.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { repeatTests, runSuite } from '../support/vscodeHost/runSuite';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { testWorkspace } from '../support/workspaceFolder';

const limitMs = 240_000;
const workspace = testWorkspace(['01.png', '02.png']);
after(() => workspace.remove());

test('the editor suite passes inside the extension host', async t => {
  const { record, log } = await runSuite({
    folder: workspace.path,
    limitMs,
    settings: suiteSettings,
    env: suiteEnvironment(workspace.cache),
    suite: { extension: process.cwd(), tests: path.resolve('out/test/editor/suite/index') },
  });
  await repeatTests(t, record, log);
});

test('an extension host that dies in mid-suite is noticed', async t => {
  const { record, log } = await runSuite({
    folder: workspace.path,
    limitMs: 60_000,
    settings: suiteSettings,
    env: suiteEnvironment(workspace.cache),
    suite: { extension: process.cwd(), tests: path.resolve('out/test/editor/dyingSuite/index') },
  });
  assert.deepEqual(record.tests.map(({ title }) => title), ['before the end']);
  await assert.rejects(repeatTests(t, record, log), /ended before the suite did, after 1 tests/);
});
