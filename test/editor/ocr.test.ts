// A person with a screenshot: its text at the cursors, by command, by Ctrl+V and by Paste As.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { temporaryFolder } from '../support/commandLine';
import { recordedAnswer, samplePath } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';

const command = 'OCR Screenshot into Editor';
/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 30_000;
const word = recordedAnswer('12.png', 'ocr');

describe('OCR into the editor', () => {
  const folder = temporaryFolder();
  const at = (name: string): string => folder.at('files', name);
  let workbench: Workbench;

  before(async () => {
    mkdirSync(at(''));
    for (const image of ['01.png', '11.png', '12.png']) copyFileSync(samplePath(image), at(image));
    writeFileSync(at('code.ts'), 'function f() {\n    // \n    let a = \n    let b = \n}\n');
    writeFileSync(at('notes.txt'), 'first\nsecond\n');
    writeFileSync(at('page.md'), '# Page\n');
    writeFileSync(at('drop.txt'), 'first\nsecond\n');
    writeFileSync(at('drop.md'), '# Drop\n');
    writeFileSync(at('drop.ts'), 'function f() {\n    // \n    let a = \n}\n');
    workbench = await Workbench.open({
      folder: at(''),
      installed: process.cwd(),
      env: {
        ...suiteEnvironment(folder.at('cache')),
        PALIGEMMA_HOST_PATH: path.resolve('test/support/vscodeHost/gatedHost.mjs'),
        GATED_HOST_UNTIL: folder.at('gate'),
      },
      settings: { ...suiteSettings, 'editor.autoClosingBrackets': 'never', 'files.autoSave': 'off' },
    });
  });
  after(async () => {
    await workbench.close();
    folder.remove();
  });

  const step = stepsIn(() => workbench);

  /** Puts a real picture on the clipboard, as a screenshot tool does. */
  async function copyPicture(name: string): Promise<void> {
    const bytes = readFileSync(samplePath(name)).toString('base64');
    await workbench.page.evaluate(`(async () => {
      const blob = new Blob([Uint8Array.from(atob('${bytes}'), character => character.charCodeAt(0))], { type: 'image/png' });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    })()`);
  }

  async function openFile(name: string): Promise<void> {
    await workbench.file(name).dblclick();
    await workbench.tabs().filter({ hasText: name }).waitFor();
    await workbench.page.locator('.editor-instance .monaco-editor .view-lines').last().click();
  }

  /** Puts the cursor behind the end of a line, counted from 1. */
  async function goToEndOf(line: number): Promise<void> {
    await workbench.page.keyboard.press('Control+Home');
    for (let step = 1; step < line; step++) await workbench.page.keyboard.press('ArrowDown');
    await workbench.page.keyboard.press('End');
  }

  async function becomes(expected: string): Promise<void> {
    const drawn = () =>
      workbench.page.locator('.editor-instance .monaco-editor .view-lines').last().locator('.view-line')
        .evaluateAll(lines =>
          lines.map(line => ({
            top: Number.parseFloat((line as HTMLElement).style.top),
            text: line.textContent ?? '',
          })).sort((a, b) => a.top - b.top).map(line => line.text).join('\n').replace(/[\u00a0·]/g, ' ')
        );
    const text = await workbench.atFrames(drawn, text => text === expected, firstAnswerMs);
    assert.equal(text, expected);
  }

  step('Cancel of a dropped picture inserts nothing, and leaves nothing to undo', async () => {
    await workbench.openFile('drop.txt');
    await workbench.dropAs('12.png', 'first', 'Insert Text of Image (OCR)');
    const progress = workbench.notification('Reading text');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'detached' });
    // Only now does the host come to answer anything.
    writeFileSync(folder.at('gate'), '');
    await workbench.editorTextBecomes(text => text === 'first\nsecond\n');
    await workbench.page.keyboard.press('Control+Z');
    await workbench.editorTextBecomes(text => text === 'first\nsecond\n');
  });

  for (
    const [name, image, words, label, expected] of [
      ['drop.txt', '12.png', 'first', 'Insert Text of Image (OCR)', `first${word}\nsecond\n`],
      ['drop.ts', '12.png', '//', 'Insert Text of Image (OCR)', `function f() {\n    // ${word}\n    let a = \n}\n`],
      [
        'drop.md',
        '01.png',
        'Drop',
        'Insert as Link with Alt Text',
        `# Drop![${recordedAnswer('01.png', 'caption en')}](01.png)\n`,
      ],
    ] as const
  ) {
    step(`a picture dropped into ${name}: “${label}” is one step for Undo`, async () => {
      await workbench.openFile(name);
      const before = await workbench.editorText();
      await workbench.dropAs(image, words, label);
      await workbench.editorTextBecomes(text => text === expected, firstAnswerMs);
      await workbench.page.keyboard.press('Control+Z');
      await workbench.editorTextBecomes(text => text === before);
    });
  }

  step('a picture dropped from outside inserts nothing by itself, and offers its text', async () => {
    await workbench.openFile('drop.txt');
    await workbench.dropFromOutside(at('12.png'), 'first');
    const offer = workbench.notification('A picture cannot be inserted into this text');
    await offer.waitFor();
    await workbench.editorTextBecomes(text => text === 'first\nsecond\n');
    await offer.getByRole('button', { name: 'Insert Text of Image (OCR)' }).click();
    // It goes where it was dropped, though the text was selected meanwhile.
    await workbench.editorTextBecomes(text => text === `first${word}\nsecond\n`);
    await workbench.page.keyboard.press('Control+Z');
    await workbench.editorTextBecomes(text => text === 'first\nsecond\n');
  });

  step('a picture copied in the Explorer is pasted as a link with alt text, in one step', async () => {
    await workbench.file('01.png').click();
    await workbench.page.keyboard.press('Control+C');
    await workbench.openFile('drop.md');
    await workbench.page.locator('.editor-instance .monaco-editor .view-lines').last().click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.press('Control+V');
    await workbench.choosePostEdit('Insert as Link with Alt Text');
    await workbench.editorTextBecomes(text => text === `# Drop\n![${recordedAnswer('01.png', 'caption en')}](01.png)`);
    await workbench.page.keyboard.press('Control+Z');
    await workbench.editorTextBecomes(text => text === '# Drop\n');
  });

  step('from the clipboard to the cursor in a comment, undone in one step', async () => {
    await openFile('code.ts');
    await goToEndOf(2);
    await copyPicture('12.png');
    await workbench.runCommand(command);
    await workbench.quickInput().getByText('Picture on the Clipboard').waitFor();
    await workbench.screenshot('ocr-source');
    await workbench.page.keyboard.press('Enter');
    await becomes(`function f() {\n    // ${word}\n    let a = \n    let b = \n}\n`);
    await workbench.screenshot('ocr-inserted');
    await workbench.page.keyboard.press('Control+Z');
    await becomes('function f() {\n    // \n    let a = \n    let b = \n}\n');
  });

  step('several cursors get the text each, and one Undo takes all of it back', async () => {
    await goToEndOf(3);
    await workbench.runCommand('Add Cursor Below');
    await copyPicture('12.png');
    await workbench.runCommand(command);
    await workbench.quickInput().getByText('Picture on the Clipboard').click();
    await becomes(`function f() {\n    // \n    let a = ${word}\n    let b = ${word}\n}\n`);
    await workbench.page.keyboard.type('!');
    await becomes(`function f() {\n    // \n    let a = ${word}!\n    let b = ${word}!\n}\n`);
    await workbench.page.keyboard.press('Control+Z');
    await workbench.page.keyboard.press('Control+Z');
    await becomes('function f() {\n    // \n    let a = \n    let b = \n}\n');
    await workbench.page.keyboard.press('Escape');
  });

  step('a picture of the Explorer is read into the editor in front', async () => {
    await goToEndOf(4);
    await workbench.chooseFromContextMenu('11.png', command);
    await becomes(`function f() {\n    // \n    let a = \n    let b = ${recordedAnswer('11.png', 'ocr')}\n}\n`);
    await workbench.page.locator('.editor-instance .monaco-editor .view-lines').last().click();
    await workbench.page.keyboard.press('Control+Z');
  });

  step('a picture without text inserts nothing and says so', async () => {
    await openFile('notes.txt');
    await goToEndOf(1);
    await copyPicture('01.png');
    await workbench.runCommand(command);
    await workbench.quickInput().getByText('Picture on the Clipboard').click();
    await workbench.notification('No text was found in the picture.').waitFor();
    await becomes('first\nsecond\n');
    await workbench.dismissNotifications();
  });

  step('without a picture on the clipboard it says so', async () => {
    await workbench.page.evaluate('navigator.clipboard.writeText("only words")');
    await workbench.runCommand(command);
    await workbench.quickInput().getByText('Picture on the Clipboard').click();
    await workbench.notification('There is no picture on the clipboard.').waitFor();
    await workbench.dismissNotifications();
  });

  step('Ctrl+V of a picture into text inserts nothing by itself, and offers its text', async () => {
    await openFile('notes.txt');
    await goToEndOf(1);
    await copyPicture('12.png');
    await workbench.page.keyboard.press('Control+V');
    const offer = workbench.notification('A picture cannot be inserted into this text');
    await offer.waitFor();
    await becomes('first\nsecond\n');
    await workbench.screenshot('ocr-paste-offer');
    await offer.getByRole('button', { name: 'Insert Text of Image (OCR)' }).click();
    await becomes(`first${word}\nsecond\n`);
    await workbench.page.keyboard.press('Control+Z');
    await becomes('first\nsecond\n');
  });

  step('in Markdown the editor’s own choice stays the one that Ctrl+V makes', async () => {
    await openFile('page.md');
    await workbench.page.keyboard.press('Control+End');
    await copyPicture('12.png');
    const widget = workbench.page.locator('.post-edit-widget');
    // The editor's own choice is there once its Markdown extension has started, and nothing tells when that is.
    for (let attempt = 0; attempt < 10 && await widget.count() === 0; attempt++) {
      await workbench.page.keyboard.press('Control+V');
      await widget.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await becomes('# Page\n![alt text](image.png)');
    await widget.click();
    await workbench.page.getByText('Insert Text of Image (OCR)').first().waitFor();
    await workbench.screenshot('ocr-paste-markdown');
    await workbench.page.keyboard.press('Escape');
  });
});
