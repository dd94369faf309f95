// Pictures that a page of the editor cannot show, or that are no files: other formats, huge ones, other file systems;
// the menu of a tab.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Locator } from 'playwright-core';
import sharp from 'sharp';
import { blackPng } from '../support/badPictures';
import { recordedAnswer, samplePath } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const firstAnswerMs = 90_000;

describe('any picture', () => {
  const workspace = testWorkspace(['01.png']);
  const at = (name: string) => path.join(workspace.path, name);
  let workbench: Workbench;

  before(async () => {
    const sample = sharp(samplePath('02.png'));
    await sample.clone().tiff().toFile(at('shapes.tiff'));
    await sample.clone().avif({ effort: 0 }).toFile(at('shapes.avif'));
    await sharp(await sample.clone().resize(320, 288).gif().toBuffer()).gif().toFile(at('shapes.gif'));
    blackPng(at('huge.png'), 20_000);
    writeFileSync(
      at('drawn.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="150" height="200" fill="#c00"/></svg>',
    );
    writeFileSync(
      at('broken.heic'),
      Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(40)]),
    );
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: suiteSettings,
      alsoInstalled: [path.resolve('test/support/vscodeHost/memoryFiles')],
      env: { ...suiteEnvironment(workspace.cache), PALIGEMMA_TEST_MEMORY_PICTURE: samplePath('02.png') },
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);
  const find = (selector: string): Locator => workbench.webview().locator(selector);
  /** Loaded and drawn. */
  const picture = () => find('.stage img:not(.broken)');

  /** Pixels that the page has, and those that the view places, once the picture is drawn. */
  async function sizes(): Promise<readonly number[]> {
    await picture().waitFor();
    return picture().evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      return [image.naturalWidth, image.naturalHeight, image.clientWidth, image.clientHeight];
    });
  }

  async function detect(name: string): Promise<void> {
    await workbench.chooseFromContextMenu(name, 'Detect Objects');
    await workbench.answerInput('ring, yellow heart');
    await find('h1').filter({ hasText: name }).waitFor({ state: 'attached', timeout: firstAnswerMs });
    await find('.box').nth(1).waitFor({ timeout: firstAnswerMs });
  }

  step('a TIFF, which no page can show, is there under its boxes', async () => {
    await detect('shapes.tiff');
    await find('.stage img[src^="data:image/png"]').waitFor();
    assert.deepEqual(await sizes(), [640, 577, 640, 577]);
    await workbench.screenshot('view-tiff');
  });

  step('Copy Crop cuts it too', async () => {
    await find('#regions li').first().locator('.name').click();
    await find('#copy-crop').click();
    await find('#notice').filter({ hasText: 'Copied' }).waitFor();
  });

  for (
    const [name, expected] of [['shapes.avif', [640, 577]], ['shapes.gif', [320, 288]], ['drawn.svg', [
      300,
      200,
    ]]] as const
  ) {
    step(`${name} is shown and run`, async () => {
      await workbench.chooseFromContextMenu(name, 'Caption with PaliGemma 2');
      await find('h1').filter({ hasText: name }).waitFor({ state: 'attached' });
      await find('#copy-text:enabled').waitFor();
      assert.deepEqual((await sizes()).slice(2), expected);
    });
  }

  step('of a picture of 20,000 × 20,000 pixels a copy is shown, in its place and size', async () => {
    await workbench.openWithImageView('huge.png');
    await find('.stage img[src^="data:image/png"]').waitFor({ timeout: 60_000 });
    assert.deepEqual(await sizes(), [2048, 2048, 20_000, 20_000]);
  });

  step('what cannot be decoded is said in a sentence', async () => {
    await workbench.openWithImageView('broken.heic');
    await find('.unavailable').filter({ hasText: 'broken.heic' }).waitFor();
    assert.match(await find('.unavailable').innerText(), /HEIC.*\.$/);
  });

  step('the menu of a tab runs on its picture', async () => {
    await workbench.file('01.png').dblclick();
    await workbench.chooseFromTabMenu('01.png', 'Caption with PaliGemma 2');
    await find('#caption').filter({ hasText: recordedAnswer('01.png', 'caption en') }).waitFor();
  });

  step('a picture of another file system is opened and run', async () => {
    await workbench.runCommand('Memory Files: Open the Picture');
    await workbench.chooseFromTabMenu('picture.png', 'Caption with PaliGemma 2');
    await find('h1').filter({ hasText: 'picture.png' }).waitFor({ state: 'attached' });
    await find('#caption').filter({ hasText: recordedAnswer('02.png', 'caption en') }).waitFor();
    assert.deepEqual((await sizes()).slice(2), [640, 577]);
    await find('#prompt-input').fill('detect ring ; yellow heart');
    await find('#prompt-input').press('Enter');
    await find('.box').nth(1).waitFor();
    await workbench.screenshot('view-memory');
  });

  step(
    'several pictures of a file system that can be written: a text file beside each, and files that are there stay',
    async () => {
      await workbench.runCommand('Memory Files: Caption the Writable Pictures');
      await workbench.pickRow('Text File Beside Each Picture').first().waitFor();
      assert.equal(await workbench.pickRow('One JSONL File').count(), 0);
      await workbench.pickRow('Text File Beside Each Picture').first().click();
      await workbench.notification('2 of 2 text files were written').waitFor();
      await workbench.dismissNotifications();
      await workbench.runCommand('Memory Files: Open the Written Text');
      await workbench.editorTextBecomes(text => text === `${recordedAnswer('02.png', 'caption en')}\n`);
      await workbench.runCommand('Memory Files: Caption the Writable Pictures');
      await workbench.pickRow('Text File Beside Each Picture').first().click();
      await workbench.notification('2 already existed and were left as they are').waitFor();
      await workbench.dismissNotifications();
    },
  );

  step('several of a read-only one: the results view, and why', async () => {
    await workbench.runCommand('Memory Files: Caption the Read-Only Pictures');
    await workbench.notification('(“memory”) cannot be written').waitFor();
    const answers = workbench.webview().locator('.cell .answer', { hasText: recordedAnswer('02.png', 'caption en') });
    await answers.nth(1).waitFor();
    await workbench.webview().locator('.shot img').nth(1).waitFor();
  });
});
