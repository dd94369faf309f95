// What a person meets when the language server dies, the window is reloaded or the extension is switched off in the
// middle of a run.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { isAlive, processesOf, until } from '../support/processes';
import { recordedAnswer, sampleImages } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const caption = 'Caption with PaliGemma 2';
const firstAnswerMs = 60_000;
const goneMs = 30_000;

describe('in mid-run', () => {
  // Enough pictures that a run is still going on while something happens to it.
  const workspace = testWorkspace(sampleImages, 50);
  const images = [...sampleImages, ...workspace.moreImages];
  const ours = () =>
    ['server.js', 'model-host.js'].map(name =>
      processesOf(path.join('dist', name), `PALIGEMMA_CACHE=${workspace.cache}`)
    );
  let workbench: Workbench;

  before(async () => {
    // So high that every picture is seen in the Explorer.
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: { ...suiteSettings, 'explorer.compactFolders': false, 'files.exclude': { '**/*.txt': true } },
      env: suiteEnvironment(workspace.cache),
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });
  const step = stepsIn(() => workbench);

  /** One picture ends in its view with the right answer. */
  async function assertAnswers(image: string, menu = caption, prompt = 'caption en'): Promise<void> {
    // All pictures are still selected.
    await workbench.chooseFromContextMenu(image, menu, [image]);
    const view = workbench.webview();
    await view.locator('h1', { hasText: image }).waitFor({ timeout: firstAnswerMs });
    await view.locator('#prompt', { hasText: prompt }).waitFor({ timeout: firstAnswerMs });
    await view.locator('#copy-text:enabled').waitFor({ timeout: firstAnswerMs });
    assert.equal((await view.locator('#caption').innerText()).trim(), recordedAnswer(image, prompt));
  }

  /** Starts a run over all pictures and returns server and host once it is under way. */
  async function startRun(
    menu: string,
    output: string,
    title: string,
  ): Promise<readonly [server: number, host: number]> {
    await workbench.chooseFromContextMenu(images[0] ?? '', menu, async () => {
      await workbench.file(images[0] ?? '').click();
      await workbench.page.keyboard.press('Control+A');
    });
    await workbench.quickInput().locator('.monaco-list-row', { hasText: output }).click();
    await workbench.notification(title).waitFor();
    return until('server and host', goneMs, () => {
      const [[server], [host]] = ours() as [number[], number[]];
      return server === undefined || host === undefined ? undefined : [server, host] as const;
    });
  }

  const assertGone = (pids: readonly number[]) =>
    until(`the end of ${pids.join(' and ')}`, goneMs, () => pids.some(isAlive) ? undefined : true);

  step(
    'the language server is killed: the person is told, host and server are replaced, the next run works',
    async () => {
      await assertAnswers('01.png');
      const [server, host] = await startRun('Describe Picture', 'Show Results', 'Describing');
      process.kill(server, 'SIGKILL');
      await workbench.notification(/language server of PaliGemma 2 stopped before it answered.*try again/).waitFor();
      await assertGone([server, host]);
      await workbench.screenshot('server-killed');
      await workbench.dismissNotifications();
      await assertAnswers('02.png');
      assert.deepEqual(ours().map(pids => pids.length), [1, 1]);
    },
  );

  step(
    'the window is reloaded in the middle of a batch: no process stays, and the batch goes on where it stopped',
    async () => {
      // Long answers: the window must be gone before the last of them.
      const pids = await startRun('Describe Picture', 'Text File Beside Each Picture', 'Describing');
      await workbench.runCommand('Developer: Reload Window');
      await workbench.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
      await workbench.answerNotification(/stopped when its window closed: \d+ of \d+ pictures were done/, 'Resume');
      await assertGone(pids);
      await workbench.notification(/pictures are done/).waitFor({ timeout: firstAnswerMs });
      for (const image of sampleImages) {
        assert.equal(
          readFileSync(path.join(workspace.path, image.replace('.png', '.txt')), 'utf8'),
          `${recordedAnswer(image, 'describe en')}\n`,
        );
      }
      for (const image of images) rmSync(path.join(workspace.path, image.replace('.png', '.txt')));
      await workbench.dismissNotifications();
    },
  );

  step('the extension is switched off: no process stays; switched on again it works', async () => {
    // Nothing that is known already: the model has to be at work.
    const pids = await startRun('Caption with PaliGemma 2', 'Show Results', 'Captioning');
    await workbench.runCommand('Extensions: Disable All Installed Extensions');
    await workbench.runCommand('Developer: Reload Window');
    await workbench.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    await assertGone(pids);
    assert.deepEqual(ours(), [[], []]);
    await workbench.runCommand('Extensions: Enable All Extensions');
    // Not known yet, so that the model has to run.
    await assertAnswers('09.png', 'Read Text (OCR)', 'ocr');
    assert.deepEqual(ours().map(found => found.length), [1, 1]);
  });
});
