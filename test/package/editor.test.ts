// The VSIX in a VS Code that has never seen the checkout: installed by the editor's own command, used by mouse.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { packageFact } from '../support/packages';
import { recordedAnswer } from '../support/samples';
import { stepsIn } from '../support/vscodeHost/steps';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const withoutEditor = process.env['PALIGEMMA_TEST_NO_EDITOR'];
/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 60_000;

if (withoutEditor !== undefined) {
  test('the packaged demo model captions in VS Code', { skip: withoutEditor }, () => undefined);
} else {
  describe('the VSIX in VS Code', () => {
    const workspace = testWorkspace(['01.png']);
    let workbench: Workbench;

    before(async () => {
      workbench = await Workbench.open({
        folder: workspace.path,
        vsix: packageFact('PALIGEMMA_TEST_VSIX'),
        settings: suiteSettings,
        env: suiteEnvironment(workspace.cache),
      });
    });
    after(async () => {
      await workbench.close();
      workspace.remove();
    });

    const step = stepsIn(() => workbench);

    step('a right-click captions a picture with the packaged demo model', async () => {
      await workbench.chooseFromContextMenu('01.png', 'Caption with PaliGemma 2');
      const view = workbench.webview();
      await view.locator('h1', { hasText: '01.png' }).waitFor({ timeout: firstAnswerMs });
      await view.locator('#copy-text:enabled').waitFor({ timeout: firstAnswerMs });
      assert.equal((await view.locator('#caption').innerText()).trim(), recordedAnswer('01.png', 'caption en'));
      assert.equal((await view.locator('#model').innerText()).trim(), 'paligemma2-demo-224');
    });
  });
}
