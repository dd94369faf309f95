// A person who has just installed it: the walkthrough, the first question about a model, and the list of models.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { goldenFolder } from '../support/golden';
import { recordedAnswer, sampleImages } from '../support/samples';
import { suiteEnvironment } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 90_000;
const caption = 'Caption with PaliGemma 2';
const themes = [['light', 'Light Modern'], ['dark', 'Dark Modern'], ['high-contrast', 'Dark High Contrast']] as const;

describe('the first hour', () => {
  const workspace = testWorkspace(sampleImages.slice(0, 1), 1);
  const [ownPicture = ''] = workspace.moreImages;
  const added = path.join(path.dirname(workspace.cache), 'my-model');
  let workbench: Workbench;

  before(async () => {
    cpSync(path.join(goldenFolder, 'models', 'gqa-224'), added, { recursive: true });
    // See `chooseFolder`.
    mkdirSync(path.join(added, 'runs'));
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: { 'paligemma.weights': 'f32' },
      env: { ...suiteEnvironment(workspace.cache), HF_HOME: path.join(workspace.cache, 'none') },
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);
  const walkthroughStep = (title: string) =>
    workbench.page.locator('.getting-started-step', { has: workbench.page.getByText(title, { exact: true }) });
  const ticked = (title: string) => walkthroughStep(title).locator('.codicon-getting-started-step-checked');

  async function openWalkthrough(): Promise<void> {
    await workbench.runCommand('PaliGemma 2: First Steps');
    await walkthroughStep('Write alt text').waitFor();
  }

  step('the walkthrough begins with alt text, and one click writes some into a page', async () => {
    await openWalkthrough();
    assert.match(await workbench.page.locator('.getting-started-step').first().innerText(), /^\s*Write alt text/);
    await workbench.screenshot('first-hour-walkthrough');
    await workbench.page.getByRole('button', { name: 'Write Alt Text in a Sample Page' }).click();
    await workbench.editorTextBecomes(
      text => text.includes(`![${recordedAnswer('01.png', 'caption en')}](<`) && text.includes('![](<'),
      firstAnswerMs,
    );
    await workbench.screenshot('first-hour-alt-text');
    await openWalkthrough();
    await ticked('Write alt text').waitFor();
  });

  step(
    'no step shows marks of Markdown or an address that the editor made, and reading one does not tick it',
    async () => {
      for (
        const title of [
          'Caption a picture',
          'Get a real model',
          'Find objects',
          'Run on a whole folder',
          'Make a data set',
          'Write a prompt file',
        ]
      ) {
        await walkthroughStep(title).click();
        await walkthroughStep(title).locator('.step-description-container').waitFor();
        assert.doesNotMatch(await walkthroughStep(title).innerText(), /`|\]\(/, title);
        const media = workbench.page.frameLocator('.getting-started-media .webview.ready').frameLocator(
          '#active-frame',
        );
        const text = await media.locator('body').innerText();
        assert.doesNotMatch(text, /vscode-|https?:|!\[/, title);
        assert.equal(await ticked(title).count(), 0, title);
      }
      await workbench.screenshot('first-hour-prompts');
    },
  );

  step('a data set is made on a copy of the sample: the step is done when a line is accepted', async () => {
    await walkthroughStep('Make a data set').click();
    await workbench.page.getByRole('button', { name: 'Open a Sample Data Set' }).click();
    const view = workbench.webview();
    // The page may be shown before the editor gives it the focus.
    await view.locator('.cell').first().press('u');
    await view.locator('#accept').click();
    await view.locator('#draft-bar').waitFor({ state: 'hidden' });
    await openWalkthrough();
    await ticked('Make a data set').waitFor();
  });

  step('a folder of pictures is done when its answers are there', async () => {
    await walkthroughStep('Run on a whole folder').click();
    await workbench.page.getByRole('button', { name: 'Caption All Sample Pictures' }).click();
    const tile = workbench.webview().locator('.cell', { hasText: '12.png' });
    await tile.getByText(recordedAnswer('12.png', 'caption en')).waitFor({ timeout: firstAnswerMs });
    await openWalkthrough();
    await ticked('Run on a whole folder').waitFor();
  });

  step(
    'the first question recommends one model; the demo model answers on a picture of one’s own, asked once',
    async () => {
      await workbench.chooseFromContextMenu(ownPicture, caption);
      const recommended = workbench.pickRow('Download google/paligemma2-3b-mix');
      await recommended.waitFor();
      assert.match((await recommended.innerText()).replaceAll(/\s+/g, ' '), /recommended · 6\.1 GB to download/);
      assert.match(await workbench.quickInput().locator('.monaco-list-row').first().innerText(), /recommended/);
      for (const [name, theme] of themes) {
        await workbench.page.keyboard.press('Escape');
        await workbench.chooseTheme(theme);
        await workbench.chooseFromContextMenu(ownPicture, caption);
        await recommended.waitFor();
        await workbench.screenshot(`first-hour-question-${name}`);
      }
      await workbench.pickRow('Use the Demo Model for Now').click();
      const view = workbench.webview();
      await view.locator('h1', { hasText: ownPicture }).waitFor({ state: 'attached', timeout: firstAnswerMs });
      await view.locator('#copy-text:enabled').waitFor({ timeout: firstAnswerMs });
      assert.match(await view.locator('#model-note').innerText(), /demo model/);
      await workbench.chooseFromContextMenu(ownPicture, 'Describe Picture');
      await view.locator('#prompt', { hasText: 'describe en' }).waitFor({ state: 'attached', timeout: firstAnswerMs });
      assert.ok(!await workbench.quickInput().isVisible());
    },
  );

  step('a new prompt file comes from a template, with the pictures of the workspace in it', async () => {
    await workbench.runCommand('PaliGemma 2: New Prompt File…');
    await workbench.pickRow('Objects').waitFor();
    await workbench.screenshot('first-hour-templates');
    await workbench.pickRow('Objects').click();
    await workbench.page.locator('.tab.active', { hasText: 'prompts.paligemma' }).waitFor();
    await workbench.page.locator('.view-line', { hasText: '@image *.png' }).waitFor();
    await workbench.page.locator('.codelens-decoration a', { hasText: /^Run$/ }).first().waitFor();
    await workbench.screenshot('first-hour-prompt-file');
    await workbench.page.keyboard.press('Control+S');
    await workbench.runCommand('Create: New File');
    await workbench.pickRow('PaliGemma Prompt File').or(workbench.pickRow('New Prompt File')).first().waitFor();
    await workbench.screenshot('first-hour-new-file');
    await workbench.page.keyboard.press('Escape');
  });

  step('a picture offers what can be done with it under PaliGemma 2, as a folder does', async () => {
    await workbench.chooseFromContextMenu(ownPicture, 'Read Text (OCR)');
    await workbench.webview().locator('#prompt', { hasText: 'ocr' }).waitFor({
      state: 'attached',
      timeout: firstAnswerMs,
    });
  });

  step('the list of models recommends the same one, and a licence is one click away', async () => {
    await workbench.openList('PaliGemma 2: Choose Model…', 'Automatic');
    const row = workbench.pickRow('recommended').first();
    await workbench.quickInput().locator('input').first().fill('recommended');
    await row.waitFor();
    assert.equal(await workbench.pickRow('recommended').count(), 1);
    await row.hover();
    await row.locator('[aria-label="Open Licence Page"]').waitFor();
    await workbench.screenshot('first-hour-models');
    await workbench.page.keyboard.press('Escape');
  });

  step('a model folder that was added is the line that Enter takes', async () => {
    await workbench.runCommand('PaliGemma 2: Add a Model Folder…');
    await workbench.quickInput().getByText('Choose the Folder of a Model').waitFor();
    await workbench.chooseFolder(added);
    const row = workbench.quickInput().locator('.monaco-list-row.focused', { hasText: 'my-model' });
    await row.waitFor();
    await workbench.screenshot('first-hour-added-folder');
    await workbench.page.keyboard.press('Enter');
    await workbench.statusItem().filter({ hasText: 'my-model' }).waitFor();
  });
});
