// The whole way to an inference server, with the real language server and model host, and a server that answers as vLLM
// was measured to.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { FakeInferenceServer } from '../support/fakeInferenceServer';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const KEY = 'secret-of-the-test';
const MODEL = 'google/paligemma2-3b-mix-224';
const runMs = 60_000;

describe('a run on an inference server', () => {
  const workspace = testWorkspace(['01.png']);
  let server: FakeInferenceServer;
  let workbench: Workbench;
  let host: string;

  before(async () => {
    server = await FakeInferenceServer.start({
      models: [MODEL],
      key: KEY,
      hasPrefixMask: false,
      answer: () => ['a', ' cat'],
    });
    host = new URL(server.origin).host;
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
  const picturesSent = () =>
    server.requests.filter(({ body }) => JSON.stringify(body ?? {}).includes('caption en') && body?.stream === true);

  step('address, key, what it serves, the warning of its mask, and the consent', async () => {
    await workbench.runCommand('PaliGemma 2: Use a Server…');
    await workbench.quickInput().getByText('Address of an OpenAI-compatible server').waitFor();
    await workbench.answerInput(server.origin);
    await workbench.quickInput().locator('input[type="password"]').waitFor({ timeout: runMs });
    await workbench.answerInput(KEY);
    const row = workbench.pickRow(MODEL);
    await row.waitFor({ timeout: runMs });
    assert.match((await row.innerText()).replaceAll(/\s+/g, ' '), /answers differ/);
    await row.click();
    await workbench.dialog().filter({ hasText: `Send pictures to ${host}?` }).waitFor();
    assert.equal(picturesSent().length, 0);
    await workbench.answerDialog('Send Pictures There');
    await workbench.notification(/answers from now on/).waitFor({ timeout: runMs });
    await workbench.statusItem().filter({ hasText: host }).waitFor();
    await workbench.dismissNotifications();
  });

  step('a caption comes from the server, with the key, and the view says so', async () => {
    await workbench.chooseFromContextMenu('01.png', 'Caption with PaliGemma 2');
    const view = workbench.webview();
    await view.locator('#caption', { hasText: 'a cat' }).waitFor({ timeout: runMs });
    assert.match(await view.locator('#model').innerText(), new RegExp(`on ${host}: the picture was sent there`));
    assert.equal(await view.locator('#device').innerText(), 'an inference server');
    assert.equal(picturesSent().length, 1);
    assert.equal(picturesSent()[0]?.headers.authorization, `Bearer ${KEY}`);
    await workbench.screenshot('inference-server');
  });

  step('removed, the sign goes and nothing is sent any more', async () => {
    await workbench.runCommand('PaliGemma 2: Remove a Server…');
    await workbench.pickRow(host).click();
    await workbench.answerDialog('Remove');
    await workbench.notification(/No more pictures are sent to it/).waitFor();
    await workbench.statusItem().filter({ hasText: 'PaliGemma 2' }).waitFor();
    assert.ok(!workbench.log().includes(KEY));
  });
});
