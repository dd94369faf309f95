// How sure the model was, in the image view: words beside regions, and a slider that hides the less sure ones.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Locator } from 'playwright-core';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const firstAnswerMs = 90_000;

describe('confidence', () => {
  const workspace = testWorkspace(['01.png']);
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
  const shownItems = () => find('#regions li:not([hidden])').count();

  step('each region says how sure the model was', async () => {
    await workbench.chooseFromContextMenu('01.png', 'Detect Objects');
    await workbench.answerInput('shape');
    await find('.box').nth(3).waitFor({ timeout: firstAnswerMs });
    for (const place of await find('#regions .place').allInnerTexts()) assert.match(place, / · (?:un|fairly )?sure$/);
  });

  step('by keys the slider hides the less sure ones, and says what it leaves', async () => {
    const slider = find('#confidence');
    assert.equal(await slider.getAttribute('aria-valuetext'), 'all regions');
    await slider.focus();
    await workbench.page.keyboard.press('End');
    await find('#shown-count').filter({ hasText: /of 4 shown/ }).waitFor();
    const shown = await shownItems();
    assert.ok(shown >= 1 && shown < 4, String(shown));
    assert.match(await slider.getAttribute('aria-valuetext') ?? '', /sure/);
    assert.equal(await find('.box:visible').count(), shown);
    await workbench.screenshot('view-confidence');
  });

  step('at its lower end all are there again', async () => {
    await workbench.page.keyboard.press('Home');
    await find('#shown-count:empty').waitFor({ state: 'attached' });
    assert.equal(await shownItems(), 4);
    assert.equal(await find('#confidence').getAttribute('aria-valuetext'), 'all regions');
  });
});
