// The whole way to an inference server, with the real language server and model host, and a server that answers as vLLM
// was measured to.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { FakeInferenceServer } from '../support/fakeInferenceServer';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const KEY = 'secret-of-the-test';
const MODEL = 'google/paligemma2-3b-mix-224';
const runMs = 60_000;
/** What a model writes that was not trained for a picture. */
const babble = ['green text N NJMJ ', '<loc0616>', '<loc0616>'];
const page = '![](01.png)\n\n![](02.png)\n';

describe('a run on an inference server', () => {
  const workspace = testWorkspace(['01.png', '02.png']);
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
    writeFileSync(path.join(workspace.path, 'page.md'), page);
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

  step('tokens of the model become neither alt text nor a caption behind a link: a sentence says why', async () => {
    server.kind.answer = () => babble;
    await workbench.openFile('page.md');
    await workbench.chooseCodeAction('02.png', 'Write alt text (caption)');
    await workbench.notification('What the model wrote about 02.png is no sentence').waitFor({ timeout: runMs });
    await workbench.screenshot('alt-text-babble');
    await workbench.editorTextBecomes(text => text === page);
    // The answers of both are known by now: that of the other picture stands there.
    await workbench.page.locator('.view-line', { hasText: '01.png' }).filter({ hasText: 'a cat' }).waitFor();
    assert.ok(!(await workbench.page.locator('.editor-instance .view-lines').last().innerText()).includes('NJMJ'));
    await workbench.dismissNotifications();
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
