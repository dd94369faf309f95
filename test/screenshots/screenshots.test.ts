// Takes the README's pictures in the real editor, in three themes each; those that the README shows go to
// media/screenshots, all to out/screenshots.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import sharp from 'sharp';
import { temporaryFolder } from '../support/commandLine';
import { samplesFolder } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';

const firstAnswerMs = 90_000;
const mostBytes = 150_000;
const themes = [['light', 'Light Modern'], ['dark', 'Dark Modern'], ['high-contrast', 'Dark High Contrast']] as const;
/** What the README shows. */
const kept = new Set([
  'image-view-dark',
  'image-view-light',
  'image-view-high-contrast',
  'hover-light',
  'prompt-file-dark',
  'walkthrough-dark',
]);

describe('screenshots', () => {
  const folder = temporaryFolder();
  const workspace = folder.at('samples');
  let workbench: Workbench;

  before(async () => {
    cpSync(path.resolve('media/samples-workspace'), workspace, { recursive: true });
    mkdirSync(path.join(workspace, 'pictures'));
    cpSync(samplesFolder, path.join(workspace, 'pictures'), {
      recursive: true,
      filter: file => !file.endsWith('.json'),
    });
    workbench = await Workbench.open({
      folder: workspace,
      installed: process.cwd(),
      env: suiteEnvironment(folder.at('cache')),
      settings: {
        ...suiteSettings,
        'editor.codeLens': true,
        'editor.minimap.enabled': false,
        'breadcrumbs.enabled': false,
        'editor.fontSize': 14,
      },
    });
    await workbench.page.setViewportSize({ width: 1200, height: 700 });
  });
  after(async () => {
    await workbench.close();
    folder.remove();
  });

  const step = stepsIn(() => workbench);

  async function inEveryTheme(name: string, prepare: () => Promise<void>): Promise<void> {
    for (const [suffix, theme] of themes) {
      await workbench.chooseTheme(theme);
      await prepare();
      const taken = await workbench.screenshot(`${name}-${suffix}`);
      if (kept.has(`${name}-${suffix}`)) await keep(taken);
    }
  }

  step('the image view', async () => {
    await workbench.expand('pictures', '02.png');
    await workbench.chooseFromContextMenu('02.png', 'Segment Objects');
    await workbench.answerInput('yellow heart');
    const view = workbench.webview();
    await view.locator('path.mask').first().waitFor({ state: 'attached', timeout: firstAnswerMs });
    await view.locator('#prompt-input').fill('detect ring ; yellow heart');
    await view.locator('#prompt-input').press('Enter');
    await view.locator('.box').nth(1).waitFor({ timeout: firstAnswerMs });
    await view.locator('#copy-text:enabled').waitFor();
    await inEveryTheme(
      'image-view',
      () => view.locator('.stage img').evaluate((image: HTMLImageElement) => image.decode()),
    );
  });

  step('the hover', async () => {
    await workbench.openFile('page.md');
    await inEveryTheme('hover', async () => {
      const hover = await workbench.hover('pictures/02.png', 'Detect…');
      await hover.locator('img').first().evaluate((image: HTMLImageElement) => image.decode());
    });
    await workbench.page.keyboard.press('Escape');
  });

  step('the prompt file', async () => {
    await workbench.openFile('demo.paligemma');
    await workbench.page.locator('.codelens-decoration a', { hasText: 'Run All' }).first().click();
    await workbench.page.locator('.view-line', { hasText: 'caption en' }).filter({ hasText: '→' }).waitFor({
      timeout: firstAnswerMs,
    });
    await workbench.page.locator('.view-line', { hasText: 'segment ring' }).filter({ hasText: '→' }).waitFor({
      timeout: firstAnswerMs,
    });
    await workbench.page.locator('.codelens-decoration', { hasText: '12 results' }).waitFor({ timeout: firstAnswerMs });
    await inEveryTheme(
      'prompt-file',
      () => workbench.page.locator('.codelens-decoration a', { hasText: /^Run$/ }).first().waitFor(),
    );
  });

  step('the walkthrough', async () => {
    await workbench.runCommand('PaliGemma 2: First Steps');
    await workbench.page.locator('.getting-started-step').first().waitFor();
    await inEveryTheme('walkthrough', () => workbench.page.locator('.getting-started-step').first().waitFor());
  });
});

/** With few colours a picture of an editor is small and looks the same. */
async function keep(taken: string): Promise<void> {
  const file = path.join(path.resolve('media/screenshots'), path.basename(taken));
  await sharp(taken).png({ palette: true, quality: 90, effort: 10, compressionLevel: 9 }).toFile(file);
  assert.ok(statSync(file).size < mostBytes, `${file} has ${statSync(file).size} bytes`);
}
