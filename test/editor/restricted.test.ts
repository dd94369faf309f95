// Restricted Mode: what a document shows by itself works, nothing runs a model, and the person is told why.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

describe('a workspace that is not trusted', () => {
  const workspace = testWorkspace(['01.png']);
  let workbench: Workbench;

  before(async () => {
    writeFileSync(path.join(workspace.path, 'page.md'), '![](01.png)\n');
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      isRestricted: true,
      settings: { ...suiteSettings, 'workbench.editor.useModal': 'off' },
      env: suiteEnvironment(workspace.cache),
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);

  step(
    'is in Restricted Mode',
    () => workbench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor(),
  );

  step('a hover shows the picture', async () => {
    await workbench.openFile('page.md');
    await workbench.hover('01.png', '640 × 814 px');
  });

  step('its links, and the actions of the light bulb, say that nothing runs here', async () => {
    const hover = await workbench.hover('01.png', 'Caption');
    await hover.getByRole('link', { name: 'Caption' }).click();
    await workbench.notification('runs models in trusted workspaces only').waitFor();
    await workbench.dismissNotifications();
    await workbench.chooseCodeAction('01.png', 'Write alt text (caption)');
    await workbench.notification('runs models in trusted workspaces only').waitFor();
    assert.equal(await workbench.editorText(), '![](01.png)\n');
  });

  step('no server is offered among the models', async () => {
    await workbench.runCommand('PaliGemma 2: Choose Model…');
    await workbench.pickRow('Automatic').first().waitFor();
    // Nothing is called that: what is always there is left.
    await workbench.page.keyboard.type('zzzz');
    await workbench.pickRow('Add a Model Folder…').first().waitFor();
    assert.equal(await workbench.pickRow('Use a Server…').count(), 0);
    await workbench.page.keyboard.press('Escape');
  });

  step('no model was prepared, and nothing but the editor has drawn the picture', () => {
    assert.deepEqual(
      existsSync(workspace.cache)
        ? readdirSync(workspace.cache).filter(name => ['converted', 'thumbnails', 'previews'].includes(name))
        : [],
      [],
    );
    return Promise.resolve();
  });

  step('once the workspace is trusted, the hover shows a picture of our own', async () => {
    await workbench.runCommand('Workspaces: Manage Workspace Trust');
    await workbench.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).first()
      .click();
    await workbench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ state: 'detached' });
    await workbench.openFile('page.md');
    await workbench.hover('01.png', '640 × 814 px');
    assert.ok(readdirSync(workspace.cache).includes('thumbnails'));
  });
});
