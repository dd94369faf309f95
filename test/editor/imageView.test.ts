// The PaliGemma Image View as a person uses it: pointer, keys, prompt field, export, and files that change under it.
import { viewOf } from '../support/results';
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import sharp from 'sharp';
import type { ToViewer, ViewState } from '../../client/src/contract/viewer';
import type { RunResult } from '../../paligemma/src/runResult';
import { promptTasks } from '../../client/src/viewer/promptWords';
import { viewWords } from '../../client/src/viewer/viewWords';
import type { Region } from '../../paligemma/src/facts';
import { samplePath } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const firstAnswerMs = 60_000;
/** A frame is never drawn more often. */
const screenFrameMs = 1000 / 60;
const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));

describe('the image view', () => {
  const workspace = testWorkspace(['01.png', '02.png', '03.png', '04.png']);
  const inWorkspace = (name: string) => path.join(workspace.path, name);
  const violations: string[] = [];
  let workbench: Workbench;

  before(async () => {
    await sharp({ create: { width: 20_000, height: 1_500, channels: 3, background: '#2a6' } }).png({
      compressionLevel: 1,
    }).toFile(inWorkspace('wide.png'));
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: suiteSettings,
      env: suiteEnvironment(workspace.cache),
    });
    workbench.page.on('console', message => {
      if (/Content Security Policy|Refused to/.test(message.text())) violations.push(message.text());
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const find = (selector: string): Locator => workbench.webview().locator(selector);
  const regions = () => find('#regions li');
  const zoom = async () => parseFloat(await find('#zoom').innerText());

  async function answered(prompt: string, timeout = 20_000): Promise<void> {
    await find('#prompt').filter({ hasText: prompt }).waitFor({ timeout });
    await find('#copy-text:enabled').waitFor({ timeout });
  }

  async function ask(prompt: string, timeout?: number): Promise<void> {
    await find('#prompt-input').fill(prompt);
    await find('#prompt-input').press('Enter');
    await answered(prompt, timeout);
  }

  const openWithView = (name: string): Promise<void> => workbench.openWithImageView(name);

  /** Lets the page show what no model of a test would say. */
  async function injectResult(part: Partial<RunResult>): Promise<void> {
    await inject(
      viewOf(
        { image: { path: '/x.png', widthPx: 20_000, heightPx: 1_500, sha256: '' }, text: '', ...part },
        'file:///x.png',
      ),
    );
  }

  async function inject(view: ViewState): Promise<void> {
    const message: Omit<Extract<ToViewer, { type: 'show' }>, 'imageSrc'> = {
      type: 'show',
      view,
      words: viewWords(view, t),
      help: { history: [], tasks: promptTasks(t), languages: [], labels: [] },
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

  function step(name: string, body: () => Promise<void>): void {
    test(name, async () => {
      try {
        await body();
      } catch (error) {
        await workbench.screenshot(`FAILED view ${name.replaceAll(/[^\w]+/g, ' ')}`);
        throw error;
      }
    });
  }

  step('“Open With…” offers it, and it opens without a run', async () => {
    await openWithView('02.png');
    await find('#status').filter({ hasText: 'Nothing has been asked' }).waitFor();
    assert.equal(await find('#copy-text').isVisible(), false);
    assert.equal(await find('#raw').isVisible(), false);
  });

  step('the prompt field completes words with the keyboard and runs the prompt', async () => {
    const field = find('#prompt-input');
    await field.fill('det');
    await find('#suggestions li').first().waitFor();
    await field.press('ArrowDown');
    await field.press('Enter');
    assert.equal(await field.inputValue(), 'detect ');
    await field.pressSequentially('ring ; yellow heart');
    const toasts = await workbench.page.evaluateHandle(() => {
      const seen: string[] = [];
      new MutationObserver(() => {
        for (const { textContent } of document.querySelectorAll('.notification-toast')) seen.push(textContent ?? '');
      }).observe(document.body, { subtree: true, childList: true });
      return seen;
    });
    await field.press('Enter');
    await answered('detect ring ; yellow heart', firstAnswerMs);
    assert.deepEqual(await toasts.jsonValue(), [], 'the panel says what the run does: nothing lies over it');
    assert.equal(await find('.box').count(), 2);
    assert.equal(await find('#answer-heading').isVisible(), false, 'no heading without a text');
  });

  step('the raw answer can always be read', async () => {
    await find('#raw summary').click();
    assert.match(await find('#raw-text').innerText(), /^<loc\d{4}>.* yellow heart$/s);
    await find('#raw summary').click();
  });

  step('the history brings back earlier prompts, and labels that were seen are offered', async () => {
    const field = find('#prompt-input');
    await field.fill('segment y');
    await find('#suggestions li').filter({ hasText: 'yellow heart' }).waitFor();
    await field.press('Escape');
    await field.fill('');
    await field.press('Escape');
    await field.press('ArrowUp');
    assert.equal(await field.inputValue(), 'detect ring ; yellow heart');
    await field.press('Escape');
  });

  step('picture and list select together, by pointer and by keyboard', async () => {
    await regions().nth(1).locator('.name').click();
    assert.equal(await find('.box.selected').getAttribute('data-index'), '1');
    const box = await find('.box[data-index="0"] .edge').boundingBox();
    assert.ok(box !== null);
    await workbench.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    assert.equal(await regions().nth(0).getAttribute('aria-selected'), 'true');
    await find('.stage').focus();
    await workbench.page.keyboard.press('n');
    assert.equal(await regions().nth(1).getAttribute('aria-selected'), 'true');
    await workbench.page.keyboard.press('p');
    assert.equal(await regions().nth(0).getAttribute('aria-selected'), 'true');
    await workbench.page.keyboard.press('Escape');
    assert.equal(await find('.box.selected').count(), 0);
  });

  step('regions are switched off one by one, and filtered', async () => {
    await regions().nth(0).locator('.check').click();
    assert.equal(await regions().nth(0).getAttribute('aria-checked'), 'false');
    await find('.box[data-index="0"]').waitFor({ state: 'hidden' });
    assert.equal(await find('#shown-count').innerText(), '1 of 2 shown');
    await regions().nth(0).focus();
    await workbench.page.keyboard.press('Space');
    await find('.box[data-index="0"]').waitFor({ state: 'visible' });
    await find('#filter').fill('HEART');
    await find('.box[data-index="0"]').waitFor({ state: 'hidden' });
    assert.deepEqual(await regions().evaluateAll(items => items.map(item => item.hasAttribute('hidden'))), [
      true,
      false,
    ]);
    await find('#filter').fill('');
  });

  step('zoom follows the pointer, labels keep their size, 0 fits again', async () => {
    const fittedZoom = await zoom();
    const label = () => find('.label[data-index="1"]').boundingBox();
    const edge = () => find('.box[data-index="1"] .edge').boundingBox();
    const [labelBefore, edgeBefore] = [await label(), await edge()];
    assert.ok(labelBefore !== null && edgeBefore !== null);
    const corner = { x: edgeBefore.x + 3, y: edgeBefore.y + 3 };
    await workbench.page.mouse.move(corner.x, corner.y);
    await workbench.page.keyboard.down('Control');
    for (let i = 0; i < 4; i++) await workbench.page.mouse.wheel(0, -100);
    await workbench.page.keyboard.up('Control');
    await assert.doesNotReject(find('#zoom').filter({ hasNotText: `${fittedZoom} %` }).waitFor());
    const [labelAfter, edgeAfter] = [await label(), await edge()];
    assert.ok(labelAfter !== null && edgeAfter !== null);
    assert.ok(edgeAfter.width > edgeBefore.width * 2, `${edgeAfter.width} against ${edgeBefore.width}`);
    assert.ok(
      Math.abs(edgeAfter.x - edgeBefore.x) < 30 && Math.abs(edgeAfter.y - edgeBefore.y) < 30,
      'the corner stayed under the pointer',
    );
    assert.ok(Math.abs(labelAfter.height - labelBefore.height) < 2, 'the label did not grow');
    await workbench.page.mouse.down();
    await workbench.page.mouse.move(corner.x - 60, corner.y - 40, { steps: 4 });
    await workbench.page.mouse.up();
    const edgeMoved = await edge();
    assert.ok(
      edgeMoved !== null && Math.abs(edgeMoved.x - edgeAfter.x + 60) < 4
        && Math.abs(edgeMoved.y - edgeAfter.y + 40) < 4,
      'dragging moves the picture',
    );
    await find('.stage').focus();
    await workbench.page.keyboard.press('ArrowRight');
    await workbench.page.keyboard.press('0');
    await find('#zoom').filter({ hasText: `${fittedZoom} %` }).waitFor();
  });

  step('masks are drawn with their outline, and their fill can be set', async () => {
    await ask('segment yellow heart');
    await find('path.mask').first().waitFor({ state: 'attached' });
    assert.ok(await find('#masks').isVisible());
    await find('#masks').fill('80');
    assert.equal(await find('path.mask').evaluate(node => getComputedStyle(node).fillOpacity), '0.8');
  });

  step('Copy Crop puts the selected part of the picture on the clipboard', async () => {
    await regions().first().locator('.name').click();
    await find('#copy-crop').click();
    await find('#notice').filter({ hasText: 'Copied' }).waitFor();
    const size = await workbench.page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const bitmap = await createImageBitmap(await item!.getType('image/png'));
      return [bitmap.width, bitmap.height];
    });
    assert.ok(Math.abs(size[0]! - 151) <= 4 && Math.abs(size[1]! - 132) <= 4, size.join(' × '));
  });

  step('exports are saved where the person says, and what exists is not overwritten unasked', async () => {
    const exportAs = async (format: string, file: string) => {
      await find('#export').click();
      await workbench.quickInput().locator('.monaco-list-row', { hasText: format }).first().click();
      await workbench.saveAs(file);
    };
    await exportAs('COCO', '02.coco.json');
    await workbench.notification('02.coco.json was saved').waitFor();
    const coco = JSON.parse(readFileSync(inWorkspace('02.coco.json'), 'utf8')) as {
      annotations: { segmentation: { counts: number[] }; area: number }[];
    };
    assert.equal(coco.annotations.length, 1);
    assert.ok((coco.annotations[0]?.segmentation.counts.length ?? 0) > 10 && (coco.annotations[0]?.area ?? 0) > 1_000);
    await workbench.dismissNotifications();
    await exportAs('YOLO', '02.txt');
    await workbench.notification('02.txt was saved').waitFor();
    assert.match(readFileSync(inWorkspace('02.txt'), 'utf8'), /^0 0\.\d{6} 0\.\d{6} 0\.\d{6} 0\.\d{6}\n$/);
    assert.equal(readFileSync(inWorkspace('classes.txt'), 'utf8'), 'yellow heart\n');
    await workbench.dismissNotifications();
    await exportAs('Annotated Picture', '02.annotated.png');
    await workbench.notification('02.annotated.png was saved').waitFor({ timeout: 60_000 });
    assert.equal((await sharp(inWorkspace('02.annotated.png')).metadata()).width, 640);
    await workbench.dismissNotifications();
    await exportAs('COCO', '02.coco.json');
    await workbench.page.getByText(/already exists/).first().waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.page.keyboard.press('Escape');
  });

  for (
    const [file, theme] of [['light', 'Light Modern'], ['dark', 'Dark Modern'], ['hc-dark', 'Dark High Contrast'], [
      'hc-light',
      'Light High Contrast',
    ]] as const
  ) {
    step(`regions stand out in the theme ${theme}`, async () => {
      await workbench.chooseTheme(theme);
      const { colour, ground } = await regions().first().locator('.swatch').evaluate(swatch => ({
        colour: getComputedStyle(swatch).borderTopColor,
        ground: getComputedStyle(document.body).backgroundColor,
      }));
      assert.match(colour, /^rgb\(\d+, \d+, \d+\)$/);
      assert.notEqual(colour, ground);
      await workbench.screenshot(`view-${file}`);
    });
  }

  step('a second editor on the same picture shows the same, and zooms by itself', async () => {
    await workbench.chooseTheme('Dark Modern');
    await workbench.runCommand('View: Split Editor Right');
    const pages = workbench.page.locator('.webview.ready:visible');
    await pages.nth(1).waitFor();
    await find('path.mask').first().waitFor({ state: 'attached' });
    await workbench.screenshot('view-split');
    await workbench.runCommand('View: Close Editor');
    await pages.nth(1).waitFor({ state: 'detached' });
  });

  step('after the window was reloaded the answer, the selection and the switches are there again', async () => {
    await regions().first().locator('.name').click();
    if (await regions().first().getAttribute('aria-selected') !== 'true') {
      await regions().first().locator('.name').click();
    }
    // The page keeps its state once the person pauses.
    await workbench.webview().locator('main[data-kept="true"]').waitFor();
    await workbench.runCommand('Developer: Reload Window');
    await workbench.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    await answered('segment yellow heart', 60_000);
    await find('path.mask').first().waitFor({ state: 'attached' });
    assert.equal(await find('#masks').inputValue(), '80');
    assert.equal(await regions().first().getAttribute('aria-selected'), 'true');
  });

  step('a page that the browser loads again shows the last answer too', async () => {
    await ask('detect ring');
    await workbench.isKept('"prompt":"detect ring"');
    await workbench.page.reload();
    await workbench.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    await answered('detect ring', 60_000);
    await ask('segment yellow heart');
  });

  step('a picture that is changed or deleted is noticed, and an answer to another content is marked', async () => {
    const banner = find('#banner');
    copyFileSync(samplePath('03.png'), inWorkspace('02.png'));
    await banner.filter({ hasText: 'was changed' }).waitFor();
    await find('#banner-action').click();
    await banner.filter({ hasText: 'earlier version' }).waitFor();
    await workbench.screenshot('view-other-content');
    await find('#banner-action').click();
    await banner.waitFor({ state: 'hidden' });
    await answered('segment yellow heart');
    rmSync(inWorkspace('02.png'));
    await banner.filter({ hasText: 'deleted' }).waitFor();
    copyFileSync(samplePath('03.png'), inWorkspace('02.png'));
    await banner.waitFor({ state: 'hidden' });
  });

  step('Stop ends a run and leaves the view as it was', async () => {
    await openWithView('04.png');
    // Loading the model again leaves the time to press Stop.
    await workbench.runCommand('PaliGemma 2: Unload Model');
    await find('#prompt-input').fill('describe en');
    await find('#prompt-input').press('Enter');
    await find('#stop').click();
    await find('#status').filter({ hasText: 'Nothing has been asked' }).waitFor();
    assert.ok(await find('#run').isVisible());
    assert.equal(await find('#prompt-input').inputValue(), 'describe en', 'to be changed and run again');
  });

  /** Draws so many regions, zooms and moves. @returns Milliseconds of the frame in the middle of 60. */
  async function frameMs(count: number): Promise<number> {
    const many: Region[] = Array.from(
      { length: count },
      (_, i) => ({
        label: ['cat', 'dog', 'bird', 'bus'][i % 4] ?? '',
        box: {
          x1: (i % 50) * 400,
          y1: Math.floor(i / 50) * 150,
          x2: (i % 50) * 400 + 350,
          y2: Math.floor(i / 50) * 150 + 120,
        },
      }),
    );
    await injectResult({ prompt: `detect ${count}`, suffix: 'x', regions: many });
    await find('.box').nth(count - 1).waitFor({ state: 'attached' });
    await find('.box').nth(count).waitFor({ state: 'detached' });
    assert.equal(await find('.label-toggles input').count(), 4);
    const frames = await find('.stage').evaluate(async stage => {
      const { left, top } = stage.getBoundingClientRect();
      const times: number[] = [];
      let last = performance.now();
      for (let i = 0; i < 60; i++) {
        stage.dispatchEvent(
          new WheelEvent('wheel', {
            deltaY: i < 30 ? -8 : 0,
            deltaX: i < 30 ? 0 : 20,
            ctrlKey: i < 30,
            clientX: left + 200,
            clientY: top + 200,
            bubbles: true,
            cancelable: true,
          }),
        );
        await new Promise(resolve => requestAnimationFrame(resolve));
        const now = performance.now();
        times.push(now - last);
        last = now;
      }
      return times.sort((a, b) => a - b);
    });
    return frames[30] ?? 0;
  }

  step(
    '500 regions on a picture of 20,000 pixels are drawn and moved in time that grows with their number only',
    async () => {
      await openWithView('wide.png');
      let [some, all] = [Infinity, Infinity];
      // Other programs take their share of a frame's time: what looks bad once is looked at again.
      for (let attempt = 0; attempt < 5 && !(all < 8 * Math.max(some, screenFrameMs)); attempt++) {
        some = Math.min(some, await frameMs(125));
        all = Math.min(all, await frameMs(500));
      }
      console.log(`# a frame with 125 regions takes ${some.toFixed(1)} ms, with 500 ${all.toFixed(1)} ms`);
      assert.ok(all < 8 * Math.max(some, screenFrameMs), `${some} ms a frame with 125 regions, ${all} ms with 500`);
      await workbench.screenshot('view-500-regions');
      const styles = await find('.label-toggles input, #regions .check').evaluateAll(nodes =>
        nodes.map(node => {
          const { appearance, width, borderTopColor, borderTopLeftRadius, backgroundColor } = getComputedStyle(node);
          return [appearance === 'auto', width, borderTopColor, borderTopLeftRadius, backgroundColor].join(' ');
        })
      );
      assert.equal(new Set(styles).size, 1, 'one style of check box');
      await find('.label-toggles input').first().uncheck();
      assert.equal(await find('.box.off').count(), 125);
    },
  );

  step('odd regions are harmless: markup, no label, outside of the picture, other scripts', async () => {
    const box = { x1: 100, y1: 100, x2: 6_000, y2: 1_200 };
    await injectResult({
      prompt: 'odd',
      suffix: 'y',
      regions: [
        { label: '<img src=x onerror=alert(1)>', box },
        { label: '', box: { x1: -500, y1: -500, x2: 2_000, y2: 700 } },
        { label: 'outside', box: { x1: 30_000, y1: 10, x2: 31_000, y2: 20 } },
        { label: 'قطة سوداء', box: { x1: 8_000, y1: 100, x2: 12_000, y2: 900 } },
        { label: '黒い猫', box: { x1: 13_000, y1: 100, x2: 19_000, y2: 900 } },
      ],
    });
    await find('.label').nth(4).waitFor({ state: 'attached' });
    assert.equal(await find('.label').nth(0).textContent(), '1. <img src=x onerror=alert(1)>');
    assert.equal(await find('.label img').count(), 0);
    assert.match(await regions().nth(1).innerText(), /2\. no name/);
    assert.equal(await find('.box').count(), 4, 'what lies outside is in the list only');
    assert.equal(await regions().count(), 5);
    const [clippedX, clippedY] = await find('.box[data-index="1"] .edge').evaluate(
      rect => [rect.getAttribute('x'), rect.getAttribute('y')],
    );
    assert.deepEqual([clippedX, clippedY], ['0', '0']);
    await workbench.screenshot('view-odd-regions');
  });

  step('every control has a name, and nothing breaks the content security policy', async () => {
    const nameless = await find(
      'button:visible, input:visible, [role="listbox"], [role="toolbar"], [role="group"], .stage',
    ).evaluateAll(nodes =>
      nodes.filter(node => {
        const labels = node instanceof HTMLInputElement
          ? [...node.labels ?? []].map(label => label.textContent ?? '').join('')
          : '';
        const heading = document.getElementById(node.getAttribute('aria-labelledby') ?? '')?.textContent ?? '';
        return [
          node.getAttribute('aria-label') ?? '',
          heading,
          labels,
          node instanceof HTMLButtonElement ? node.textContent ?? '' : '',
        ].every(text => text.trim() === '');
      }).map(node => node.outerHTML.slice(0, 120))
    );
    assert.deepEqual(nameless, []);
    assert.deepEqual(violations, []);
    assert.ok(existsSync(inWorkspace('02.png')));
  });
});
