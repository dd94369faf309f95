/** Opens the workbench of a {@link CodeServer} in Chromium. */
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { fromInstaller } from '../../../scripts/editorHost/codeServer';
import type { CodeServer } from '../../../scripts/editorHost/codeServer';

const pageLimitMs = 20_000;

export interface WorkbenchOptions {
  /** Absolute folder that is opened as the workspace, or a `.code-workspace` file. */
  readonly folder: string;
  /**
   * Language of the editor for its extensions, such as `de`. No language pack is there, so the workbench's own words
   * stay English.
   */
  readonly language?: string;
  /** Absent where a person drives the workbench. */
  readonly suite?: ExtensionSuite;
}

/** Makes the extension host load `extension` from its sources and run `tests` in it. Absolute paths. */
export interface ExtensionSuite {
  readonly extension: string;
  readonly tests: string;
}

/** What the workbench itself reports about a test run. */
export interface Automation {
  /** Exit code that the workbench reports. It is 0 also where the extension host died: it proves nothing alone. */
  readonly onExit?: (code: number) => void;
  readonly onLog?: (level: string, text: string) => void;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: fromInstaller('PALIGEMMA_TEST_CHROMIUM'),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}

export async function openPage(
  browser: Browser,
  server: CodeServer,
  options: WorkbenchOptions,
  automation: Automation = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(pageLimitMs);
  // Before `goto`: a quick run can end before a function exists that is exposed later.
  await page.exposeFunction(
    'codeAutomationLog',
    (level: string, values: unknown[]) => automation.onLog?.(level, values.map(String).join(' ')),
  );
  await page.exposeFunction('codeAutomationExit', (code: number) => automation.onExit?.(code));
  // What a language pack sets when it is loaded.
  if (options.language !== undefined) {
    await page.addInitScript(language => {
      Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: language });
    }, options.language);
  }
  await page.goto(workbenchUrl(server, options));
  return page;
}

function workbenchUrl(server: CodeServer, { folder, suite }: WorkbenchOptions): string {
  const remote = (file: string) => `vscode-remote://${server.authority}${file}`;
  const payload = [['skipWelcome', 'true'], ['skipReleaseNotes', 'true']];
  if (suite !== undefined) {
    payload.push(['extensionDevelopmentPath', remote(suite.extension)], ['extensionTestsPath', remote(suite.tests)]);
  }
  const url = new URL(server.origin);
  url.searchParams.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', folder);
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}
