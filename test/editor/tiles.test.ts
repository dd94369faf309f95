// Parts of a large picture in the image view: the offer, the grid, and a region that is drawn.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { drawn, words } from '../support/mosaics';
import { accessFaults } from '../support/vscodeHost/axe';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const firstAnswerMs = 60_000;
const wordOf = (text: string) => words.find(({ word }) => word === text)!;

describe('a large picture in the image view', () => {
  const workspace = testWorkspace(['01.png']);
  let workbench: Workbench;

  before(async () => {
    const { bytes } = await drawn([
      { thing: wordOf('SUN'), x: 180, y: 150, longPx: 200 },
      { thing: wordOf('RED'), x: 750, y: 700, longPx: 200 },
    ], { widthPx: 900, heightPx: 900 });
    writeFileSync(path.join(workspace.path, 'large.png'), bytes);
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: suiteSettings,
      env: suiteEnvironment(workspace.cache),
    });
    await workbench.openWithImageView('large.png');
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const find = (selector: string): Locator => workbench.webview().locator(selector);
  const answer = (text: RegExp) => find('#caption').filter({ hasText: text }).waitFor({ timeout: firstAnswerMs });
  test('says that its text may be too small, and one click reads it in parts, whose grid shows', async () => {
    await find('#prompt-input').fill('ocr');
    await find('#prompt-input').press('Enter');
    await find('#banner.smallText').waitFor({ timeout: firstAnswerMs });
    await workbench.screenshot('tiles-banner');
    assert.equal(await find('#tiles').isHidden(), true);
    assert.equal(await find('#banner-action').innerText(), 'Read in 9 Parts');
    await find('#banner-action').click();
    await answer(/^\s*SUN\s+RED\s*$/);
    await find('#banner').waitFor({ state: 'hidden' });
    assert.equal(await find('.tiles .over').count(), 9);
    assert.deepEqual(await accessFaults(workbench.webview()), []);
    await workbench.screenshot('tiles-grid');
    assert.equal(await find('#tiles').getAttribute('aria-pressed'), 'true');
    await find('#tiles').click();
    await find('.tiles.off').waitFor({ state: 'attached' });
    await find('#tiles').click();
    await find('.tiles:not(.off)').waitFor({ state: 'attached' });
  });

  test('reads the region that is drawn around, and nothing else', async () => {
    await find('#read-region').click();
    await find('.stage.drawing').waitFor();
    const picture = await find('.stage img').boundingBox();
    assert.ok(picture !== null);
    const at = (x: number, y: number) =>
      [picture.x + x / 900 * picture.width, picture.y + y / 900 * picture.height] as const;
    const { mouse } = workbench.page;
    await mouse.move(...at(600, 560));
    await mouse.down();
    await mouse.move(...at(750, 700));
    await mouse.move(...at(895, 850));
    await find('.frame .over').waitFor({ state: 'attached' });
    await workbench.screenshot('tiles-drawing');
    await mouse.up();
    await answer(/^\s*RED\s*$/);
    assert.equal(await find('.frame .over').count(), 0);
    assert.equal(await find('.tiles .over').count(), 1, 'the region is the only part');
    assert.equal(await find('#read-region').getAttribute('aria-pressed'), 'false');
    await workbench.screenshot('tiles-region');
  });

  test('Escape gives up drawing, and Enter reads the part in sight', async () => {
    await find('.stage').press('r');
    await find('.stage.drawing').waitFor();
    await find('.stage').press('Escape');
    await find('.stage:not(.drawing)').waitFor();
    await find('.stage').press('r');
    await find('.stage.drawing').press('Enter');
    await find('.stage:not(.drawing)').waitFor();
    const whole = find('.tiles .over[width="900"]');
    await whole.waitFor({ state: 'attached', timeout: firstAnswerMs });
  });

  test('reads a region that was found, from its menu', async () => {
    await workbench.openWithImageView('01.png');
    await find('#prompt-input').fill('detect star');
    await find('#prompt-input').press('Enter');
    await find('#regions li').first().waitFor({ timeout: firstAnswerMs });
    const edge = await find('.box[data-index="0"] .edge').boundingBox();
    assert.ok(edge !== null);
    const { page } = workbench;
    await page.mouse.click(edge.x + edge.width / 2, edge.y + edge.height / 2, { button: 'right' });
    const item = page.locator('.monaco-menu .action-item', { hasText: 'Read This Region (OCR)' }).first();
    await item.waitFor();
    await workbench.chooseMenuItem(item);
    await workbench.screenshot('tiles-menu');
    await find('.tiles .over').waitFor({ state: 'attached', timeout: firstAnswerMs });
    assert.equal(await find('.tiles .over').count(), 1);
    assert.equal(await find('#prompt').innerText(), 'ocr');
  });
});
