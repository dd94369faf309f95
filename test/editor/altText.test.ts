// A person who writes: alt text by the light bulb's menu, hovers over pictures with what is known of them, captions at
// the end of the line.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { recordedAnswer } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 90_000;
const captionOf = (image: string) => recordedAnswer(image, 'caption en');
const page = '# Page\n\n![](01.png)\n\n![old words](02.png)\n\n![](03.png)\n';

/** Documents with one picture whose alt text is missing, and what they become. */
const documents = [
  ['page.html', '<p><img src="01.png"></p>\n', '<p><img src="01.png" alt="ALT"></p>\n'],
  [
    'view.tsx',
    'export const view = <img src="./01.png" />;\n',
    'export const view = <img src="./01.png" alt="ALT" />;\n',
  ],
  ['paper.tex', '\\includegraphics[width=4cm]{01.png}\n', '\\includegraphics[width=4cm,alt={ALT}]{01.png}\n'],
] as const;

describe('pictures in documents', () => {
  const workspace = testWorkspace(['01.png', '02.png', '03.png']);
  let workbench: Workbench;

  before(async () => {
    writeFileSync(path.join(workspace.path, 'page.md'), page);
    for (const [name, text] of documents) writeFileSync(path.join(workspace.path, name), text);
    writeFileSync(path.join(workspace.path, 'code.py'), 'picture = "02.png"\nother = "words"\n');
    writeFileSync(path.join(workspace.path, 'settings.ini'), 'logo = 03.png\n');
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      env: suiteEnvironment(workspace.cache),
      settings: { ...suiteSettings, 'workbench.hover.delay': 300, 'editor.wordWrap': 'off' },
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);

  async function undo(): Promise<void> {
    await workbench.page.locator('.editor-instance .monaco-editor .view-lines').last().click();
    await workbench.page.keyboard.press('Control+Z');
  }

  step('Markdown: the caption becomes the alt text, nothing else changes, and one Undo takes it back', async () => {
    await workbench.openFile('page.md');
    await workbench.chooseCodeAction('01.png', 'Write alt text (caption)');
    await workbench.editorTextBecomes(
      text => text === page.replace('![](01.png)', `![${captionOf('01.png')}](01.png)`),
      firstAnswerMs,
    );
    await undo();
    await workbench.editorTextBecomes(text => text === page);
  });

  step('the caption that is known now stands behind the link', async () => {
    const hint = workbench.page.locator('.view-line', { hasText: '![](01.png)' });
    await hint.filter({ hasText: captionOf('01.png').slice(0, 30) }).waitFor();
    await workbench.screenshot('alt-text-hint');
  });

  step('alt text that is there is replaced by an action of that name only', async () => {
    await workbench.chooseCodeAction('02.png', 'Replace alt text (long description)');
    await workbench.editorTextBecomes(text =>
      text === page.replace('old words', recordedAnswer('02.png', 'describe en'))
    );
    await undo();
    await workbench.editorTextBecomes(text => text === page);
  });

  step('all that is missing in the file is shown first, and written where the person ticks it', async () => {
    await workbench.chooseCodeAction('01.png', 'Write missing alt text in this file (2 images)');
    const preview = workbench.page.locator('.bulk-edit-panel');
    await preview.getByText(captionOf('03.png')).waitFor({ timeout: firstAnswerMs });
    await workbench.screenshot('alt-text-preview');
    await preview.locator('.monaco-list-row', { hasText: 'page.md' }).locator('.edit-checkbox').first().click();
    await preview.getByText('Apply', { exact: true }).click();
    const expected = page.replace('![](01.png)', `![${captionOf('01.png')}](01.png)`).replace(
      '![](03.png)',
      `![${captionOf('03.png')}](03.png)`,
    );
    await workbench.editorTextBecomes(text => text === expected);
    await undo();
    await workbench.editorTextBecomes(text => text === page);
  });

  step('what is discarded or not ticked is not said to be written', async () => {
    const preview = workbench.page.locator('.bulk-edit-panel');
    const rows = preview.locator('.monaco-list-row');
    const offer = async () => {
      await workbench.chooseCodeAction('01.png', 'Write missing alt text in this file (2 images)');
      await preview.getByText(captionOf('03.png')).waitFor({ timeout: firstAnswerMs });
    };
    await offer();
    await preview.getByText('Discard', { exact: true }).click();
    await workbench.notification('Nothing was written: the alt text of 2 images was not applied.').waitFor();
    await workbench.dismissNotifications();
    await offer();
    await preview.getByText('Apply', { exact: true }).click();
    await workbench.notification('Nothing was written: the alt text of 2 images was not applied.').waitFor();
    await workbench.dismissNotifications();
    await workbench.editorTextBecomes(text => text === page);
    await offer();
    await rows.filter({ hasText: captionOf('03.png') }).locator('.edit-checkbox').click();
    await preview.getByText('Apply', { exact: true }).click();
    const told = workbench.notification('Alt text for').first();
    await told.waitFor();
    await workbench.screenshot('alt-text-partly');
    assert.match(await told.innerText(), /Alt text for 1 of 2 images; the others were not applied\./);
    await workbench.editorTextBecomes(text =>
      text === page.replace('![](03.png)', `![${captionOf('03.png')}](03.png)`)
    );
    await workbench.dismissNotifications();
    await undo();
    await workbench.editorTextBecomes(text => text === page);
  });

  for (const [name, before, expected] of documents) {
    step(`${name}: the caption becomes the alt text, and one Undo takes it back`, async () => {
      await workbench.openFile(name);
      await workbench.chooseCodeAction('01.png', 'Write alt text (caption)');
      await workbench.editorTextBecomes(text => text === expected.replace('ALT', captionOf('01.png')));
      await undo();
      await workbench.editorTextBecomes(text => text === before);
    });

    step(`${name}: the hover shows the picture, its size and its caption, with its links in sight`, async () => {
      const hover = await workbench.hover('01.png', captionOf('01.png'));
      await hover.getByText('640 × 814 px').waitFor();
      assert.deepEqual(await drawn(), { width: 110, height: 140, isLoaded: true });
      const [own, link] = [await hover.boundingBox(), await hover.getByRole('link', { name: 'Ask…' }).boundingBox()];
      // What other extensions say of code may stand above.
      assert.ok(
        name === 'view.tsx' || (own !== null && link !== null && link.y + link.height <= own.y + own.height),
        'the links need no scrolling',
      );
    });
  }

  step('a link of the hover runs, and its boxes are on the picture of the next hover', async () => {
    await workbench.openFile('page.md');
    const hover = await workbench.hover('01.png', 'Detect…');
    await hover.getByRole('link', { name: 'Detect…' }).click();
    await workbench.answerInput('red star ; purple heart');
    await workbench.webview().locator('.box').nth(1).waitFor();
    await workbench.openFile('page.md');
    await workbench.hover('01.png', 'red star, purple heart');
    const picture = workbench.page.locator('.monaco-hover:visible img').first();
    const pixels = await picture.evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      return [image.naturalWidth, image.naturalHeight];
    });
    assert.deepEqual(pixels, [503, 640], 'more pixels than it is shown with');
  });

  for (
    const [file, theme] of [['light', 'Light Modern'], ['dark', 'Dark Modern'], ['hc', 'Dark High Contrast']] as const
  ) {
    step(`the hover is readable in the theme ${theme}`, async () => {
      await workbench.chooseTheme(theme);
      const hover = await workbench.hover('01.png', captionOf('01.png'));
      const { ink, ground } = await hover.evaluate(node => ({
        ink: getComputedStyle(node).color,
        ground: getComputedStyle(node).backgroundColor,
      }));
      assert.notEqual(ink, ground);
      await workbench.screenshot(`hover-${file}`);
      await workbench.page.keyboard.press('Escape');
    });
  }

  step('in a string of any language the hover shows the picture, and other strings show none', async () => {
    await workbench.openFile('code.py');
    const hover = await workbench.hover('02.png', '640 × 577 px');
    await hover.getByRole('link', { name: 'Caption' }).click();
    await workbench.webview().locator('h1', { hasText: '02.png' }).waitFor({ state: 'attached' });
    await workbench.webview().locator('#caption', { hasText: captionOf('02.png') }).waitFor();
    await workbench.openFile('settings.ini');
    await workbench.hover('03.png', captionOf('03.png'));
  });

  step('a right-click on a link, in markup and in a string of any language, runs on its picture', async () => {
    await workbench.openFile('page.html');
    await workbench.chooseFromTextMenu('01.png', 'PaliGemma 2', 'Describe Picture');
    await answered('01.png', 'describe en');
    await workbench.openFile('settings.ini');
    await workbench.chooseFromTextMenu('03.png', 'PaliGemma 2', 'Caption with PaliGemma 2');
    await answered('03.png', 'caption en');
  });

  step(
    'a right-click beside the links says that there is no picture; the palette takes the one at the cursor',
    async () => {
      await workbench.openFile('page.md');
      await workbench.chooseFromTextMenu('# Page', 'PaliGemma 2', 'Caption with PaliGemma 2');
      await workbench.notification('There is no picture at the cursor').waitFor();
      await workbench.dismissNotifications();
      await workbench.clickWords('02.png');
      await workbench.runCommand('Describe Picture');
      await answered('02.png', 'describe en');
    },
  );

  async function answered(image: string, prompt: string): Promise<void> {
    await workbench.webview().locator('h1', { hasText: image }).waitFor({ state: 'attached', timeout: firstAnswerMs });
    await workbench.webview().locator('#caption', { hasText: recordedAnswer(image, prompt) }).waitFor({
      timeout: firstAnswerMs,
    });
  }

  step('the Explorer tells the caption of a picture that has one', async () => {
    const tooltip = workbench.page.locator('.workbench-hover, .monaco-hover').filter({
      hasText: captionOf('01.png').slice(0, 40),
    }).first();
    for (let attempt = 0; attempt < 8; attempt++) {
      // What is known is asked for when a row is drawn anew.
      await workbench.page.mouse.move(0, 0);
      await workbench.file('01.png').hover();
      if (await tooltip.waitFor({ timeout: 3_000 }).then(() => true, () => false)) break;
    }
    assert.ok(await tooltip.isVisible());
    await workbench.screenshot('explorer-tooltip');
  });

  /** The first picture of the hover that is open. */
  function drawn(): Promise<{ width: number; height: number; isLoaded: boolean }> {
    return workbench.page.locator('.monaco-hover:visible img').first().evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      return { width: image.clientWidth, height: image.clientHeight, isLoaded: image.naturalWidth > 0 };
    });
  }
});
