// What is outside of the image view, with keys alone: a batch from the Explorer, the links of a hover, the walkthrough.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Locator } from 'playwright-core';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';
import { recordedAnswer } from '../support/samples';

const firstAnswerMs = 60_000;
/** More presses than any menu or page needs. */
const mostPresses = 60;

describe('keys alone', () => {
  const workspace = testWorkspace(['01.png', '02.png']);
  let workbench: Workbench;

  before(async () => {
    writeFileSync(path.join(workspace.path, 'page.md'), '![](01.png)\n');
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: suiteSettings,
      env: suiteEnvironment(workspace.cache),
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);
  const find = (selector: string): Locator => workbench.webview().locator(selector);
  const press = (key: string) => workbench.page.keyboard.press(key);

  /** Presses a key until what has the focus in the workbench is called so. */
  async function stepTo(key: string, name: string): Promise<void> {
    const focused = () =>
      workbench.page.evaluate(() =>
        `${document.activeElement?.getAttribute('aria-label') ?? ''} ${document.activeElement?.textContent ?? ''}`
      );
    for (let stop = 0; stop < mostPresses; stop++) {
      await press(key);
      if ((await focused()).trim().startsWith(name)) return;
    }
    throw new Error(`${key} does not reach ${name}, but ${await focused()}`);
  }

  step('a batch is started from the Explorer with keys alone', async () => {
    await press('Control+Shift+E');
    await workbench.page.locator('.explorer-folders-view .monaco-list:focus').waitFor();
    const item = workbench.page.locator('.monaco-menu .action-item:not(.disabled)', {
      hasText: 'Caption with PaliGemma 2',
    }).first();
    // The Explorer is there before extensions have contributed their menus and before the workspace counts as trusted:
    // no event tells.
    for (const deadline = Date.now() + firstAnswerMs; !await item.isVisible() && Date.now() < deadline;) {
      await press('Escape');
      for (const key of ['Home', 'Control+A', 'Shift+F10']) await press(key);
      await item.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await stepTo('ArrowDown', 'Caption with PaliGemma 2');
    await press('Enter');
    await workbench.pickRow('Text File Beside Each Picture').first().waitFor();
    await workbench.page.keyboard.type('Text File Beside');
    await press('Enter');
    for (const name of ['01.txt', '02.txt']) await workbench.file(name).waitFor({ timeout: firstAnswerMs });
  });

  step('the links of a hover are reached with keys alone', async () => {
    await press('Control+P');
    await workbench.quickInput().waitFor();
    await workbench.page.keyboard.type('page.md');
    await workbench.pickRow('page.md').first().waitFor();
    await press('Enter');
    await workbench.page.locator('.tab.active', { hasText: 'page.md' }).waitFor();
    await press('Control+Home');
    for (let i = 0; i < 6; i++) await press('ArrowRight');
    const showOrFocus = async () => {
      await press('Control+K');
      await press('Control+I');
    };
    const hover = workbench.page.locator('.monaco-hover:visible').filter({ hasText: 'Describe' }).first();
    // No event tells when the extension has read the document.
    for (const deadline = Date.now() + firstAnswerMs; !await hover.isVisible() && Date.now() < deadline;) {
      await press('Escape');
      await showOrFocus();
      await hover.waitFor({ timeout: 4_000 }).catch(() => undefined);
    }
    await showOrFocus();
    await stepTo('Tab', 'Describe');
    await press('Enter');
    await find('#prompt').filter({ hasText: 'describe en' }).waitFor({ timeout: firstAnswerMs });
    await find('#copy-text:enabled').waitFor({ timeout: firstAnswerMs });
  });

  step('the buttons of the walkthrough are reached with keys alone', async () => {
    await workbench.typeCommand('PaliGemma 2: First Steps');
    await workbench.page.getByRole('button', { name: 'Write Alt Text in a Sample Page' }).waitFor();
    await stepTo('Tab', 'Write Alt Text in a Sample Page');
    await press('Enter');
    const altText = `![${recordedAnswer('01.png', 'caption en')}](<`;
    await workbench.editorTextBecomes(text => text.includes(altText), firstAnswerMs);
  });
});
