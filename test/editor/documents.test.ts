// Documents in the editor: pages in the image view, their own text, a batch in which each page is a picture.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Locator } from 'playwright-core';
import { pdf } from '../support/pdfs';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const firstAnswerMs = 90_000;

describe('documents', () => {
  const workspace = testWorkspace(['01.png']);
  const at = (name: string) => path.join(workspace.path, name);
  let workbench: Workbench;

  before(async () => {
    writeFileSync(
      at('report.pdf'),
      pdf([
        { width: 300, height: 200, lines: ['Rent is due', 'on Monday'] },
        { width: 300, height: 200, rectangle: [100, 50, 100, 100] },
        { width: 300, height: 200, lines: ['The third page'] },
      ]),
    );
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

  step('the menu of a document reads its first page: the text of the document, and the view says so', async () => {
    await workbench.chooseFromContextMenu('report.pdf', 'Read Text (OCR)');
    await find('#caption').filter({ hasText: 'Rent is due' }).waitFor({ timeout: firstAnswerMs });
    await find('#status').filter({ hasText: 'The text of the document itself' }).waitFor();
    await find('.stage img[src^="data:image/png"]').waitFor();
    await find('#picture-place').filter({ hasText: 'page 1 of 3' }).waitFor();
    await workbench.screenshot('view-document');
  });

  step('Next shows the next page, which is asked by itself', async () => {
    await find('#next-picture').click();
    await find('#picture-place').filter({ hasText: 'page 2 of 3' }).waitFor();
    await find('h1').filter({ hasText: 'report.pdf#page=2' }).waitFor({ state: 'attached' });
    await find('.stage img[src^="data:image/png"]').waitFor();
    await find('#prompt-input').fill('detect square');
    await find('#prompt-input').press('Enter');
    await find('.box').first().waitFor({ timeout: firstAnswerMs });
    assert.ok(!await find('#banner').isVisible(), 'the answer belongs to the page that is shown');
    await workbench.screenshot('view-document-page');
  });

  step('the answer of a page is there again when the person comes back to it', async () => {
    await find('#previous-picture').click();
    await find('#picture-place').filter({ hasText: 'page 1 of 3' }).waitFor();
    await find('#caption').filter({ hasText: 'Rent is due' }).waitFor();
  });

  step('in a batch each page is a picture of its own', async () => {
    await workbench.chooseFromContextMenu('report.pdf', 'Read Text (OCR)', ['01.png', 'report.pdf']);
    await workbench.pickRow('Text File Beside Each Picture').first().click();
    await workbench.notification(/4 of 4 pictures are done|4 pictures/).waitFor({ timeout: firstAnswerMs });
    assert.equal(readFileSync(at('report.page-3.txt'), 'utf8').trim(), 'The third page');
    assert.ok(existsSync(at('report.page-2.txt')));
    assert.ok(!existsSync(at('report.txt')));
  });
});
