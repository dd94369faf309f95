// A person with a mouse: right-click on pictures in the Explorer, the image view, Copy, cancel, themes.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { recordedAnswer, sampleImages } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

const caption = 'Caption with PaliGemma 2';
/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 60_000;

describe('the Explorer', () => {
  const workspace = testWorkspace(sampleImages, 12);
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

  /** Text of an element of the image view in front, once it has one. */
  async function shown(id: string): Promise<string> {
    return (await workbench.webview().locator(`#${id}`).innerText()).trim();
  }

  /** Waits until the view in front is that of this picture and prompt, and complete. */
  async function answered(image: string, prompt: string, timeout = 20_000): Promise<void> {
    const view = workbench.webview();
    await view.locator('h1', { hasText: image }).waitFor({ timeout });
    await view.locator('#prompt', { hasText: prompt }).waitFor({ timeout });
    await view.locator('#copy-text:enabled').waitFor({ timeout });
  }

  /** A failed step leaves a picture behind, which says more than its message. */
  const step = stepsIn(() => workbench);

  step(
    'a right-click on a picture and “Caption with PaliGemma 2” show the recorded caption and the model’s name',
    async () => {
      await workbench.chooseFromContextMenu('01.png', caption);
      await answered('01.png', 'caption en', firstAnswerMs);
      assert.equal(await shown('caption'), recordedAnswer('01.png', 'caption en'));
      assert.equal(await shown('model'), 'paligemma2-demo-224');
      assert.notEqual(await shown('model-note'), '', 'says what the demo model can do');
    },
  );

  step('the picture itself is in the view', async () => {
    const image = workbench.webview().locator('img').first();
    await image.waitFor();
    const widthPx = await image.evaluate(async (element: HTMLImageElement) => {
      await element.decode();
      return element.naturalWidth;
    });
    assert.equal(widthPx, 640);
  });

  step('Copy puts the text on the clipboard, and JSON where that is asked for', async () => {
    await workbench.webview().locator('#copy-text').click();
    await workbench.clipboardBecomes(text => text === recordedAnswer('01.png', 'caption en'));
    await workbench.webview().locator('#copy-json').click();
    const copied = JSON.parse(await workbench.clipboardBecomes(text => text.startsWith('{'))) as Record<
      string,
      unknown
    >;
    assert.equal(copied['suffix'], recordedAnswer('01.png', 'caption en'));
    assert.equal(copied['model'], 'paligemma2-demo-224');
  });

  step('nothing is offered for a text file', async () => {
    const labels = await workbench.contextMenuLabels('notes.txt');
    assert.ok(labels.length > 3, 'the menu is there');
    assert.deepEqual(labels.filter(label => /PaliGemma|Detect|Segment|Describe Picture|OCR/.test(label)), []);
    assert.ok((await workbench.contextMenuLabels('02.png')).includes(caption));
  });

  step('Detect Objects… asks for objects and draws a box for each', async () => {
    await workbench.chooseFromContextMenu('02.png', 'Detect Objects');
    await workbench.answerInput('ring, yellow heart');
    await answered('02.png', 'detect ring ; yellow heart');
    const view = workbench.webview();
    await view.locator('.box').nth(1).waitFor();
    assert.equal(await view.locator('.box').count(), 2);
    assert.match((await view.locator('#regions li').allInnerTexts()).join('\n'), /ring[^]*yellow heart/);
    await view.locator('#regions li').nth(1).click();
    assert.equal(await view.locator('#regions li').nth(1).getAttribute('aria-selected'), 'true');
  });

  for (
    const [file, theme] of [['light', 'Light Modern'], ['dark', 'Dark Modern'], [
      'high-contrast',
      'Dark High Contrast',
    ]] as const
  ) {
    step(`the view follows the theme ${theme}`, async () => {
      await workbench.chooseTheme(theme);
      const { text, ground } = await workbench.webview().locator('body').evaluate(body => ({
        text: getComputedStyle(body).color,
        ground: getComputedStyle(document.documentElement).getPropertyValue('--vscode-editor-background'),
      }));
      assert.notEqual(text, ground);
      await workbench.screenshot(`image-view-${file}`);
    });
  }

  step('several pictures end in the results view with an answer for each', async () => {
    await workbench.chooseFromContextMenu('04.png', caption, ['03.png', '04.png']);
    await workbench.quickInput().locator('.monaco-list-row', { hasText: 'Show Results' }).click();
    for (const image of ['03.png', '04.png']) {
      const tile = workbench.webview().locator('.cell', { hasText: image });
      await tile.getByText(recordedAnswer(image, 'caption en'), { exact: true }).waitFor();
    }
    await workbench.webview().locator('.facts', { hasText: 'paligemma2-demo-224' }).waitFor();
  });

  step('a picture that is none fails with a sentence that names it, in the view alone', async () => {
    await workbench.chooseFromContextMenu('broken.png', caption);
    const view = workbench.webview();
    await view.locator('#status', { hasText: /broken\.png.*contains text/ }).waitFor();
    // Once: not on the picture's place as well, nor in a notification over the panel.
    await view.locator('.unavailable', { hasText: 'This picture cannot be shown' }).waitFor();
    const places = await view.locator('p:not(.visually-hidden):visible').allInnerTexts();
    assert.equal(places.filter(text => text.includes('contains text')).length, 1, places.join('\n'));
    assert.equal(await workbench.notification(/./).count(), 0);
  });

  step('Cancel ends a run over several pictures without an answer and without an error', async () => {
    // Enough of them that a person has the time to cancel.
    await workbench.chooseFromContextMenu('05.png', 'Describe Picture', [...sampleImages, ...workspace.moreImages]);
    await workbench.quickInput().locator('.monaco-list-row', { hasText: 'Show Results' }).click();
    const progress = workbench.notification('Describing');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'detached' });
    await workbench.webview().locator('#retry', { hasText: 'Answer the Rest' }).waitFor();
    assert.equal(await workbench.notification(/./).count(), 0, 'no error is shown');
    await workbench.chooseFromContextMenu('05.png', caption, ['05.png']);
    await answered('05.png', 'caption en');
    assert.equal(await shown('caption'), recordedAnswer('05.png', 'caption en'));
  });
});
