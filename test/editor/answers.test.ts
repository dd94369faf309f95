// What the image view shows of what is known: from the lens of a prompt, after a batch, one picture after the other; and
// how it is set and read, by pointer and by keys.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Locator } from 'playwright-core';
import { accessFaults } from '../support/vscodeHost/axe';
import { stepsIn } from '../support/vscodeHost/steps';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const firstAnswerMs = 90_000;
const longPrompt =
  'detect red star ; blue circle ; green square ; purple heart ; yellow triangle ; orange ring ; white cross ; cup';

describe('known answers in the image view', () => {
  const workspace = testWorkspace(['01.png', '02.png', '03.png'], 0);
  let workbench: Workbench;

  before(async () => {
    writeFileSync(
      path.join(workspace.path, 'prompts.paligemma'),
      '@model demo\n@image 0*.png\n\ndetect ring ; yellow heart\n\ncaption en\n\nocr\n',
    );
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: { ...suiteSettings, 'editor.codeLens': true },
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
  const title = (name: string) => find('h1').filter({ hasText: name }).waitFor({ state: 'attached' });
  const lens = (text: string | RegExp, index = 0) =>
    workbench.page.locator('.codelens-decoration a', { hasText: text }).nth(index);
  const shownPrompt = () => find('#prompt-input').inputValue();
  /** The lens leads to the pictures of the prompt, from which the first is opened. */
  async function openFirst(text: string, index = 0): Promise<void> {
    await lens(text, index).click();
    await find('.cell').first().click();
    await press('Enter');
    await title('01.png');
  }

  step('the lens of a prompt that was not run opens its picture with the prompt, to be run', async () => {
    await workbench.openFile('prompts.paligemma');
    await lens('3 images').waitFor({ timeout: 60_000 });
    await openFirst('3 images');
    await find('#status').filter({ hasText: 'This prompt has no answer for this picture yet' }).waitFor();
    assert.equal(await shownPrompt(), 'detect ring ; yellow heart');
  });

  step('a page that was told nothing yet shows no button, which would have no text', async () => {
    const page = await workbench.page.context().newPage();
    await page.evaluate(() => {
      const editor = { postMessage: () => undefined, setState: () => undefined, getState: () => undefined };
      Object.assign(window, { acquireVsCodeApi: () => editor });
    });
    await page.addStyleTag({ path: path.resolve('dist/media/viewer.css') });
    await page.addScriptTag({ path: path.resolve('dist/media/viewer.js') });
    await page.locator('main #run').waitFor({ state: 'attached' });
    assert.equal(await page.locator('button:visible, input:visible, textarea:visible').count(), 0);
    await page.close();
  });

  step('the lens of a prompt shows that prompt’s answer, whatever the view held before', async () => {
    await workbench.openFile('prompts.paligemma');
    for (const prompt of [0, 1]) {
      await lens(/^Run$/, prompt).click();
      await lens('3 images · 3 results', prompt).waitFor({ timeout: firstAnswerMs });
    }
    await openFirst('3 images · 3 results');
    await find('#prompt').filter({ hasText: 'detect ring ; yellow heart' }).waitFor();
    await workbench.openFile('prompts.paligemma');
    await openFirst('3 images · 3 results', 1);
    await find('#prompt').filter({ hasText: 'caption en' }).waitFor();
    await find('#caption').filter({ hasText: 'red star' }).waitFor();
    assert.equal(await find('#status').innerText(), 'Known from an earlier run');
  });

  step('the earlier answers are in a list, and each is shown by a click or by keys', async () => {
    const answers = find('#known-answers li');
    await answers.nth(1).waitFor();
    assert.deepEqual(await answers.locator('.asked').allInnerTexts(), ['caption en', 'detect ring ; yellow heart']);
    assert.deepEqual(await answers.evaluateAll(items => items.map(item => item.getAttribute('aria-selected'))), [
      'true',
      'false',
    ]);
    await workbench.screenshot('answers-list');
    await answers.nth(1).click();
    await find('#prompt').filter({ hasText: 'detect ring ; yellow heart' }).waitFor();
    await answers.nth(1).focus();
    await press('ArrowUp');
    await press('Enter');
    await find('#prompt').filter({ hasText: 'caption en' }).waitFor();
  });

  step('next and previous go through the pictures of the prompt, each with its answer', async () => {
    assert.equal(await find('#picture-place').innerText(), '1 of 3');
    assert.ok(await find('#previous-picture').isDisabled());
    await find('#next-picture').click();
    await title('02.png');
    await find('#prompt').filter({ hasText: 'caption en' }).waitFor();
    await find('.stage:focus').waitFor();
    await press('PageDown');
    await title('03.png');
    await find('#caption').waitFor();
    assert.equal(await find('#picture-place').innerText(), '3 of 3');
    await find('.stage:focus').waitFor();
    await press('PageDown');
    await press(',');
    await title('02.png');
    await workbench.screenshot('answers-next');
  });

  step('the prompt field shows a long prompt whole, and Enter runs it', async () => {
    const field = find('#prompt-input');
    const isWhole = () => field.evaluate(node => node.scrollHeight <= node.clientHeight);
    assert.ok(await isWhole());
    const oneLine = (await field.boundingBox())?.height ?? 0;
    await field.fill(longPrompt);
    await field.press('Escape');
    assert.ok(await isWhole(), 'nothing of it has to be scrolled to');
    assert.ok(((await field.boundingBox())?.height ?? 0) > oneLine * 1.5, 'it took more lines');
    // In several lines the arrows move the cursor first.
    await field.press('ArrowUp');
    assert.equal(await field.inputValue(), longPrompt);
    await field.fill('caption\nen');
    assert.equal(await field.inputValue(), 'caption en', 'a prompt is one line');
    await field.press('Escape');
    await press('Enter');
    await find('#copy-text:enabled').waitFor({ timeout: firstAnswerMs });
  });

  step('the edge of the panel is dragged, and moved by keys, and the next picture has it there too', async () => {
    const panel = async () => (await find('#panel').boundingBox())?.width ?? 0;
    const edge = find('#separator');
    const [before_, place] = [await panel(), await edge.boundingBox()];
    assert.ok(place !== null);
    await workbench.page.mouse.move(place.x + 2, place.y + 100);
    await workbench.page.mouse.down();
    await workbench.page.mouse.move(place.x - 98, place.y + 100, { steps: 4 });
    await workbench.page.mouse.up();
    const dragged = await panel();
    assert.ok(Math.abs(dragged - before_ - 100) < 4, `${before_} became ${dragged}`);
    assert.equal(Number(await edge.getAttribute('aria-valuenow')), Math.round(dragged));
    await edge.focus();
    await press('ArrowRight');
    await press('ArrowRight');
    assert.ok(Math.abs(await panel() - dragged + 32) < 2);
    const [least, now, most] = await edge.evaluate(node =>
      ['min', 'now', 'max'].map(name => Number(node.getAttribute(`aria-value${name}`)))
    );
    assert.ok(least! <= now! && now! <= most!, `${least} ≤ ${now} ≤ ${most}`);
    const set = await panel();
    await find('main[data-kept="true"]').waitFor();
    await find('#next-picture').click();
    await title('03.png');
    await find('main').waitFor();
    assert.ok(Math.abs(await panel() - set) < 2, 'the next picture has the same panel');
    await edge.focus();
    await press('Enter');
    assert.ok(Math.abs(await panel() - before_) < 2, 'Enter sets it back');
  });

  step('? lists every key of the page', async () => {
    await find('.stage').focus();
    await press('?');
    const list = find('#keys');
    await list.waitFor();
    const text = await list.innerText();
    for (const key of ['N', 'Esc', 'Page Down', '+', '0', 'L', '/', '?']) assert.ok(text.includes(key), key);
    assert.deepEqual(await accessFaults(workbench.webview()), []);
    await workbench.screenshot('answers-keys');
    await press('Escape');
    await list.waitFor({ state: 'hidden' });
    await find('#show-keys').click();
    await find('#close-keys').click();
    await list.waitFor({ state: 'hidden' });
  });

  step('a region has a menu of its own, by pointer and by keys', async () => {
    await workbench.openFile('prompts.paligemma');
    await openFirst('3 images · 3 results');
    await find('#next-picture').click();
    await title('02.png');
    await find('#regions li').nth(1).waitFor();
    const item = (label: string) => workbench.page.locator('.monaco-menu .action-item', { hasText: label }).first();
    const edge = await find('.box[data-index="1"] .edge').boundingBox();
    assert.ok(edge !== null);
    await workbench.page.mouse.click(edge.x + edge.width / 2, edge.y + edge.height / 2, { button: 'right' });
    await item('Copy Label').waitFor();
    assert.deepEqual(
      (await workbench.page.locator('.monaco-menu .action-item .action-label').evaluateAll(nodes =>
        nodes.map(node => node.getAttribute('aria-label') ?? node.textContent ?? '')
      )).filter(label => label !== ''),
      [
        'Zoom to Region',
        'Copy Crop',
        'Copy Label',
        'Read This Region (OCR)',
        'Hide Region',
        'Show Only This Label',
        'Show All Regions',
        'Export…',
      ],
    );
    await workbench.screenshot('answers-region-menu');
    await workbench.chooseMenuItem(item('Copy Label'));
    await workbench.clipboardBecomes(text => text === 'yellow heart');
    await workbench.openMenuByKeys(find('#regions li').nth(0), item('Hide Region'));
    await workbench.chooseMenuItem(item('Hide Region'));
    await find('.box[data-index="0"]').waitFor({ state: 'hidden' });
    await find('#regions li').nth(0).click({ button: 'right' });
    await workbench.chooseMenuItem(item('Show All Regions'));
    await find('.box[data-index="0"]').waitFor();
  });

  step('an answer of a batch is known in the view', async () => {
    await workbench.chooseFromContextMenu('03.png', 'Describe Picture', ['02.png', '03.png']);
    await workbench.pickRow('One JSONL File').click();
    await workbench.pickRow('.jsonl').first().click();
    await workbench.notification(/2 of 2 pictures are done/).waitFor({ timeout: firstAnswerMs });
    await workbench.dismissNotifications();
    await workbench.runCommand('View: Close All Editors');
    await workbench.openWithImageView('03.png');
    await find('#prompt').filter({ hasText: 'describe en' }).waitFor();
    assert.equal(await find('#picture-place').innerText(), '3 of 4', 'of its folder');
    await find('#previous-picture').click();
    await title('02.png');
    await find('#prompt').filter({ hasText: 'describe en' }).waitFor();
  });

  step('in every theme and in a small window all of it is reached, and axe finds nothing', async () => {
    await find('#known-answers li').filter({ hasText: 'detect ring' }).click();
    await find('.box').nth(1).waitFor();
    for (
      const [name, theme] of [['dark', 'Dark Modern'], ['high-contrast', 'Dark High Contrast'], [
        'high-contrast-light',
        'Light High Contrast',
      ]] as const
    ) {
      await workbench.chooseTheme(theme);
      await find('#separator').focus();
      assert.deepEqual(await accessFaults(workbench.webview()), [], theme);
      await workbench.screenshot(`answers-${name}`);
    }
    await workbench.page.setViewportSize({ width: 900, height: 600 });
    const outside = await workbench.atFrames(
      () =>
        find('button:visible, textarea:visible, input:visible').evaluateAll(nodes =>
          nodes.filter(node => node.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(
            node => node.id,
          )
        ),
      ids => ids.length === 0,
      20_000,
    );
    assert.deepEqual(outside, []);
    await workbench.screenshot('answers-900');
    await workbench.runCommand('View: Close Primary Side Bar');
    await find('#separator').waitFor();
    await workbench.screenshot('answers-900-wide');
    await workbench.page.setViewportSize({ width: 1280, height: 800 });
  });
});
