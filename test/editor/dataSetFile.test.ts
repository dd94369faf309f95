// A data set in the real editor: known by its lines, checked, mended, shown, compared with the model's answer.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 90_000;
const lines = [
  '{"image": "01.png", "prefix": "caption en", "suffix": "a picture "}',
  '{"image": "02.png", "prefix": "detect star", "suffix": "<loc0100><loc0100><loc0500><loc0500> star"}',
  '{"image": "gone.png", "prefix": "detect star ; ring", "suffix": "<loc0100><loc0100><loc0500><loc0500> star"}',
];

describe('a data set', () => {
  const workspace = testWorkspace(['01.png', '02.png'], 0);
  let workbench: Workbench;

  before(async () => {
    writeFileSync(path.join(workspace.path, 'train.jsonl'), `${lines.join('\n')}\n`);
    const installed = process.env['PALIGEMMA_TEST_EXTENSION'] ?? process.cwd();
    workbench = await Workbench.open({
      folder: workspace.path,
      installed,
      settings: { ...suiteSettings, 'paligemma.model': 'demo', 'editor.codeLens': true, 'workbench.hover.delay': 300 },
      env: suiteEnvironment(workspace.cache),
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);

  step('findings and lenses are there', async () => {
    await workbench.file('train.jsonl').dblclick();
    await workbench.page.locator('.codelens-decoration a', { hasText: 'Compare with the Answer' }).first().waitFor({
      timeout: 60_000,
    });
    await workbench.page.locator('.squiggly-warning').first().waitFor();
    await workbench.page.locator('.squiggly-error').first().waitFor();
    await workbench.screenshot('data-set-opened');
  });

  step('the pointer on a picture shows it with the boxes of the line', async () => {
    // Inside of the path, whatever the colours make of the line.
    await workbench.page.locator('.view-line', { hasText: '02.png' }).hover({ position: { x: 115, y: 8 } });
    const hover = workbench.page.locator('.monaco-hover:visible', { hasText: 'px' });
    await hover.locator('img').first().evaluate((image: HTMLImageElement) => image.decode());
    await workbench.screenshot('data-set-hover');
    await workbench.page.keyboard.press('Escape');
  });

  step('a light bulb mends the line', async () => {
    await workbench.page.locator('.view-line', { hasText: 'a picture' }).getByText('a picture').first().click();
    await workbench.page.keyboard.press('End');
    await workbench.page.keyboard.press('ArrowLeft');
    await workbench.page.keyboard.press('ArrowLeft');
    await workbench.page.keyboard.press('Control+.');
    await workbench.page.locator('.action-widget .monaco-list-row').first().waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.page.keyboard.press('Control+s');
    await workbench.page.locator('.squiggly-warning').first().waitFor({ state: 'detached' });
    assert.match(readFileSync(path.join(workspace.path, 'train.jsonl'), 'utf8'), /"a picture"\}/);
  });

  step('F2 renames a label in prefixes and suffixes', async () => {
    const line = workbench.page.locator('.view-line', { hasText: '02.png' });
    await line.click();
    await workbench.page.keyboard.press('End');
    for (let left = 0; left < 3; left++) await workbench.page.keyboard.press('ArrowLeft');
    await workbench.page.keyboard.press('F2');
    await workbench.page.locator('.rename-box input').fill('comet');
    await workbench.page.keyboard.press('Enter');
    await line.filter({ hasText: 'detect comet' }).waitFor();
    await workbench.page.locator('.view-line', { hasText: 'detect comet ; ring' }).waitFor();
    await workbench.screenshot('data-set-renamed');
  });

  step('Show opens the picture with what the line says', async () => {
    await workbench.page.locator('.codelens-decoration a', { hasText: /^Show$/ }).first().click();
    const view = workbench.webview();
    await view.locator('#caption', { hasText: 'a picture' }).waitFor({ timeout: 60_000 });
    await workbench.openFile('train.jsonl');
  });

  step('Compare asks the model, and its answer stands behind the line', async () => {
    await workbench.page.locator('.codelens-decoration a', { hasText: 'Compare with the Answer' }).first().click();
    const view = workbench.webview();
    await view.locator('#caption', { hasText: 'a picture' }).waitFor({ timeout: firstAnswerMs });
    await workbench.screenshot('data-set-compared');
    await workbench.openFile('train.jsonl');
    await workbench.page.locator('.view-line', { hasText: '≠' }).first().waitFor();
  });
});
