// A prompt file in the real editor: coloured, completed, checked, run from its lens, with the answer at the end of the
// line.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { recordedAnswer } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 90_000;

describe('a prompt file', () => {
  const workspace = testWorkspace(['01.png', '02.png'], 0);
  let workbench: Workbench;

  before(async () => {
    writeFileSync(
      path.join(workspace.path, 'prompts.paligemma'),
      '# Colours and help\n@model demo\n@image 01.png\n\ncaption en\nDetect red star;circle\n  => nothing\n',
    );
    const installed = process.env['PALIGEMMA_TEST_EXTENSION'] ?? process.cwd();
    workbench = await Workbench.open({
      folder: workspace.path,
      installed,
      settings: { ...suiteSettings, 'editor.codeLens': true, 'workbench.hover.delay': 300 },
      env: suiteEnvironment(workspace.cache),
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);

  step('lenses and diagnostics are there', async () => {
    await workbench.file('prompts.paligemma').dblclick();
    await workbench.page.locator('.codelens-decoration a', { hasText: /^Run$/ }).first().waitFor({ timeout: 60_000 });
    await workbench.page.locator('.codelens-decoration a', { hasText: '1 image' }).first().waitFor();
    await workbench.page.locator('.squiggly-warning').first().waitFor();
    await workbench.screenshot('prompt-file-opened');
  });

  step('Run writes the answer at the end of the line', async () => {
    await workbench.page.locator('.codelens-decoration a', { hasText: /^Run$/ }).first().click();
    const hint = workbench.page.locator('.view-line', { hasText: '→' }).first();
    // The editor cuts hints at 43 characters; the whole answer is in the tooltip.
    await hint.filter({ hasText: 'red' }).waitFor({ timeout: firstAnswerMs });
    const text = (await hint.innerText()).replaceAll('\u00a0', ' ');
    assert.ok(text.includes(recordedAnswer('01.png', 'caption en').slice(0, 35)), text);
    await workbench.screenshot('prompt-file-answer');
  });

  step('Ctrl+Enter runs the prompt under the cursor, and what it was expected to answer is compared', async () => {
    const line = workbench.page.locator('.view-line', { hasText: 'red star;circle' }).first();
    await line.click();
    await workbench.page.keyboard.press('Control+Enter');
    await workbench.page.locator('.view-line', { hasText: '=> nothing' }).first().filter({ hasText: '✗' }).waitFor({
      timeout: firstAnswerMs,
    });
    await workbench.screenshot('prompt-file-expectation');
  });

  step('the pointer on a prompt and on a picture shows help', async () => {
    await workbench.page.locator('.view-line', { hasText: '@image' }).getByText('01.png').hover();
    const hover = workbench.page.locator('.monaco-hover:visible', { hasText: 'px' });
    await hover.waitFor();
    await hover.locator('img').first().evaluate((image: HTMLImageElement) => image.decode());
    await hover.getByRole('link', { name: 'Detect…' }).waitFor();
    await hover.getByText(recordedAnswer('01.png', 'caption en')).waitFor();
    await workbench.screenshot('prompt-file-hover');
    await workbench.page.keyboard.press('Escape');
  });

  step('a right-click on the path runs on its picture', async () => {
    await workbench.chooseFromTextMenu('01.png', 'PaliGemma 2', 'Caption with PaliGemma 2');
    await workbench.webview().locator('#caption', { hasText: recordedAnswer('01.png', 'caption en') }).waitFor();
    await workbench.openFile('prompts.paligemma');
  });

  step('“1 image” opens the picture in the image view, with what that prompt was answered', async () => {
    const lenses = workbench.page.locator('.codelens-decoration a', { hasText: '1 image' });
    const view = workbench.webview();
    for (const [index, prompt] of [[1, 'Detect red star;circle'], [0, 'caption en']] as const) {
      await lenses.nth(index).click();
      await view.locator('h1', { hasText: '01.png' }).waitFor({ state: 'attached' });
      await view.locator('#prompt', { hasText: prompt }).waitFor();
      assert.equal(await view.locator('#prompt-input').inputValue(), prompt);
      if (index === 1) await workbench.openFile('prompts.paligemma');
    }
    await view.locator('#caption', { hasText: recordedAnswer('01.png', 'caption en') }).waitFor();
    await workbench.openFile('prompts.paligemma');
  });

  step('completion offers tasks, and pictures behind @image', async () => {
    await workbench.page.locator('.view-line', { hasText: 'caption en' }).first().click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type('@image ');
    await workbench.page.keyboard.press('Control+Space');
    const row = workbench.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: '02.png' });
    await row.first().waitFor();
    await workbench.screenshot('prompt-file-completion-images');
    await workbench.page.keyboard.press('Escape');
    await workbench.page.keyboard.press('Enter');
    await workbench.page.keyboard.type('cap');
    await workbench.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'caption' }).first().waitFor();
    await workbench.screenshot('prompt-file-completion');
    await workbench.page.keyboard.press('Escape');
  });
});
