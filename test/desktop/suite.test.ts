// The suite of test/editor/suite in desktop VS Code, which is downloaded: npm run test:desktop
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../support/commandLine';
import { repeatTests } from '../support/vscodeHost/runSuite';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { RECORD_FILE, parseRecord } from '../support/vscodeHost/suiteRecord';
import { testWorkspace } from '../support/workspaceFolder';

const workspace = testWorkspace(['01.png', '02.png']);
const folder = temporaryFolder();
after(() => {
  workspace.remove();
  folder.remove();
});

test('the editor suite passes in desktop VS Code', async t => {
  if (
    process.platform === 'linux' && process.env['DISPLAY'] === undefined && process.env['WAYLAND_DISPLAY'] === undefined
  ) {
    return t.skip('there is no display: run it under "xvfb-run -a"');
  }
  let vscodeExecutablePath: string;
  try {
    vscodeExecutablePath = await downloadAndUnzipVSCode(process.env['VSCODE_VERSION'] ?? 'stable');
  } catch (error) {
    return t.skip(
      `desktop VS Code could not be downloaded (${
        error instanceof Error ? error.message : String(error)
      }): this needs internet; "npm test" runs the same suite in code-server`,
    );
  }
  mkdirSync(folder.at('user-data', 'User'), { recursive: true });
  writeFileSync(folder.at('user-data', 'User', 'settings.json'), JSON.stringify(suiteSettings));
  const record = folder.at('record');
  // The record says what failed; the exit code says nothing that is not in it.
  const exit = await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: process.cwd(),
    extensionTestsPath: path.resolve('out/test/editor/suite/index'),
    extensionTestsEnv: { ...suiteEnvironment(workspace.cache), [RECORD_FILE]: record },
    launchArgs: [
      workspace.path,
      '--user-data-dir',
      folder.at('user-data'),
      '--disable-extensions',
      '--disable-workspace-trust',
      '--skip-welcome',
      '--skip-release-notes',
    ],
  }).catch((error: unknown) => error);
  await repeatTests(t, existsSync(record) ? parseRecord(readFileSync(record, 'utf8')) : { tests: [] }, String(exit));
});
