// A workspace of two folders, and a picture outside of both.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { after, before, describe } from 'node:test';
import { temporaryFolder } from '../support/commandLine';
import { recordedAnswer, samplePath } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';

const firstAnswerMs = 90_000;

describe('a workspace of several folders', () => {
  const folder = temporaryFolder();
  let workbench: Workbench;

  before(async () => {
    for (const name of ['texts', 'photos', 'elsewhere']) mkdirSync(folder.at(name));
    copyFileSync(samplePath('01.png'), folder.at('photos', '01.png'));
    copyFileSync(samplePath('02.png'), folder.at('elsewhere', '02.png'));
    writeFileSync(folder.at('texts', 'page.md'), '![](../photos/01.png)\n\n![](../elsewhere/02.png)\n');
    writeFileSync(
      folder.at('both.code-workspace'),
      JSON.stringify({ folders: [{ path: 'texts' }, { path: 'photos' }] }),
    );
    workbench = await Workbench.open({
      folder: folder.at('both.code-workspace'),
      installed: process.cwd(),
      settings: suiteSettings,
      env: suiteEnvironment(folder.at('cache')),
    });
  });
  after(async () => {
    await workbench.close();
    folder.remove();
  });

  const step = stepsIn(() => workbench);

  step('a picture of the second folder is captioned from its menu', async () => {
    await workbench.expand('photos', '01.png');
    await workbench.chooseFromContextMenu('01.png', 'Caption with PaliGemma 2');
    await workbench.webview().locator('#caption', { hasText: recordedAnswer('01.png', 'caption en') }).waitFor({
      timeout: firstAnswerMs,
    });
  });

  step('a page of the first folder shows it in a hover', async () => {
    await workbench.expand('texts', 'page.md');
    await workbench.openFile('page.md');
    await workbench.hover('../photos/01.png', recordedAnswer('01.png', 'caption en'));
  });

  step('a picture outside of the workspace gets alt text, and opens in the image view from its hover', async () => {
    await workbench.chooseCodeAction('../elsewhere/02.png', 'Write alt text (caption)');
    await workbench.editorTextBecomes(text =>
      text.includes(`![${recordedAnswer('02.png', 'caption en')}](../elsewhere/02.png)`)
    );
    const hover = await workbench.hover('../elsewhere/02.png', '640 × 577 px');
    await hover.getByRole('link', { name: 'Describe' }).click();
    await workbench.webview().locator('#caption', { hasText: recordedAnswer('02.png', 'describe en').slice(0, 40) })
      .waitFor();
    await workbench.webview().locator('.stage img:not(.broken)').waitFor();
  });
});
