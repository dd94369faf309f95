// Putting an inference server into use as a person does it. The language server's part is played by a script: what is
// tested here is what the editor asks, shows, keeps and sends.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { scriptedExtension, scriptEnvironment } from '../support/scriptedServer/extension';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const KEY = 'secret-of-the-test';
const MODEL = 'google/paligemma2-10b-mix-448';
const [a, b] = ['https://gpu-a.example:8000', 'http://gpu-b.example:8000'];
const themes = [['light', 'Light Modern'], ['dark', 'Dark Modern'], ['high-contrast', 'Dark High Contrast']] as const;

describe('inference servers in the editor', () => {
  const workspace = testWorkspace(['01.png']);
  let workbench: Workbench;

  before(async () => {
    const extension = path.join(path.dirname(workspace.cache), 'extension');
    mkdirSync(extension);
    scriptedExtension(extension);
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: extension,
      settings: suiteSettings,
      env: {
        ...suiteEnvironment(workspace.cache),
        ...scriptEnvironment({
          [a]: {
            key: KEY,
            models: [{
              id: MODEL,
              mask: 'causal',
              resolutionPx: 448,
              note: 'The server lacks the plugin that puts this right.',
            }, { id: 'other', mask: 'prefix' }],
          },
          [b]: { models: [{ id: MODEL, mask: 'prefix', resolutionPx: 448 }] },
          'http://own.example': { models: [{ id: 'my-model', mask: 'unknown' }] },
          'http://slow.example': { hangs: true },
        }),
      },
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);
  const password = () => workbench.quickInput().locator('input[type="password"]');

  async function giveAddress(text: string): Promise<void> {
    await workbench.runCommand('PaliGemma 2: Use a Server…');
    await workbench.quickInput().getByText('Address of an OpenAI-compatible server').waitFor();
    await workbench.answerInput(text);
  }

  async function dialogText(): Promise<string> {
    await workbench.dialog().waitFor();
    return (await workbench.dialog().innerText()).replaceAll(/\s+/g, ' ');
  }

  step('what is no address is told while it is typed', async () => {
    await workbench.runCommand('PaliGemma 2: Use a Server…');
    await workbench.quickInput().getByText('Address of an OpenAI-compatible server').waitFor();
    await workbench.quickInput().locator('input').first().fill('gpu-a:8000');
    await workbench.quickInput().getByText('is not an address such as').waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.quickInput().waitFor({ state: 'hidden' });
  });

  step('a server that cannot be reached says so; one that never answers is left by Cancel', async () => {
    await giveAddress('http://nobody.example');
    await workbench.notification(/nobody\.example\/v1 cannot be reached/).waitFor();
    await workbench.dismissNotifications();
    await giveAddress('http://slow.example');
    await workbench.notification('Asking slow.example').getByRole('button', { name: 'Cancel' }).click();
    await workbench.notification('Asking slow.example').waitFor({ state: 'detached' });
    assert.equal(await workbench.notification(/./).count(), 0);
  });

  step(
    'two servers: a key is asked for where one is wanted, again where it is wrong, and models in common are offered with what is wrong with them',
    async () => {
      await giveAddress(`${a}, ${b}`);
      await password().waitFor();
      await workbench.quickInput().getByText(a).waitFor();
      await workbench.answerInput('wrong');
      await workbench.quickInput().getByText('did not accept this key').waitFor();
      await workbench.answerInput(KEY);
      await workbench.pickRow(MODEL).waitFor();
      assert.equal(await workbench.quickInput().locator('.monaco-list-row').count(), 1, 'only what both serve');
      assert.match(await workbench.pickRow(MODEL).innerText(), /answers differ/);
      await workbench.screenshot('servers-models');
      await workbench.pickRow(MODEL).click();
    },
  );

  step('nothing is sent without consent, which names the hosts, the open connection and the other mask', async () => {
    assert.match(
      await dialogText(),
      /Send pictures to gpu-a\.example:8000, gpu-b\.example:8000\?.*not encrypted.*answers differ.*lacks the plugin/,
    );
    await workbench.answerDialog('Cancel');
    await workbench.runCommand('PaliGemma 2: Choose Model…');
    await workbench.pickRow('Automatic').waitFor();
    assert.equal(await workbench.pickRow('gpu-a.example').count(), 0, 'no server was added');
    await workbench.page.keyboard.press('Escape');
  });

  step(
    'agreed to, the server is chosen; its key is known by now; the status bar shows a cloud and the host',
    async () => {
      await giveAddress(`${a}, ${b}`);
      await workbench.pickRow(MODEL).click();
      await dialogText();
      for (const [file] of themes.slice(0, 1)) await workbench.screenshot(`servers-consent-${file}`);
      await workbench.answerDialog('Cancel');
      for (const [file, theme] of themes.slice(1)) {
        await workbench.chooseTheme(theme);
        await giveAddress(`${a}, ${b}`);
        await workbench.pickRow(MODEL).click();
        await dialogText();
        await workbench.screenshot(`servers-consent-${file}`);
        await workbench.answerDialog(file === 'high-contrast' ? 'Send Pictures There' : 'Cancel');
      }
      await workbench.notification(/answers from now on\. Pictures that you run prompts on are sent to gpu-a/)
        .waitFor();
      await workbench.dismissNotifications();
      await workbench.statusItem().filter({ hasText: 'gpu-a.example:8000' }).waitFor();
      assert.equal(await workbench.statusItem().locator('.codicon-cloud').count(), 1);
      assert.match(
        await workbench.statusItem().locator('a').getAttribute('aria-label') ?? '',
        /Pictures are sent to gpu-a\.example:8000/,
      );
      for (const [file, theme] of themes) {
        await workbench.chooseTheme(theme);
        await workbench.statusItem().click();
        await workbench.pickRow('Pictures are sent to gpu-a.example:8000').waitFor();
        await workbench.screenshot(`servers-status-${file}`);
        await workbench.page.keyboard.press('Escape');
      }
    },
  );

  step('a run gets the key from the secret storage, and the view says where the picture went', async () => {
    await workbench.chooseFromContextMenu('01.png', 'Caption with PaliGemma 2');
    const view = workbench.webview();
    await view.locator('#caption', { hasText: 'written by the script' }).waitFor();
    assert.equal(
      await view.locator('#model').innerText(),
      `${MODEL} on gpu-a.example:8000: the picture was sent there`,
    );
    assert.equal(await view.locator('#device').innerText(), 'an inference server');
    await workbench.screenshot('servers-view');
    await view.locator('#model-card').click();
    await workbench.webview().getByText('pictures are sent there').waitFor();
  });

  step('the list of models has a group of servers', async () => {
    await workbench.runCommand('PaliGemma 2: Choose Model…');
    const row = workbench.pickRow('gpu-a.example:8000');
    await row.waitFor();
    assert.match(await row.innerText(), /on servers/);
    await workbench.screenshot('servers-list');
    await workbench.page.keyboard.press('Escape');
  });

  step('a model whose resolution nobody tells is asked about', async () => {
    await giveAddress('http://own.example');
    await workbench.pickRow('my-model').click();
    await workbench.quickInput().getByText('Resolution of my-model').waitFor();
    await workbench.pickRow('448 px').click();
    assert.match(await dialogText(), /Send pictures to own\.example\?.*not known whether/);
    await workbench.answerDialog('Cancel');
  });

  step('a removed server is out of the list, the sign goes, and its key is forgotten', async () => {
    await workbench.runCommand('PaliGemma 2: Remove a Server…');
    await workbench.pickRow('gpu-a.example:8000').click();
    assert.match(await dialogText(), /The server itself is not touched/);
    await workbench.answerDialog('Remove');
    await workbench.notification(/No more pictures are sent to it/).waitFor();
    await workbench.dismissNotifications();
    await workbench.statusItem().filter({ hasText: 'PaliGemma 2' }).waitFor();
    await workbench.runCommand('PaliGemma 2: Forget Server Key…');
    await workbench.notification('No server key is stored here').waitFor();
    assert.ok(!workbench.log().includes(KEY));
  });
});
