// A person who writes, with what is there to be taken: the caption in grey, several texts, problems, a screenshot.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { recordedAnswer, samplePath } from '../support/samples';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { testWorkspace } from '../support/workspaceFolder';

/** The first answer waits for the conversion of the model. */
const firstAnswerMs = 90_000;
const page = '![](01.png)\n\n![](02.png)\n\n![gone](gone.png)\n';
const caption = recordedAnswer('01.png', 'caption en');
const written = page.replace('![](01.png)', `![${caption}](01.png)`);
const themes = [['light', 'Light Modern'], ['dark', 'Dark Modern'], ['high-contrast', 'Dark High Contrast']] as const;

describe('alt text that is there to be taken', () => {
  const workspace = testWorkspace(['01.png', '02.png']);
  let workbench: Workbench;

  before(async () => {
    writeFileSync(path.join(workspace.path, 'page.md'), page);
    writeFileSync(path.join(workspace.path, 'shot.md'), '# Shot\n\n');
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      env: suiteEnvironment(workspace.cache),
      settings: {
        ...suiteSettings,
        'paligemma.altTextFindings': true,
        'editor.wordWrap': 'off',
        'files.autoSave': 'off',
      },
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);

  async function undone(): Promise<void> {
    await workbench.page.locator('.editor-instance .monaco-editor .view-lines').last().click();
    await workbench.page.keyboard.press('Control+Z');
    await workbench.editorTextBecomes(text => text === page);
  }

  step('missing alt text and a missing file are problems, and the fix of the first writes a caption', async () => {
    await workbench.openFile('page.md');
    await workbench.page.locator('.squiggly-info').first().waitFor({ state: 'attached' });
    await workbench.page.locator('.squiggly-warning').first().waitFor({ state: 'attached' });
    await workbench.hover('gone.png', 'There is no picture at gone.png.');
    await workbench.screenshot('alt-text-findings');
    await workbench.page.keyboard.press('Escape');
    await workbench.chooseCodeAction('01.png', 'Write alt text (caption)');
    await workbench.editorTextBecomes(text => text === written, firstAnswerMs);
    await undone();
  });

  const hint = () =>
    workbench.page.locator('.view-line', { hasText: '01.png' }).getByText(caption.slice(0, 20)).first();

  step('a double click on the caption in grey writes it', async () => {
    await hint().waitFor();
    await hint().dblclick();
    await workbench.editorTextBecomes(text => text === written);
    await undone();
  });

  step('Alt+Enter in its line writes it too', async () => {
    await hint().waitFor();
    await workbench.clickWords('01.png');
    await workbench.page.keyboard.press('Alt+Enter');
    await workbench.editorTextBecomes(text => text === written);
    await undone();
  });

  step('what is known is proposed, and several texts can be chosen from', async () => {
    await workbench.chooseCodeAction('01.png', `Use as alt text: “${caption.slice(0, 20)}`);
    await workbench.editorTextBecomes(text => text === written);
    await undone();
    await workbench.chooseCodeAction('01.png', 'Choose among several alt texts…');
    const long = workbench.pickRow(recordedAnswer('01.png', 'describe en').slice(0, 30));
    await long.waitFor({ timeout: firstAnswerMs });
    for (const [name, theme] of themes) {
      if (name !== 'light') {
        await workbench.page.keyboard.press('Escape');
        await workbench.chooseTheme(theme);
        await workbench.chooseCodeAction('01.png', 'Choose among several alt texts…');
        await long.waitFor({ timeout: firstAnswerMs });
      }
      await workbench.screenshot(`alt-text-choices-${name}`);
    }
    await long.click();
    await workbench.editorTextBecomes(text =>
      text === page.replace('![](01.png)', `![${recordedAnswer('01.png', 'describe en')}](01.png)`)
    );
    await undone();
  });

  step('a screenshot on the clipboard becomes a file, a link and its alt text in one step', async () => {
    await workbench.openFile('shot.md');
    await workbench.page.locator('.editor-instance .monaco-editor .view-lines').last().click();
    await workbench.page.keyboard.press('Control+End');
    const bytes = readFileSync(samplePath('03.png'));
    await workbench.page.evaluate(`(async () => {
      const blob = new Blob([Uint8Array.from(atob('${
      bytes.toString('base64')
    }'), sign => sign.charCodeAt(0))], { type: 'image/png' });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    })()`);
    const widget = workbench.page.locator('.post-edit-widget');
    // The editor's own choice is there once its Markdown extension has started, and nothing tells when that is.
    for (let attempt = 0; attempt < 10 && await widget.count() === 0; attempt++) {
      await workbench.page.keyboard.press('Control+V');
      await widget.waitFor({ timeout: 3_000 }).catch(() => undefined);
    }
    await workbench.choosePostEdit('Insert as Link with Alt Text');
    // To look at the text by way of the clipboard moves the selection, for which the editor lets go of what it inserts.
    await workbench.page.locator('.view-line', { hasText: recordedAnswer('03.png', 'caption en').slice(0, 20) })
      .waitFor({
        timeout: firstAnswerMs,
      });
    const expected = `# Shot\n\n![${recordedAnswer('03.png', 'caption en')}](image.png)`;
    await workbench.editorTextBecomes(text => text === expected, firstAnswerMs);
    await workbench.screenshot('alt-text-screenshot');
    const file = path.join(workspace.path, 'image.png');
    assert.ok(existsSync(file));
    await workbench.file('image.png').waitFor();
  });
});
