// Answers of fine-tunes in the image view, as what they are: what a server wrote is drawn, linked with the picture, copied
// and saved; by pointer and by keys, in every theme.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import sharp from 'sharp';
import { runCommand } from '../support/commandLine';
import { FakeInferenceServer } from '../support/fakeInferenceServer';
import { assertReadsAs } from '../support/readAloud';
import { accessFaults } from '../support/vscodeHost/axe';
import { stepsIn } from '../support/vscodeHost/steps';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const saveMs = 20_000;
const size = 512;
/** Left, top and text; each is 120 × 30 pixels. */
const cells = [
  ['Drug', 40, 40],
  ['Dose (mg)', 200, 40],
  ['p', 360, 40],
  ['Aspirin', 40, 90],
  ['100', 200, 90],
  ['< 0.05', 360, 90],
  ['Ibuprofen', 40, 140],
  ['-400', 200, 140],
  ['=1+1', 360, 140],
] as const;

function bin(px: number): string {
  return `<loc${String(Math.round(px / size * 1024)).padStart(4, '0')}>`;
}

const row = (part: readonly (typeof cells)[number][]) =>
  `<tr>${
    part.map(([text, x, y]) =>
      `<td coords="${bin(x)}${bin(y)}${bin(x + 120)}${bin(y + 30)}">${
        text.replace('<', '&lt;').replace('Aspirin', '<i>Aspirin</i>')
      }</td>`
    ).join('')
  }</tr>`;

/** By prompt; what the last row lacks is to be told. */
const answers: Readonly<Record<string, string>> = {
  table: `<table><thead>${row(cells.slice(0, 3))}</thead><tbody>${row(cells.slice(3, 6))}${row(cells.slice(6))}`
    + '<tr><td>Placebo <img src=x onerror=alert(1)></td></tr></tbody></table>',
  'read in latex': '\\int_0^1 \\frac{\\sqrt{x^2 + 1}}{2}\\,dx = \\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}',
  report: 'FINDINGS: The lungs are clear. There is no effusion. IMPRESSION: No acute process.',
  ocr: cells.map(([text, x, y]) => `${bin(y)}${bin(x)}${bin(y + 30)}${bin(x + 120)} ${text.replace('< ', '')}`)
    .reverse()
    .join(' ; '),
  kern: '**kern\t**kern\n*clefF4\t*clefG2\n4C\t4c 4e\n4D\t4d\n=\t=\n*-\t*-\n',
  smiles: 'CC(=O)Oc1ccccc1C(=O)O',
};

describe('answers as what they are', () => {
  const workspace = testWorkspace(['01.png']);
  let workbench: Workbench;
  let server: FakeInferenceServer;

  before(async () => {
    const drawn = cells.map(([text, x, y]) =>
      `<rect x="${x}" y="${y}" width="120" height="30" fill="white" stroke="black"/><text x="${x + 8}" y="${
        y + 21
      }" font-size="16">${text.replace('<', '&lt;')}</text>`
    );
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">${drawn.join('')}</svg>`;
    await sharp(Buffer.from(svg)).flatten({ background: '#eee' }).png().toFile(path.join(workspace.path, 'table.png'));
    server = await FakeInferenceServer.start({
      answer: prompt => [Object.entries(answers).find(([asked]) => prompt.includes(asked))?.[1] ?? ''],
    });
    const options = { cache: workspace.cache, env: { PALIGEMMA_API_KEY: '' } };
    const added = await runCommand(['models', 'add', server.origin, '--yes'], options);
    assert.equal(added.code, 0, added.stderr);
    for (const prompt of ['smiles', 'kern', 'ocr', 'report', 'read in latex', 'table']) {
      const picture = path.join(workspace.path, 'table.png');
      const { code, stdout, stderr } = await runCommand(['run', prompt, picture, '--model', server.url], options);
      assert.equal(code, 0, stderr);
      assert.notEqual(stdout.trim(), '');
    }
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: suiteSettings,
      env: suiteEnvironment(workspace.cache),
    });
  });
  after(async () => {
    await workbench.close();
    server.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);
  const find = (selector: string) => workbench.webview().locator(selector);
  const cell = (text: string) => find('.answer-table td, .answer-table th').filter({ hasText: text }).first();
  const showAnswerTo = (prompt: string) => find('#known-answers li').filter({ hasText: prompt }).first().click();

  step('a table is drawn cell by cell, without what is no part of it, and says what is wrong', async () => {
    await workbench.openWithImageView('table.png');
    await find('.answer-table').waitFor();
    assert.equal(await find('.answer-table thead th').count(), 3);
    assert.deepEqual(await find('.answer-table tbody tr').first().locator('td').allInnerTexts(), [
      'Aspirin',
      '100',
      '< 0.05',
    ]);
    assert.equal(await find('.answer-table i').innerText(), 'Aspirin');
    assert.equal(await find('.answer-table img, #drawing script').count(), 0);
    assert.equal(await find('#caption').isVisible(), false);
    assert.deepEqual(await find('#faults li').allInnerTexts(), [
      '“img” is no part of a table; only its text was taken.',
      'Row 4 has 1 of 3 columns.',
    ]);
    assert.equal(await find('.box').count(), 9);
    assert.match(await find('#raw-text').textContent() ?? '', /^<table><thead>/);
  });

  step('a cell and its place in the picture are linked, both ways, by pointer', async () => {
    await cell('100').hover();
    await find('.box.hovered[data-index="4"]').waitFor();
    await cell('100').click();
    await find('.box.selected[data-index="4"]').waitFor();
    const edge = await find('.box[data-index="6"] .edge').boundingBox();
    assert.ok(edge !== null);
    await workbench.page.mouse.move(edge.x + edge.width / 2, edge.y + edge.height / 2);
    await find('.answer-table .pointed').filter({ hasText: 'Ibuprofen' }).waitFor();
    await workbench.page.mouse.click(edge.x + edge.width / 2, edge.y + edge.height / 2);
    await find('.answer-table .selected').filter({ hasText: 'Ibuprofen' }).waitFor();
  });

  step('arrow keys go from cell to cell and show their places; Escape selects none', async () => {
    await cell('Aspirin').click();
    for (const key of ['ArrowRight', 'ArrowUp', 'End', 'ArrowDown']) await workbench.page.keyboard.press(key);
    assert.equal(await find('.answer-table :focus').innerText(), '< 0.05');
    assert.equal(await find('.box.selected').getAttribute('data-index'), '5');
    await workbench.page.keyboard.press('Escape');
    assert.equal(await find('.box.selected').count(), 0);
    assert.equal(await find('.answer-table [tabindex="0"]').count(), 1, 'one stop of the Tab key');
  });

  step('the table is copied and saved in its forms, and nothing in a file is a formula', async () => {
    await find('#copy-text').click();
    await workbench.clipboardBecomes(text => text.startsWith('| Drug'));
    await find('#copy-as').click();
    await workbench.pickRow('TSV').click();
    await workbench.clipboardBecomes(text => text.includes("Ibuprofen\t-400\t'=1+1\n"));
    await find('#copy-json').click();
    const copied = JSON.parse(await workbench.clipboardBecomes(text => text.startsWith('{'))) as {
      answer: { kind: string };
    };
    assert.equal(copied.answer.kind, 'table');
    await find('#export').click();
    await workbench.pickRow('CSV').click();
    await workbench.saveAs('table.csv');
    const file = path.join(workspace.path, 'table.csv');
    await workbench.notification('table.csv was saved').waitFor({ timeout: saveMs });
    assert.ok(existsSync(file));
    assert.match(readFileSync(file, 'utf8'), /^Drug,Dose \(mg\),p\r\nAspirin,100,< 0.05\r\nIbuprofen,-400,'=1\+1\r\n/);
    await workbench.dismissNotifications();
  });

  step('the table is accessible, in dark, light and high contrast', async () => {
    await cell('100').click();
    for (const theme of ['Dark Modern', 'Light Modern', 'Dark High Contrast', 'Light High Contrast']) {
      await workbench.chooseTheme(theme);
      await find('.answer-table').waitFor();
      assert.deepEqual(await accessFaults(workbench.webview()), [], theme);
      await workbench.screenshot(`answer-table ${theme}`);
    }
    await workbench.chooseTheme('Dark Modern');
    await assertReadsAs('answer-table', find('#panel'));
  });

  step('what the answer is can be chosen, and the choice is kept until it is taken back', async () => {
    await find('#show-as').selectOption({ label: 'Text' });
    await find('#caption').filter({ hasText: '<table>' }).waitFor();
    assert.equal(await find('.answer-table').count(), 0);
    await find('#show-as').selectOption({ label: 'Automatic (Table)' });
    await find('.answer-table').waitFor();
  });

  step('a formula is drawn by the browser itself, and copied as LaTeX', async () => {
    await showAnswerTo('read in latex');
    await find('#drawing math mfrac').waitFor();
    assert.equal(await find('#drawing mtd').count(), 4);
    assert.equal(await find('#faults').isVisible(), false);
    await find('#copy-text').click();
    await workbench.clipboardBecomes(text => text === answers['read in latex']);
    assert.deepEqual(await accessFaults(workbench.webview()), []);
    await assertReadsAs('answer-formula', find('#panel'));
    await workbench.screenshot('answer-formula');
  });

  step('a report has its headings', async () => {
    await showAnswerTo('report');
    await find('.report-section').first().waitFor();
    assert.deepEqual(await find('.report-section h3').allInnerTexts(), ['FINDINGS', 'IMPRESSION']);
    await assertReadsAs('answer-report', find('#panel'));
    await workbench.screenshot('answer-report');
  });

  step('words are read line by line from where they stand, whatever order they came in', async () => {
    await showAnswerTo('ocr');
    await find('.spotted-line').first().waitFor();
    assert.deepEqual(await find('.spotted-line').allInnerTexts(), [
      'Drug Dose (mg) p',
      'Aspirin 100 0.05',
      'Ibuprofen -400 =1+1',
    ]);
    await find('.spotted-line .placed').first().click();
    await workbench.page.keyboard.press('ArrowRight');
    assert.equal(await find('.spotted-line :focus').innerText(), 'Dose (mg)');
    assert.deepEqual(await accessFaults(workbench.webview()), []);
    await assertReadsAs('answer-spotting', find('#panel'));
    await workbench.screenshot('answer-spotting');
  });

  step('the first music asks whether it is to be engraved, once; it is read in columns meanwhile', async () => {
    await showAnswerTo('kern');
    await find('#drawing table').first().waitFor();
    await assertReadsAs('answer-music', find('#panel'));
    await workbench.answerNotification('This answer is music.', 'Use a Music Engraver…');
    await workbench.pickRow('Copy the Command That Installs It').click();
    await workbench.clipboardBecomes(text => text.startsWith('npm install --ignore-scripts --prefix'));
    await workbench.dismissNotifications();
    await showAnswerTo('ocr');
    await find('.spotted-line').first().waitFor();
    await showAnswerTo('kern');
    await find('#drawing table').first().waitFor();
    assert.equal(await workbench.notification('This answer is music.').count(), 0);
  });

  step('a molecule is read as its formula and mass', async () => {
    await showAnswerTo('smiles');
    await find('#drawing img').waitFor();
    await assertReadsAs('answer-molecule', find('#panel'));
  });
});
