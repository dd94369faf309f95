// The extension in an editor that is set to German: commands, lists and the image view. The workbench's own words stay
// English without its language pack.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import sharp from 'sharp';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const texts = (file: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(path.resolve(file), 'utf8')) as Record<string, string>;
const german = (sentence: string): string =>
  texts('l10n/bundle.l10n.de.json')[sentence] ?? assert.fail(`"${sentence}" has no German`);

describe('the extension in German', () => {
  const workspace = testWorkspace(['02.png']);
  let workbench: Workbench;

  before(async () => {
    await sharp({ create: { width: 20_000, height: 1_500, channels: 3, background: '#2a6' } }).png().toFile(
      path.join(workspace.path, 'wide.png'),
    );
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: suiteSettings,
      env: suiteEnvironment(workspace.cache),
      language: 'de',
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);

  step('menus have German titles', async () => {
    await workbench.chooseFromContextMenu('02.png', texts('package.nls.de.json')['command.readText.title'] ?? '?');
    // The prompt and the model do not depend on the language of the editor.
    await workbench.webview().locator('#copy-text:enabled', { hasText: german('Copy Text') }).waitFor({
      timeout: 60_000,
    });
  });

  step('the image view speaks German, and says so to screen readers', async () => {
    const view = workbench.webview();
    assert.equal(await view.locator('#copy-text').innerText(), german('Copy Text'));
    assert.equal(await view.locator('#filter').getAttribute('aria-label'), german('Filter regions'));
    assert.equal(await view.locator('html').getAttribute('lang'), 'de');
    await workbench.screenshot('german-view');
  });

  step('numbers of the view have a decimal comma', async () => {
    const view = workbench.webview();
    for (const name of ['broken.png', 'wide.png']) {
      await view.locator('#next-picture').click();
      await view.locator('h1', { hasText: name }).waitFor({ state: 'attached' });
    }
    await view.locator('#zoom').filter({ hasText: /^\d,\d %$/ }).waitFor();
    await workbench.screenshot('german-zoom');
  });

  step('the palette and the list of models are German', async () => {
    const title = texts('package.nls.de.json')['command.chooseModel.title'] ?? '?';
    await workbench.openList(`PaliGemma 2: ${title}`, german('Automatic'));
    await workbench.screenshot('german-models');
    await workbench.quickInput().locator('input').first().fill(german('Add a Model Folder…'));
    await workbench.pickRow(german('A folder on this machine that holds a PaliGemma 2 model')).first().waitFor();
    await workbench.page.keyboard.press('Escape');
  });

  step('the walkthrough and its pages are German', async () => {
    const title = texts('package.nls.de.json')['command.openWalkthrough.title'] ?? '?';
    // Narrow, the editor leaves the pages of the steps out, and another width takes it back to the list.
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    await workbench.runCommand(`PaliGemma 2: ${title}`);
    const step = workbench.page.locator('.getting-started-step', {
      has: workbench.page.getByText(texts('package.nls.de.json')['walkthrough.model.title'] ?? '?', { exact: true }),
    });
    await step.click();
    const page = workbench.page.frameLocator('.getting-started-media .webview.ready').frameLocator('#active-frame');
    await page.getByText('Arbeitsspeicher').first().waitFor();
    await workbench.screenshot('german-walkthrough');
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  });

  step('settings are described in German', async () => {
    await workbench.runCommand('Preferences: Open Settings (UI)');
    await workbench.page.locator('.settings-editor .suggest-input-container').first().click();
    await workbench.page.keyboard.type('paligemma.keepLoadedMinutes');
    await workbench.page.locator('.setting-item-description', { hasText: 'Minuten ohne Verwendung' }).first().waitFor();
  });
});
