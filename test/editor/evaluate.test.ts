// A data set in the Explorer: its lines are run with a model, and the worst answers stand first beside their pictures.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { recordedAnswer } from '../support/samples';
import { accessFaults } from '../support/vscodeHost/axe';
import { stepsIn } from '../support/vscodeHost/steps';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const command = 'Evaluate This Data Set…';
const firstAnswerMs = 60_000;

describe('a data set', () => {
  const workspace = testWorkspace(['01.png', '02.png']);
  let workbench: Workbench;
  const step = stepsIn(() => workbench);

  before(async () => {
    const lines = [
      { image: '01.png', prefix: 'caption en', suffix: recordedAnswer('01.png', 'caption en') },
      { image: '02.png', prefix: 'detect triangle', suffix: recordedAnswer('02.png', 'detect triangle') },
      { image: '02.png', prefix: 'answer en is there a ring?', suffix: '<b>never</b>' },
    ];
    writeFileSync(
      path.join(workspace.path, 'valid.jsonl'),
      [...lines, { image: 'gone.png', prefix: 'ocr', suffix: '' }].map(line => `${JSON.stringify(line)}\n`).join(''),
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

  const find = (selector: string) => workbench.webview().locator(selector);

  step('is evaluated from its menu, and the worst line stands first beside its picture', async () => {
    await workbench.chooseFromContextMenu('valid.jsonl', command);
    await workbench.answerInput('demo');
    await find('h1').filter({ hasText: 'Evaluation of valid.jsonl' }).waitFor({ timeout: firstAnswerMs });
    const first = find('article').first();
    assert.match(await first.innerText(), /Line 3: 02\.png[^]*answer en is there a ring\?[^]*<b>never<\/b>/);
    assert.equal(await first.locator('img').count(), 1);
    assert.equal(await find('article').count(), 3);
    await workbench.notification('1 line of valid.jsonl could not be evaluated.').waitFor();
    await workbench.screenshot('evaluation');
  });

  step('is filtered by keys to the answers that are not right', async () => {
    await find('select[name=most]').focus();
    await find('select[name=most]').selectOption('0.999999');
    await find('[role=status]').filter({ hasText: '1 of 3 lines are shown.' }).waitFor();
    assert.equal(await find('li[data-right]:visible').count(), 1);
    await find('select[name=most]').selectOption('1');
  });

  step('axe finds nothing wrong with the page, in light, dark and high contrast', async () => {
    await workbench.dismissNotifications();
    for (const theme of ['Light Modern', 'Dark Modern', 'Dark High Contrast']) {
      await workbench.chooseTheme(theme);
      assert.deepEqual(await accessFaults(workbench.webview()), [], theme);
      await workbench.screenshot(`evaluation-${theme.toLowerCase().replaceAll(' ', '-')}`);
    }
  });

  step('its wrong lines are shown with both answers, until their text is another', async () => {
    await workbench.chooseFromContextMenu('valid.jsonl', 'Show Data Set');
    await find('#count').getByText('4 lines', { exact: true }).waitFor();
    await find('#state').selectOption('wrong');
    await find('#count').getByText('1 of 4 lines', { exact: true }).waitFor();
    await find('#order').selectOption('rightness');
    await find('.cell .mark.wrong').getByText('answered wrongly: 0% right', { exact: true }).waitFor();
    await find('.cell .model-answer').getByText('the model:').waitFor();
    await find('.cell').first().click();
    await workbench.page.keyboard.press('Enter');
    await find('#judged .model-answer').waitFor();
    assert.equal(await find('#answer-field').inputValue(), '<b>never</b>');
    assert.deepEqual(await accessFaults(workbench.webview()), []);
    await workbench.screenshot('data-set-wrong-line');
    await find('#answer-field').fill('no');
    await find('#judged').waitFor({ state: 'hidden' });
  });
});
