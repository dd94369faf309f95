// The image view and the clipboard page for people who use keys only, a screen reader, large letters or forced colours,
// and for every script.
import { viewOf } from '../support/results';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Locator } from 'playwright-core';
import type { ToViewer, ViewState } from '../../client/src/contract/viewer';
import type { RunResult } from '../../paligemma/src/runResult';
import { promptTasks } from '../../client/src/viewer/promptWords';
import { failedView, idleView, runningView } from '../../client/src/viewer/viewState';
import { viewWords } from '../../client/src/viewer/viewWords';
import { assertReadsAs } from '../support/readAloud';
import { accessFaults } from '../support/vscodeHost/axe';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const firstAnswerMs = 60_000;
/** More than any page here has. */
const mostTabStops = 40;
const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
const box = { x1: 60, y1: 60, x2: 300, y2: 200 };
const scripts = ['قطة سوداء', 'חתול שחור', '黒い猫 · 黑猫', '👩‍👩‍👧 family', 'cat قطة 2'];

describe('access', () => {
  const workspace = testWorkspace(['01.png', '02.png']);
  let workbench: Workbench;

  before(async () => {
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

  /** Presses Tab until an element of the page has the focus. */
  async function tabTo(selector: string, key = 'Tab'): Promise<void> {
    const isThere = () =>
      find('body').evaluate((_, wanted) => document.activeElement?.matches(wanted) === true, selector);
    for (let stop = 0; stop < mostTabStops; stop++) {
      if (await isThere()) return;
      await press(key);
    }
    throw new Error(`Tab does not reach ${selector}`);
  }

  /** Lets the page show what no model of a test would say. */
  async function injectResult(part: Partial<RunResult>): Promise<void> {
    await inject(
      viewOf(
        { image: { path: '/x.png', widthPx: 640, heightPx: 480, sha256: '' }, text: '', ...part },
        'file:///x.png',
      ),
    );
  }

  async function inject(view: ViewState): Promise<void> {
    const message: Omit<Extract<ToViewer, { type: 'show' }>, 'imageSrc'> = {
      type: 'show',
      view,
      words: viewWords(view, t),
      help: { history: [], tasks: promptTasks(t), languages: [], labels: scripts },
    };
    await find('body').evaluate(
      (_, shown) =>
        window.postMessage(
          { ...shown, imageSrc: document.querySelector('.stage img')?.getAttribute('src') ?? '' },
          '*',
        ),
      message,
    );
  }

  step('a picture is opened, and a prompt run on it, with keys alone', async () => {
    await workbench.openWithImageView('02.png');
    await press('Control+Shift+E');
    await press('Control+1');
    await tabTo('#prompt-input');
    await workbench.page.keyboard.type('detect ring ; yellow heart');
    await press('Escape');
    await press('Enter');
    await find('#copy-text:enabled').waitFor({ timeout: firstAnswerMs });
    assert.equal(await find('#regions li').count(), 2);
  });

  step('the answer is announced once, and nothing of a run in between', async () => {
    assert.match(await find('#announcement').innerText(), /^Answered in [\d.]+ s.*\. 2 regions$/);
    const live = await find('[aria-live], [role="status"], [role="alert"]').evaluateAll(nodes =>
      nodes.map(node => node.id)
    );
    assert.deepEqual(live.sort(), ['announcement', 'banner', 'notice', 'shown-count']);
    assert.equal(await find('#announcement').getAttribute('role'), 'status');
    assert.equal(await find('#announcement').evaluate(node => node.getBoundingClientRect().width), 1, 'not seen');
  });

  step('a screen reader reads the whole view: picture, prompt, answer, regions, facts, keys', async () => {
    await assertReadsAs('image-view', find('body'));
    await press('?');
    await find('dialog[open]').waitFor();
    await assertReadsAs('image-view-keys', find('dialog[open]'));
    await press('Escape');
  });

  step('zoom, moving, labels and steps through the regions need no pointer', async () => {
    await tabTo('.stage', 'Shift+Tab');
    const scale = async () => parseFloat(await find('#zoom').innerText());
    const fitted = await scale();
    for (const key of ['+', '+', '+', '+', '+', '+']) await press(key);
    await find('#zoom').filter({ hasNotText: `${fitted} %` }).waitFor();
    assert.ok(await scale() > fitted * 2);
    const place = () => find('.stage img').evaluate(image => image.style.transform);
    const before_ = await place();
    await press('ArrowLeft');
    await press('ArrowUp');
    await find('.stage').evaluate(async () => {
      await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    });
    assert.notEqual(await place(), before_);
    await press('n');
    assert.equal(await find('#regions li').nth(0).getAttribute('aria-selected'), 'true');
    await press('l');
    assert.equal(await find('#labels').getAttribute('aria-pressed'), 'false');
    await press('l');
    await press('0');
    await find('#zoom').filter({ hasText: `${fitted} %` }).waitFor();
  });

  step('regions are chosen, switched and filtered, and the answer copied and exported, without a pointer', async () => {
    await tabTo('#filter');
    await workbench.page.keyboard.type('heart');
    await find('#regions li[data-index="0"]').waitFor({ state: 'hidden' });
    await press('Control+A');
    await press('Delete');
    await find('#regions li[data-index="0"]').waitFor();
    await tabTo('#regions li');
    await press('End');
    assert.equal(await find('#regions li').nth(1).getAttribute('aria-selected'), 'true');
    await press('Space');
    assert.equal(await find('#regions li').nth(1).getAttribute('aria-checked'), 'false');
    await press('Space');
    await press('Enter');
    await tabTo('#copy-json');
    await press('Enter');
    assert.match(await workbench.clipboardBecomes(text => text.includes('yellow heart')), /yellow heart/);
    await tabTo('#copy-crop');
    await press('Enter');
    await find('#notice').filter({ hasText: 'Copied' }).waitFor();
    await tabTo('#export');
    await press('Enter');
    await workbench.quickInput().waitFor();
    await workbench.page.keyboard.type('COCO');
    await workbench.pickRow('COCO').first().waitFor();
    await press('Enter');
    await workbench.saveAs('02.coco.json');
    await workbench.notification('02.coco.json was saved').waitFor();
    assert.ok(existsSync(path.join(workspace.path, '02.coco.json')));
    await workbench.dismissNotifications();
  });

  step('axe finds nothing wrong with the image view, in four themes and in every state', async () => {
    for (const theme of ['Light Modern', 'Dark High Contrast', 'Light High Contrast', 'Dark Modern']) {
      await workbench.chooseTheme(theme);
      await find('#regions li').first().waitFor();
      assert.deepEqual(await accessFaults(workbench.webview()), [], theme);
    }
    await find('#prompt-input').fill('det');
    await find('#suggestions li').first().waitFor();
    await press('ArrowDown');
    assert.deepEqual(await accessFaults(workbench.webview()), [], 'with suggestions');
    await press('Escape');
    for (
      const view of [
        failedView(idleView('file:///x.png', 'x.png'), 'The picture is damaged.'),
        runningView('file:///x.png', 'x.png', '', undefined),
        idleView('file:///x.png', 'x.png'),
        viewOf({ prompt: 'caption en', text: 'a ring', suffix: 'a ring' }, 'file:///x.png'),
      ]
    ) {
      await inject(view);
      if (view.status === 'failed') await find('#announcement').filter({ hasText: 'damaged' }).waitFor();
      assert.deepEqual(await accessFaults(workbench.webview()), [], JSON.stringify(view));
    }
  });

  step('text of every script keeps its own direction', async () => {
    await injectResult({
      prompt: 'detect many',
      suffix: 'x',
      text: 'قطة سوداء تنام على كرسي (2)',
      regions: scripts.map((label, i) => ({ label, box: { ...box, x1: 20 + 110 * i, x2: 120 + 110 * i } })),
    });
    await find('.label').nth(4).waitFor({ state: 'attached' });
    const directions = (selector: string) =>
      find(selector).evaluateAll(nodes =>
        nodes.map(node => `${getComputedStyle(node).direction} ${getComputedStyle(node).unicodeBidi}`)
      );
    assert.deepEqual(await directions('.label'), [
      'rtl isolate',
      'rtl isolate',
      'ltr isolate',
      'ltr isolate',
      'ltr isolate',
    ]);
    assert.deepEqual(await directions('#regions .name'), [
      'rtl isolate',
      'rtl isolate',
      'ltr isolate',
      'ltr isolate',
      'ltr isolate',
    ]);
    assert.match((await directions('#caption')).join(), /^rtl/);
    assert.equal(await find('.label').nth(0).textContent(), '1. قطة سوداء');
    await workbench.screenshot('access-scripts');
    assert.deepEqual(await accessFaults(workbench.webview()), []);
  });

  step('at 200 % everything is reached without scrolling sideways', async () => {
    await workbench.page.setViewportSize({ width: 640, height: 400 });
    await workbench.typeCommand('View: Close Primary Side Bar');
    await find('main').waitFor();
    const width = await find('html').evaluate(page => [page.scrollWidth, page.clientWidth]);
    assert.ok((width[0] ?? 0) <= (width[1] ?? 0), width.join(' > '));
    const outside = await find('button:visible, input:visible, textarea:visible').evaluateAll(nodes =>
      nodes.filter(node => node.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(node =>
        node.id
      )
    );
    assert.deepEqual(outside, []);
    await find('#export').scrollIntoViewIfNeeded();
    await workbench.screenshot('access-200');
    await workbench.page.setViewportSize({ width: 1280, height: 800 });
  });

  step(
    'nothing moves where motion is reduced, and forced colours keep what tells regions and choices apart',
    async () => {
      await inject(runningView('file:///x.png', 'x.png', 'caption en', undefined));
      await find('.working').waitFor();
      const animation = () => find('.working').evaluate(node => getComputedStyle(node, '::before').animationName);
      assert.equal(await find('body.vscode-reduce-motion').count(), 1, 'the setting of the editor reaches the page');
      assert.equal(await animation(), 'none');
      await find('body').evaluate(body => body.classList.remove('vscode-reduce-motion'));
      assert.equal(await animation(), 'travel');
      await workbench.page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
      assert.equal(await animation(), 'none');
      await injectResult({ prompt: 'detect', suffix: 'y', regions: scripts.map(label => ({ label, box })) });
      await find('#regions li').nth(1).click();
      const colours = await find('.swatch').evaluateAll(nodes =>
        nodes.map(node => getComputedStyle(node).borderTopColor)
      );
      assert.ok(new Set(colours).size >= 4, colours.join(' '));
      assert.equal(
        await find('#regions li[aria-selected="true"]').evaluate(item => getComputedStyle(item).outlineStyle),
        'solid',
      );
      await workbench.screenshot('access-forced-colours');
      await workbench.page.emulateMedia({ reducedMotion: null, forcedColors: null });
    },
  );

  step('the clipboard page says what it wants, with keys alone', async () => {
    await workbench.page.context().clearPermissions();
    await workbench.openList('PaliGemma 2: OCR Screenshot into Editor', 'Clipboard', { withKeys: true });
    await press('Enter');
    await find('#instruction').waitFor();
    assert.deepEqual(await accessFaults(workbench.webview()), []);
    assert.equal(
      await find('body').evaluate(() => document.activeElement?.getAttribute('aria-describedby')),
      'instruction',
    );
    await assertReadsAs('clipboard', find('body'));
    await workbench.screenshot('access-clipboard');
  });

  step('what the buttons of lists do, the palette does too', () => {
    const { contributes } = JSON.parse(readFileSync(path.resolve('package.json'), 'utf8')) as {
      readonly contributes: {
        readonly menus: { readonly commandPalette: readonly { readonly command: string; readonly when: string }[] };
      };
    };
    const hidden = contributes.menus.commandPalette.filter(({ when }) => when === 'false').map(({ command: id }) => id);
    for (const id of ['paligemma.showModelCard', 'paligemma.removeModel']) assert.ok(!hidden.includes(id), id);
    return Promise.resolve();
  });
});
