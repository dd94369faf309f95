// Answers of many pictures as a person looks through them: after a batch, from a prompt file, by keys alone; filtered,
// compared, tried again, exported.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Locator } from 'playwright-core';
import type { ToResults } from '../../client/src/contract/results';
import { resultsWords } from '../../client/src/results/view/resultsWords';
import { rowOf, type ResultRow } from '../../paligemma/src/results/resultRow';
import { pictureFolders } from '../support/pictureFolders';
import { runResult } from '../support/results';
import { goldenFolder } from '../support/golden';
import { recordedAnswer, sampleImages, samplePath } from '../support/samples';
import { assertReadsAs } from '../support/readAloud';
import { accessFaults } from '../support/vscodeHost/axe';
import { stepsIn } from '../support/vscodeHost/steps';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { Workbench } from '../support/vscodeHost/workbench';

const firstAnswerMs = 120_000;
/** Far more than a screen shows. */
const manyPictures = 3000;
/** Cells of the tiles of a screen of 1280 × 800, with the rows around it. */
const mostCells = 80;
const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));

describe('results of many pictures', () => {
  const folders = pictureFolders({ some: sampleImages.slice(0, 4), many: [], moreInMany: 0 });
  const otherModel = path.join(path.dirname(folders.path), 'other-model');
  const adapter = path.join(path.dirname(folders.path), 'tuned');
  const at = (...parts: string[]): string => path.join(folders.path, ...parts);
  let workbench: Workbench;

  before(async () => {
    mkdirSync(at('shapes'));
    cpSync(path.join(goldenFolder, 'models', 'gqa-224'), otherModel, { recursive: true });
    cpSync(path.join(goldenFolder, 'lora', 'lm-old-names'), adapter, { recursive: true });
    for (const folder of [otherModel, adapter]) mkdirSync(path.join(folder, 'runs'));
    for (const image of sampleImages) copyFileSync(samplePath(image), at('shapes', image));
    writeFileSync(at('shapes.paligemma'), '@image shapes/*.png\nsegment ring\n');
    workbench = await Workbench.open({
      folder: folders.path,
      installed: process.cwd(),
      settings: { ...suiteSettings, 'editor.codeLens': true },
      env: suiteEnvironment(folders.cache),
    });
  });
  after(async () => {
    await workbench.close();
    folders.remove();
  });

  const step = stepsIn(() => workbench);
  const find = (selector: string): Locator => workbench.webview().locator(selector);
  const press = (key: string) => workbench.page.keyboard.press(key);
  const count = (text: string, timeout?: number) =>
    find('#count').getByText(text, { exact: true }).waitFor(timeout === undefined ? {} : { timeout });
  const names = () => find('.cell .file').allInnerTexts();
  const choose = (label: string) =>
    workbench.quickInput().locator('.monaco-list-row', { hasText: label }).first().click();

  /** Every picture that is in sight. */
  const areAnswered = async () => {
    await find('.answer').first().waitFor();
    await workbench.atFrames(() => find('.answer.waiting').count(), left => left === 0, firstAnswerMs);
  };

  /** Runs a task on files of one folder, which is open in the Explorer. */
  async function onFiles(files: readonly string[], label: string): Promise<void> {
    await workbench.chooseFromContextMenu(files[0] ?? '', label, files);
  }

  step('after a batch its failures are shown where they can be looked at and tried again', async () => {
    await workbench.expand('some', 'broken.png');
    await onFiles(['01.png', '02.png', 'broken.png'], 'Caption with PaliGemma 2');
    await choose('Text File Beside Each Picture');
    await workbench.notification(/2 of 3 pictures are done, 1 failed/).getByRole('button', { name: 'Show Failures' })
      .click({ timeout: firstAnswerMs });
    await count('1 of 3 pictures');
    assert.deepEqual(await names(), ['broken.png']);
    assert.match(await find('.answer').innerText(), /^failed/);
    // What was filtered since is kept while the view is hidden.
    await find('#state').selectOption('answered');
    await count('2 of 3 pictures');
    await workbench.openFile('01.txt');
    await workbench.tabs().filter({ hasText: 'Results:' }).click();
    await count('2 of 3 pictures');
    await find('#state').selectOption('failed');
    await workbench.dismissNotifications();
    copyFileSync(samplePath('05.png'), at('some', 'broken.png'));
    await find('#retry').click();
    await count('0 of 3 pictures');
    await find('#retry').waitFor({ state: 'hidden' });
    await find('#state').selectOption('all');
    await count('3 pictures');
    await find('.shot img').nth(2).waitFor();
    assert.equal(
      await find('.cell').nth(0).locator('.answer').innerText(),
      recordedAnswer('01.png', 'caption en'),
    );
    await workbench.screenshot('results-batch');
  });

  step('the lens of a prompt with many pictures leads to all of them, with their masks', async () => {
    await workbench.openFile('shapes.paligemma');
    await workbench.page.locator('.codelens-decoration a', { hasText: /^Run$/ }).first().click();
    await workbench.page.locator('.codelens-decoration a', { hasText: '12 images · 12 results' }).click({
      timeout: firstAnswerMs,
    });
    await find('h1').getByText('segment ring').waitFor();
    await count('12 pictures');
    await find('.mask').first().waitFor({ state: 'attached' });
    await find('.confidence').first().waitFor();
    await workbench.screenshot('results-grid');
    await find('#label').selectOption({
      label: /ring/.test(await find('#label').innerText())
        ? await find(
          '#label option',
        ).nth(1).innerText()
        : '',
    });
    const filtered = await find('.cell').count();
    assert.ok(filtered > 0 && filtered < 12, `${filtered} have a ring`);
    await find('#label').selectOption({ index: 0 });
    await count('12 pictures');
  });

  step('keys alone go through the pictures, filter, sort, open one and come back', async () => {
    await find('.cell').first().click();
    await press('End');
    await press('Control+End');
    assert.equal(await find('.cell:focus .file').innerText(), '12.png');
    await press('Control+Home');
    await press('ArrowRight');
    assert.equal(await find('.cell:focus .file').innerText(), '02.png');
    await press('/');
    await workbench.page.keyboard.type('03');
    await count('1 of 12 pictures');
    await find('#announcement').getByText('1 of 12 pictures').waitFor({ state: 'attached' });
    await press('Escape');
    assert.equal(await find('.cell:focus .file').innerText(), '03.png');
    await press('Enter');
    await workbench.tabs().filter({ hasText: '03.png' }).waitFor();
    await find('#prompt').getByText('segment ring').waitFor();
    await workbench.tabs().filter({ hasText: 'Results: segment ring' }).click();
    await find('.cell .file').getByText('03.png').waitFor();
    await press('/');
    await press('Control+A');
    await press('Delete');
    await press('Escape');
    await count('12 pictures');
    await press('t');
    await find('[role="columnheader"]').getByText('Name').click();
    await find('[role="columnheader"]').getByText('Name').click();
    assert.equal(await find('[role="columnheader"][aria-sort="descending"]').count(), 1);
    assert.equal((await names())[0], 'shapes/12.png');
    await workbench.screenshot('results-table');
    await find('.cell').first().click();
    await press('?');
    await find('dialog[open]').waitFor();
    await press('Escape');
    await press('g');
    await find('#grid-layout[aria-pressed="true"]').waitFor();
    await find('#order').selectOption('given');
    await find('#descending').setChecked(false);
  });

  step('the large view goes on to the next picture of what is shown, with its answer of the same run', async () => {
    await find('.cell').first().click();
    await press('Enter');
    await find('#picture-place').getByText('1 of 12', { exact: true }).waitFor();
    await press('.');
    await workbench.tabs().filter({ hasText: '02.png' }).waitFor();
    await find('#picture-place').getByText('2 of 12', { exact: true }).waitFor();
    await find('#prompt').getByText('segment ring').waitFor();
    await workbench.tabs().filter({ hasText: 'Results: segment ring' }).click();
    await count('12 pictures');
  });

  step('two prompts are compared side by side, with what differs marked', async () => {
    await find('.cell').first().click();
    await press('c');
    await choose('Another Prompt…');
    await workbench.answerInput('segment yellow heart');
    await find('h1').getByText('compared with').waitFor();
    await areAnswered();
    await find('.difference').first().waitFor();
    assert.equal(await find('.cell').first().locator('.shot').count(), 2);
    await find('#state').selectOption('different');
    assert.equal(await find('.likeness').count(), 0);
    assert.ok(await find('mark').count() > 0);
    await assertReadsAs('results-comparison', find('body'));
    await workbench.screenshot('results-comparison');
    assert.deepEqual(await accessFaults(workbench.webview()), []);
  });

  /** Opens a run of before, and the list of what it can be compared with. */
  async function compare(run: string): Promise<void> {
    await workbench.openList('PaliGemma 2: Show Results', run);
    await choose(run);
    await find('h1').getByText(run.split(' · ')[0] ?? run, { exact: true }).waitFor();
    await find('.cell').first().click();
    await press('c');
    await workbench.pickRow('Another Model…').first().waitFor();
  }

  step('two models are compared, and a model with and without an adapter', async () => {
    await workbench.runCommand('PaliGemma 2: Add a Model Folder…');
    await workbench.chooseFolder(otherModel);
    await workbench.pickRow('other-model').first().waitFor();
    await press('Escape');
    await compare('segment ring · paligemma2-demo-224');
    await choose('Another Model…');
    await choose('other-model');
    await find('h1').getByText('other-model').waitFor();
    await areAnswered();
    await find('.difference').first().waitFor();
    await workbench.screenshot('results-models');
    await compare('segment ring · other-model');
    await choose('With an Adapter…');
    await workbench.chooseFolder(adapter);
    await find('h1').getByText('adapter tuned').waitFor();
    await areAnswered();
    await find('.difference').first().waitFor();
    assert.equal(await find('.answer.failed').count(), 0);
    await workbench.screenshot('results-adapter');
  });

  step('a screen reader reads grid and table: pictures in rows, each with its answer', async () => {
    await compare('caption en');
    await press('Escape');
    await assertReadsAs('results-grid', find('body'));
    await find('.cell').first().click();
    await press('t');
    await find('[role="columnheader"]').first().waitFor();
    await assertReadsAs('results-table', find('body'));
    await press('g');
  });

  step('a run can be looked at without saving anything, and becomes a data set', async () => {
    await onFiles(['01.png', '03.png'], 'Caption with PaliGemma 2');
    await choose('Show Results');
    await count('2 pictures');
    await areAnswered();
    await find('#saveDataSet').click();
    await workbench.saveAs('caption.jsonl');
    await workbench.notification('2 answers were written.').waitFor();
    assert.deepEqual(
      readFileSync(at('some', 'caption.jsonl'), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line) as object),
      ['01.png', '03.png'].map(image => ({ image, prefix: 'caption en', suffix: recordedAnswer(image, 'caption en') })),
    );
    await workbench.dismissNotifications();
  });

  step('the command brings back every run of the session', async () => {
    await workbench.openList('PaliGemma 2: Show Results', 'segment ring');
    const rows = workbench.quickInput().locator('.monaco-list-row');
    // A list may be drawn anew just when its first line has been seen.
    await rows.nth(5).waitFor();
    assert.equal(await rows.count(), 6);
    await workbench.screenshot('results-runs');
    await choose('segment ring · paligemma2-demo-224');
    await find('h1').getByText('segment ring', { exact: true }).waitFor();
  });

  step('what is shown is exported in the forms of a batch, with its masks, and nothing else', async () => {
    await find('#search').fill('06');
    await count('1 of 12 pictures');
    await find('#export').click();
    await workbench.quickInput().getByPlaceholder('1 picture is exported: what is shown.').waitFor();
    await workbench.screenshot('results-export');
    await choose('One COCO File');
    await choose('segment.coco.json');
    await workbench.notification('1 answer was written.').waitFor();
    const { images, annotations } = JSON.parse(readFileSync(at('shapes', 'segment.coco.json'), 'utf8')) as {
      readonly images: readonly { readonly file_name: string }[];
      readonly annotations: readonly { readonly segmentation: { readonly counts?: readonly number[] } }[];
    };
    assert.deepEqual(images.map(({ file_name }) => file_name), ['06.png']);
    assert.ok((annotations[0]?.segmentation.counts?.length ?? 0) > 10, 'the mask is in it');
    await find('#search').fill('');
    await workbench.dismissNotifications();
  });

  step('three thousand pictures are a few cells of the page, wherever it is scrolled to', async () => {
    const row = (index: number): ResultRow =>
      rowOf(`photo-${index}.png`, {
        imageUri: `file:///photo-${index}.png`,
        result: runResult({ text: index % 2 === 0 ? 'a cup on a table' : 'a plate', tokenProbabilities: [0.5] }),
      });
    const message: ToResults = {
      type: 'show',
      id: 'many',
      asked: 0,
      isUnderWay: false,
      heading: 'caption en',
      facts: '',
      pairs: Array.from({ length: manyPictures }, (_, index) => ({ row: row(index) })),
      state: 'all',
      words: resultsWords(t),
    };
    await find('body').evaluate((_, shown) => window.postMessage(shown, '*'), message);
    await count('3000 pictures');
    const cells = () => find('.cell').count();
    assert.ok(await cells() < mostCells);
    await find('.cell').first().click();
    await press('Control+End');
    await find('.cell:focus').getByText('photo-2999.png').waitFor();
    assert.ok(await cells() < mostCells);
    for (let page = 0; page < 5; page++) await press('PageUp');
    assert.ok(await cells() < mostCells);
    assert.equal(
      await find('main').getAttribute('aria-rowcount'),
      String(Math.ceil(
        manyPictures / Number(
          await find('main').getAttribute('aria-colcount'),
        ),
      )),
    );
    await press('/');
    await workbench.page.keyboard.type('plate');
    await count('1500 of 3000 pictures');
    assert.ok(await cells() < mostCells);
  });

  step('axe finds nothing wrong in four themes and in both layouts, and everything is reached at 200 %', async () => {
    for (const theme of ['Light Modern', 'Dark High Contrast', 'Light High Contrast', 'Dark Modern']) {
      await workbench.chooseTheme(theme);
      await find('.cell').first().waitFor();
      assert.deepEqual(await accessFaults(workbench.webview()), [], theme);
      await workbench.screenshot(`results-${theme.toLowerCase().replaceAll(' ', '-')}`);
    }
    await find('.cell').first().click();
    await press('t');
    await find('[role="columnheader"]').first().waitFor();
    assert.deepEqual(await accessFaults(workbench.webview()), [], 'table');
    await press('?');
    await find('dialog[open]').waitFor();
    assert.deepEqual(await accessFaults(workbench.webview()), [], 'keys');
    await press('Escape');
    await workbench.page.setViewportSize({ width: 450, height: 300 });
    await workbench.typeCommand('View: Close Primary Side Bar');
    const width = await find('html').evaluate(page => [page.scrollWidth, page.clientWidth]);
    assert.ok((width[0] ?? 0) <= (width[1] ?? 0), width.join(' > '));
    await find('.cell').first().click();
    await press('ArrowDown');
    await workbench.screenshot('results-200');
    await workbench.page.setViewportSize({ width: 1280, height: 800 });
  });
});
