// A data set as a person looks through it and corrects it: lines in a grid, boxes by mouse and by keys, drafts, and the
// text of the file, which stays what is edited.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { FrameLocator, Locator } from 'playwright-core';
import type { ToDataSet } from '../../client/src/contract/dataSet';
import { readSetLine } from '../../datasets/src/lines/setLine';
import { parseSuffix } from '../../paligemma/src/suffix';
import { assertReadsAs } from '../support/readAloud';
import { pictureFolders } from '../support/pictureFolders';
import { sampleImages, samplePath } from '../support/samples';
import { accessFaults } from '../support/vscodeHost/axe';
import { stepsIn } from '../support/vscodeHost/steps';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { Workbench } from '../support/vscodeHost/workbench';

const box = '<loc0256><loc0256><loc0512><loc0512>';
const codes = Array.from({ length: 16 }, (_, at) => `<seg${String(at * 7).padStart(3, '0')}>`).join('');
/** Every line is written in another way: none of that may change but what is edited. */
const lines = [
  `{"image":"train/01.png","prefix":"detect ring","suffix":"${box} ring"}`,
  `{ "prefix" : "segment ring", "suffix" : "${box}${codes} ring ; ${box} caf\\u00e9", "image" : "train/02.png", "more":[1,  2] }`,
  `{"image": "train/03.png", "prefix": "detect ring ; star", "suffix": "", "draft": true}`,
  '{"image":"valid/04.png","prefix":"caption en","suffix":"a red <b>star</b>"}',
  'no line at all',
  '{"image":"../../../etc/passwd.png","prefix":"caption en","suffix":"x"}',
  '{"image":"//elsewhere/share/a.png","prefix":"caption en","suffix":"\\ud800"}',
  '{"image":"gone.png","prefix":"detect ring","suffix":"<loc0100><loc0200><loc0300><loc1024> ring","draft":true}',
];
const text = `\ufeff${lines.join('\r\n')}\r\n`;
/** More than a page may hold. */
const manyLines = 100_000;
const mostCells = 80;
/** For a hundred thousand lines on a busy machine. */
const manyReadMs = 120_000;

describe('a data set in the editor', () => {
  const folders = pictureFolders({ some: [], many: [], moreInMany: 0 });
  const at = (...parts: string[]): string => path.join(folders.path, ...parts);
  let workbench: Workbench;

  before(async () => {
    for (const folder of ['train', 'valid', 'new']) mkdirSync(at(folder));
    for (const image of sampleImages.slice(0, 3)) copyFileSync(samplePath(image), at('train', image));
    copyFileSync(samplePath('04.png'), at('valid', '04.png'));
    for (const image of sampleImages.slice(0, 2)) copyFileSync(samplePath(image), at('new', image));
    writeFileSync(at('set.jsonl'), text);
    writeFileSync(
      at('large.jsonl'),
      Array.from(
        { length: manyLines },
        (_, n) =>
          JSON.stringify({ image: `train/0${n % 3 + 1}.png`, prefix: `detect ring ${n}`, suffix: `${box} ring` }),
      ).join('\n'),
    );
    writeFileSync(
      at('crowd.jsonl'),
      `${
        JSON.stringify({
          image: 'train/01.png',
          prefix: 'detect ring',
          suffix: Array(1000).fill(`${box} ring`).join(' ; '),
        })
      }\n`,
    );
    workbench = await Workbench.open({
      folder: folders.path,
      installed: process.cwd(),
      settings: { ...suiteSettings, 'files.encoding': 'utf8' },
      env: suiteEnvironment(folders.cache),
    });
  });
  after(async () => {
    await workbench.close();
    folders.remove();
  });

  const step = stepsIn(() => workbench);
  const find = (selector: string, options: Parameters<FrameLocator['locator']>[1] = {}): Locator =>
    workbench.webview().locator(selector, options);
  const press = (key: string) => workbench.page.keyboard.press(key);
  const count = (said: string) => find('#count').getByText(said, { exact: true }).waitFor();
  const tab = (name: string) => workbench.page.locator('.tab.active', { hasText: name });
  const isClean = (name: string) => workbench.page.locator('.tab.active:not(.dirty)', { hasText: name }).waitFor();
  /** Without the mark that the file begins with. */
  const fileLines = () => readFileSync(at('set.jsonl'), 'utf8').slice(1).split('\r\n');
  const save = async () => {
    await workbench.page.locator('.tab.active.dirty', { hasText: 'set.jsonl' }).waitFor();
    await press('Control+S');
    await isClean('set.jsonl');
  };
  const boxesOf = (line: string | undefined) => {
    const read = readSetLine(line ?? '');
    return 'suffix' in read
      ? parseSuffix(read.suffix?.value ?? '').boxes.map(({ bins, label }) => [...bins, label])
      : [];
  };
  const choose = (label: string) => workbench.pickRow(label).first().click();
  const openSet = async (name: string) => {
    await workbench.chooseFromContextMenu(name, 'Show Data Set');
    await find('h1').getByText(name, { exact: true }).waitFor({ timeout: manyReadMs });
    await find('.cell .file').first().waitFor({ timeout: manyReadMs });
  };
  /** Waits for a box of the list, as it is read aloud. */
  const hasBox = (name: string) => find('#boxes li').getByText(name).first().waitFor();

  step('a file of lines is shown as a grid with pictures and boxes, where hostile names are text', async () => {
    await openSet('set.jsonl');
    await count('8 lines');
    await find('.shot img').nth(3).waitFor();
    await find('.boxes rect').first().waitFor({ state: 'attached' });
    await find('.mark.draft').first().waitFor();
    await find('.mark.error').first().waitFor();
    await find('.text').getByText('a red <b>star</b>').waitFor();
    assert.equal(await find('.cell b').count(), 0);
    await find('.problem').nth(2).waitFor();
    assert.equal(await find('.shot img').count(), 4, 'no picture of elsewhere');
    await workbench.screenshot('data-set-grid-dark');
    await assertReadsAs('data-set-grid', find('body'));
  });

  step('lines are filtered by text, label, folder, state and finding, and sorted', async () => {
    await press('/');
    await workbench.page.keyboard.type('CAFE');
    await count('1 of 8 lines');
    await press('Control+A');
    await press('Delete');
    await press('Escape');
    await find('#label').selectOption({ label: 'café (1)' });
    await count('1 of 8 lines');
    await find('#label').selectOption({ index: 0 });
    await find('#folder').selectOption({ label: 'train (3)' });
    await count('3 of 8 lines');
    await find('#folder').selectOption({ index: 0 });
    await find('#state').selectOption('draft');
    await count('2 of 8 lines');
    await find('#state').selectOption('finding');
    await find('.mark.error').first().waitFor();
    await find('#state').selectOption('all');
    await find('#order').selectOption('regions');
    await find('#descending').setChecked(true);
    await find('.cell').first().getByText('train/02.png').waitFor();
    await find('#order').selectOption('line');
    await find('#descending').setChecked(false);
    await find('.cell').first().getByText('train/01.png').waitFor();
    await count('8 lines');
  });

  step('masks have their shape in the grid and in an open line, where it goes with its box', async () => {
    await find('.shot .box.masked path.mask').first().waitFor({ state: 'attached' });
    assert.equal(await find('.shot path.mask').count(), 1, 'one box of the file has codes');
    await find('.cell').nth(1).click();
    await press('Enter');
    const shape = find('#board .box.shaped path.mask');
    await shape.waitFor({ state: 'attached' });
    assert.match(await shape.getAttribute('transform') ?? '', /^translate/);
    assert.equal(await find('#mask-note').innerText(), '');
    await workbench.screenshot('data-set-masks');
    await press('Escape');
    await find('#lines .cell').first().waitFor();
  });

  step('keys alone open a line, move, resize, copy, name and delete boxes, and every other byte stays', async () => {
    await find('.cell').first().click();
    await press('Control+Home');
    await press('Enter');
    await find('#board').waitFor();
    await find('#board > img[src]').waitFor();
    await press('n');
    await hasBox('ring: from 256, 256 to 512, 512');
    await workbench.screenshot('data-set-line-dark');
    await assertReadsAs('data-set-line', find('body'));
    await press('ArrowRight');
    await press('Shift+ArrowDown');
    await press('Control+ArrowLeft');
    await hasBox('ring: from 241, 256 to 497, 513');
    await press('d');
    await hasBox('ring: from 257, 272 to 513, 529');
    await press('F2');
    await workbench.page.keyboard.type('gold ring');
    await press('Enter');
    await hasBox('gold ring: from 257, 272');
    await press('a');
    await hasBox('gold ring: from 384, 384 to 639, 639');
    await press('p');
    await press('p');
    await press('Delete');
    await find('#boxes-heading').getByText('Boxes (2)').waitFor();
    await save();
    const now = fileLines();
    assert.deepEqual(boxesOf(now[0]), [[272, 257, 529, 513, 'gold ring'], [384, 384, 639, 639, 'gold ring']]);
    assert.deepEqual(now.slice(1), [...lines.slice(1), '']);
    assert.ok(readFileSync(at('set.jsonl')).subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])), 'the mark stays');
    for (let undo = 0; undo < 7; undo++) await press('Control+Z');
    await hasBox('ring: from 256, 256 to 512, 512');
    await save();
    assert.equal(readFileSync(at('set.jsonl'), 'utf8'), text);
  });

  /** A place of the picture in the window, by fractions of its sides. */
  async function placeIn(x: number, y: number) {
    const image = await find('#board > img').boundingBox();
    if (image === null) throw new Error('no picture is shown');
    return { x: image.x + x * image.width, y: image.y + y * image.height };
  }
  async function drag(from: readonly [number, number], to: readonly [number, number]) {
    const [start, end] = [await placeIn(...from), await placeIn(...to)];
    await workbench.page.mouse.move(start.x, start.y);
    await workbench.page.mouse.down();
    await workbench.page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 3 });
    await workbench.page.mouse.move(end.x, end.y, { steps: 3 });
    await workbench.page.mouse.up();
  }

  step('the mouse draws, moves and resizes boxes, and masks keep their codes', async () => {
    await press('PageDown');
    await find('.where .file').getByText('train/02.png').waitFor();
    await find('#board > img[src]').waitFor();
    await find('#boxes .mark').getByText('with mask').waitFor();
    await find('#draw').click();
    await drag([0.6, 0.6], [0.9, 0.8]);
    await find('#boxes-heading').getByText('Boxes (3)').waitFor();
    await drag([0.75, 0.7], [0.7, 0.7]);
    await workbench.screenshot('data-set-drawn-dark');
    await press('n');
    await drag([0.25, 0.25], [0.2, 0.2]);
    await save();
    const written = fileLines()[1] ?? '';
    const boxes = boxesOf(written);
    assert.equal(boxes.length, 3);
    const [y1 = 0, x1 = 0, y2 = 0, x2 = 0] = boxes[2] as number[];
    const near = (value: number, fraction: number) => Math.abs(value - fraction * 1023) < 8;
    assert.ok(near(y1, 0.6) && near(x1, 0.55) && near(y2, 0.8) && near(x2, 0.85), boxes.join(' | '));
    assert.ok(near(boxes[0]?.[0] as number, 0.2) && boxes[0]?.[2] === 512, boxes.join(' | '));
    assert.ok(
      written.includes(codes) && written.includes('caf\\u00e9') && written.includes('"more":[1,  2] }'),
      written,
    );
  });

  step('texts are fields, what is typed can be undone, and the text beside follows', async () => {
    await press('.');
    await find('.where .file').getByText('train/03.png').waitFor();
    await find('#answer-field').fill('');
    await find('#answer-field').pressSequentially('two rings');
    await press('Escape');
    await tab('set.jsonl').and(workbench.page.locator('.dirty')).waitFor();
    await save();
    assert.equal(fileLines()[2], lines[2]?.replace('"suffix": ""', '"suffix": "two rings"'));
    await workbench.page.locator('.tab.active').waitFor();
  });

  step('a change of the file from outside is shown, and drafts are accepted and deleted', async () => {
    const before = readFileSync(at('set.jsonl'), 'utf8');
    writeFileSync(at('set.jsonl'), before.replace('two rings', 'three rings'));
    await workbench.atFrames(
      () => find('#answer-field').inputValue(),
      value => value === 'three rings',
      30_000,
    );
    await find('#draft-bar').waitFor();
    await find('#accept').click();
    await find('#draft-bar').waitFor({ state: 'hidden' });
    await press('u');
    await find('.where .file').getByText('gone.png').waitFor();
    await find('.unavailable').getByText('gone.png').waitFor();
    await find('#reject').click();
    await find('.where .file').getByText('elsewhere/share').waitFor();
    await save();
    assert.equal(
      fileLines()[2],
      '{"image": "train/03.png", "prefix": "detect ring ; star", "suffix": "three rings"}',
    );
    assert.equal(fileLines().length, lines.length);
    await press('Control+Z');
    await press('Control+Z');
    await find('#state option').getByText('drafts to review (2)').waitFor({ state: 'attached' });
    await save();
    assert.equal(fileLines()[7], lines[7]);
  });

  step(
    'what is typed into a line that was changed meanwhile is not lost, and the person says which is right',
    async () => {
      await press('Escape');
      await count('8 lines');
      await find('.cell', { hasText: 'valid/04.png' }).click();
      await press('Enter');
      await find('.where .file').getByText('valid/04.png').waitFor();
      // As after a change that the page has not heard of.
      const line = {
        id: 4,
        revision: 1e6,
        number: 4,
        name: 'valid/04.png',
        images: ['valid/04.png'],
        prefix: 'caption en',
      };
      const stale: ToDataSet = {
        type: 'line',
        line: { ...line, suffix: 'of before', isDraft: false, isLine: true, findings: [] },
      };
      await find('body').evaluate((_, message) => window.postMessage(message, '*'), stale);
      await workbench.atFrames(() => find('#answer-field').inputValue(), value => value === 'of before', 30_000);
      await find('#answer-field').fill('a red star');
      await find('#conflict').getByText('changed elsewhere').waitFor();
      assert.equal(await find('#answer-field').inputValue(), 'a red star');
      await find('#next').click();
      await find('.where .file').getByText('valid/04.png').waitFor();
      await find('#conflict button').first().click();
      await save();
      assert.equal(fileLines()[3], lines[3]?.replace('a red <b>star</b>', 'a red star'));
      await find('#back').click();
      await count('8 lines');
    },
  );

  step('axe finds nothing wrong in any theme, in the grid and with a line open', async () => {
    for (const theme of ['Light Modern', 'Dark High Contrast', 'Light High Contrast', 'Dark Modern']) {
      await workbench.chooseTheme(theme);
      const name = theme.toLowerCase().replaceAll(' ', '-');
      await find('.cell').first().click();
      await press('Control+Home');
      await workbench.screenshot(`data-set-grid-${name}`);
      assert.deepEqual(await accessFaults(workbench.webview()), [], theme);
      await press('Enter');
      await find('#board > img[src]').waitFor();
      await press('n');
      await workbench.screenshot(`data-set-line-${name}`);
      assert.deepEqual(await accessFaults(workbench.webview()), [], `${theme}, a line`);
      await press('Escape');
      await press('Escape');
      await find('.cell').first().waitFor();
    }
  });

  step('a hundred thousand lines are a few cells of the page, wherever it is scrolled to', async () => {
    await openSet('large.jsonl');
    await find('#count').getByText('100000 lines').waitFor({ timeout: manyReadMs });
    const cells = () => find('.cell').count();
    await find('.cell .file').first().waitFor();
    assert.ok(await cells() < mostCells);
    await find('.cell').first().click();
    await press('Control+End');
    await find('.cell:focus').getByText('line 100000').waitFor({ timeout: manyReadMs });
    for (let page = 0; page < 50; page++) await press('PageUp');
    await find('.cell:focus .file').waitFor();
    assert.ok(await cells() < mostCells);
    await press('/');
    await workbench.page.keyboard.type('77777');
    await find('#count').getByText('1 of 100000 lines').waitFor({ timeout: manyReadMs });
  });

  step('a line with a thousand boxes is shown and changed', async () => {
    await openSet('crowd.jsonl');
    await find('.cell').first().click();
    await press('Enter');
    await find('#boxes-heading').getByText('Boxes (1000)').waitFor();
    await press('n');
    await press('Delete');
    await find('#boxes-heading').getByText('Boxes (999)').waitFor();
    await press('Control+Z');
    await find('#boxes-heading').getByText('Boxes (1000)').waitFor();
  });

  step('lines are drafted for a folder, and the first one is open for review', async () => {
    await workbench.chooseFromContextMenu('new', 'Draft Lines');
    await workbench.answerInput('detect ring');
    await workbench.quickInput().locator('input').first().waitFor();
    await workbench.answerInput('');
    await choose('drafts.jsonl');
    await find('#draft-bar').waitFor({ timeout: 120_000 });
    const drafted = readFileSync(at('new', 'drafts.jsonl'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      drafted.map(line => JSON.parse(line) as { readonly image: string; readonly draft: boolean }).map((
        { image, draft },
      ) => [
        image,
        draft,
      ]),
      [['01.png', true], ['02.png', true]],
    );
    await press('y');
    await find('#draft-bar').waitFor({ state: 'hidden' });
    await workbench.screenshot('data-set-drafts');
  });
});
