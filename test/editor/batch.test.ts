// A person with many pictures: a folder in the Explorer, where the answers go, files that are there already, cancel,
// resume.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { recordedAnswer, sampleImages } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { folderBecomes } from '../support/folderWatch';
import { pictureFolders } from '../support/pictureFolders';

const caption = 'Caption with PaliGemma 2';
/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 60_000;

describe('many pictures', () => {
  const folders = pictureFolders({ some: sampleImages.slice(0, 4), many: sampleImages, moreInMany: 40 });
  const at = (...parts: string[]): string => path.join(folders.path, ...parts);
  const read = (...parts: string[]): string => readFileSync(at(...parts), 'utf8');
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({
      folder: folders.path,
      installed: process.cwd(),
      settings: { ...suiteSettings, 'files.exclude': { '**/hidden': true } },
      env: suiteEnvironment(folders.cache),
    });
  });
  after(async () => {
    await workbench.close();
    folders.remove();
  });

  const step = stepsIn(() => workbench);

  /** Right-clicks a folder and chooses in its submenu. */
  async function onFolder(name: string, label: string): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const items = await workbench.openContextMenu(name);
      const submenu = items.filter({ hasText: 'PaliGemma 2' }).first();
      if (await submenu.count() > 0) {
        await submenu.hover();
        const item = workbench.page.locator('.monaco-submenu .action-item', { hasText: label }).first();
        const isShown = await item.waitFor({ timeout: 3_000 }).then(() => true, () => false);
        if (isShown && await item.locator('.action-label[aria-disabled="true"], .action-item.disabled').count() === 0) {
          if (await workbench.chooseMenuItem(item)) return;
        }
      }
      await workbench.page.keyboard.press('Escape');
      await workbench.page.keyboard.press('Escape');
      assert.ok(Date.now() < deadline, `"${label}" cannot be chosen on ${name}`);
    }
  }

  async function choose(label: string): Promise<void> {
    await workbench.quickInput().locator('.monaco-list-row', { hasText: label }).first().click();
  }

  step('a folder says how many pictures it holds, and ends in a text file beside each', async () => {
    await onFolder('some', caption);
    await workbench.quickInput().getByText('5 pictures').waitFor();
    await workbench.screenshot('batch-output');
    await choose('Text File Beside Each Picture');
    await workbench.notification(/4 of 5 pictures are done, 1 failed/).waitFor({ timeout: firstAnswerMs });
    for (const image of sampleImages.slice(0, 4)) {
      assert.equal(read('some', image.replace('.png', '.txt')), `${recordedAnswer(image, 'caption en')}\n`);
    }
    assert.ok(!existsSync(at('some', 'broken.txt')));
    await workbench.screenshot('batch-summary');
  });

  step('the failures are shown among the results', async () => {
    await workbench.notification(/1 failed/).getByRole('button', { name: 'Show Failures' }).click();
    await workbench.webview().locator('.answer.failed', { hasText: 'broken.png' }).waitFor();
    await workbench.dismissNotifications();
  });

  step('text files that are there already are asked about once, and kept by Skip', async () => {
    writeFileSync(at('some', '01.txt'), 'by hand');
    await onFolder('some', caption);
    await choose('Text File Beside Each Picture');
    await workbench.quickInput().getByText('4 of 5 text files are there already.').waitFor();
    await workbench.screenshot('batch-existing');
    await choose('Skip');
    await workbench.notification(/4 of them from before, 1 failed/).waitFor();
    assert.equal(read('some', '01.txt'), 'by hand');
    await workbench.dismissNotifications();
  });

  step('Use New Names keeps them and writes beside them; Overwrite replaces them', async () => {
    await onFolder('some', caption);
    await choose('Text File Beside Each Picture');
    await choose('Use New Names');
    await workbench.notification(/4 of 5 pictures are done, 1 failed/).waitFor();
    assert.equal(read('some', '01.txt'), 'by hand');
    assert.equal(read('some', '01-2.txt'), `${recordedAnswer('01.png', 'caption en')}\n`);
    await workbench.dismissNotifications();
    await onFolder('some', caption);
    await choose('Text File Beside Each Picture');
    await choose('Overwrite');
    await workbench.notification(/4 of 5 pictures are done, 1 failed/).waitFor();
    assert.equal(read('some', '01.txt'), `${recordedAnswer('01.png', 'caption en')}\n`);
    await workbench.dismissNotifications();
  });

  step('one JSONL file holds image, prefix and suffix, with paths relative to it', async () => {
    await workbench.file('some').click();
    await workbench.file('01.png').waitFor();
    await workbench.chooseFromContextMenu('02.png', caption, ['01.png', '02.png']);
    await workbench.quickInput().getByText('2 pictures').waitFor();
    await choose('One JSONL File');
    await choose('caption.jsonl');
    await workbench.notification(/2 of 2 pictures are done/).waitFor();
    assert.deepEqual(
      read('some', 'caption.jsonl').trimEnd().split('\n').map(line => JSON.parse(line) as unknown),
      ['01.png', '02.png'].map(image => ({ image, prefix: 'caption en', suffix: recordedAnswer(image, 'caption en') })),
    );
    await workbench.dismissNotifications();
  });

  step('pictures that the JSONL file lacks are added to it', async () => {
    await workbench.chooseFromContextMenu('03.png', caption, ['02.png', '03.png']);
    await choose('One JSONL File');
    await choose('caption.jsonl');
    await choose('Skip');
    await workbench.notification(/2 of 2 pictures are done, 1 of them from before/).waitFor();
    assert.deepEqual(
      read('some', 'caption.jsonl').trimEnd().split('\n').map(line => (JSON.parse(line) as { image: string }).image),
      ['01.png', '02.png', '03.png'],
    );
    await workbench.dismissNotifications();
  });

  step('one Markdown file shows the pictures with their alt text', async () => {
    await workbench.chooseFromContextMenu('04.png', caption, ['01.png', '04.png']);
    await choose('One Markdown File');
    await choose('caption.md');
    await workbench.notification(/2 of 2 pictures are done/).getByRole('button', { name: 'Open' }).click();
    await workbench.tabs().filter({ hasText: 'caption.md' }).waitFor();
    assert.equal(
      read('some', 'caption.md'),
      ['01.png', '04.png'].map(image => `- ![${recordedAnswer(image, 'caption en')}](${image})\n`).join(''),
    );
    await workbench.dismissNotifications();
  });

  step('what has regions is offered in the forms of data sets, other answers are not', async () => {
    await workbench.chooseFromContextMenu('02.png', caption, ['01.png', '02.png']);
    await workbench.quickInput().getByText('One JSONL File').waitFor();
    assert.equal(await workbench.quickInput().getByText('COCO').count(), 0);
    await workbench.page.keyboard.press('Escape');
    await workbench.chooseFromContextMenu('02.png', 'Detect Objects');
    await workbench.answerInput('circle, triangle');
    await choose('One COCO File');
    await choose('detect.coco.json');
    await workbench.notification(/2 of 2 pictures are done/).waitFor();
    const { images, categories } = JSON.parse(read('some', 'detect.coco.json')) as {
      readonly images: readonly { readonly file_name: string }[];
      readonly categories: readonly { readonly name: string }[];
    };
    assert.deepEqual(images.map(image => image.file_name), ['01.png', '02.png']);
    assert.deepEqual(categories.map(({ name }) => name), ['circle', 'triangle']);
    await workbench.dismissNotifications();
  });

  step('Cancel keeps what is done, and Resume goes on where it stopped', async () => {
    await workbench.expand('many', 'held-out-00.png');
    await onFolder('many', 'Describe Picture');
    await workbench.quickInput().getByText('52 pictures').waitFor();
    await choose('Text File Beside Each Picture');
    const progress = workbench.notification(/of 52 · /);
    await progress.waitFor();
    await workbench.screenshot('batch-progress');
    const written = () => readdirSync(at('many')).filter(name => name.endsWith('.txt'));
    await folderBecomes(at('many'), () => written().length >= 3);
    await workbench.notification('Describing').getByRole('button', { name: 'Cancel' }).click();
    const interrupted = workbench.notification(/Describing was interrupted/);
    await interrupted.waitFor();
    const before = written().length;
    assert.ok(before >= 3 && before < 52, `${before} are done`);
    const hidden = at('many', 'hidden');
    await interrupted.getByRole('button', { name: 'Resume' }).click();
    await workbench.notification(/52 of 52 pictures are done/).waitFor({ timeout: 120_000 });
    assert.equal(written().length, 52);
    for (const image of sampleImages) {
      assert.equal(read('many', image.replace('.png', '.txt')), `${recordedAnswer(image, 'describe en')}\n`);
    }
    assert.deepEqual(readdirSync(hidden), ['01.png'], 'what files.exclude hides is left alone');
    await workbench.dismissNotifications();
  });

  step('Detect remembers what was asked for', async () => {
    await workbench.chooseFromContextMenu('02.png', 'Detect Objects');
    await workbench.answerInput('ring, yellow heart');
    await workbench.webview().locator('#copy-text:enabled').waitFor();
    await workbench.chooseFromContextMenu('02.png', 'Detect Objects');
    await workbench.answerInput('star');
    await workbench.quickInput().waitFor({ state: 'hidden' });
    await workbench.chooseFromContextMenu('02.png', 'Detect Objects');
    const rows = workbench.quickInput().locator('.monaco-list-row');
    await rows.filter({ hasText: 'star' }).waitFor();
    await workbench.screenshot('detect-history');
    assert.equal(await rows.filter({ hasText: 'ring, yellow heart' }).count(), 1);
    assert.match(await rows.nth(1).innerText(), /star/);
    await workbench.page.keyboard.press('Escape');
  });
});
