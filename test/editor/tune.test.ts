// A person who trains on a file of lines: what is asked, how it is watched, stopped and gone on with. A program that does
// as the file says stands in for Python.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { demoAdapter } from '../support/demoAdapter';
import { standIn, start, step as stepEvent, trainingScript } from '../support/trainings';
import { testWorkspace } from '../support/workspaceFolder';

const command = 'Fine-Tune on This File…';
const themes = [['light', 'Light Modern'], ['dark', 'Dark Modern'], ['high-contrast', 'Dark High Contrast']] as const;
const sample = { event: 'sample', step: 2, image: 'a.png', prefix: 'caption en', expected: 'a bus', answer: 'a box' };
const judged = { event: 'eval', step: 2, set: 'valid', loss: 0.25, exact: 1, lines: 2 };
const half = [start, stepEvent(1), stepEvent(2), judged, sample];

describe('fine-tuning in the editor', () => {
  const workspace = testWorkspace([]);
  let workbench: Workbench;

  before(async () => {
    const image = path.resolve('test/fixtures/demo-heldout/00.png');
    const line = { image, prefix: 'answer en is there a phone?', suffix: 'no' };
    writeFileSync(path.join(workspace.path, 'valid.jsonl'), `${JSON.stringify(line)}\n`);
    trainingScript(workspace.path, [...half.map(say => ({ say })), { await: 'end' }, { exit: 130 }]);
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: suiteSettings,
      machineSettings: { 'paligemma.tuning.python': standIn },
      env: suiteEnvironment(workspace.cache),
    });
  });
  after(async () => {
    await workbench.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);
  const page = () => workbench.webview();

  step('model, method, held-out lines and folder are asked for, each with a good default', async () => {
    await workbench.chooseFromContextMenu('train.jsonl', command);
    await workbench.pickRow('paligemma2-demo-224').click();
    await workbench.pickRow('An adapter of some megabytes').click();
    const proposed = workbench.quickInput().locator('.monaco-list-row').first();
    await proposed.filter({ hasText: 'valid.jsonl' }).click();
    await workbench.pickRow('A new folder beside the file').filter({ hasText: 'train-lora' }).click();
  });

  step('the progress tells step and loss, and a page shows the curve and the answers', async () => {
    await workbench.notification(/Fine-tuning train-lora.*Step 2 of 4, loss 0\.500/s).waitFor();
    await page().getByRole('heading', { name: 'Answers after step 2' }).waitFor();
    await page().getByRole('img', { name: 'Loss from 1.00 to 0.500' }).waitFor();
    assert.match(await page().locator('table').last().innerText(), /✗\s+a\.png\s+caption en\s+a bus\s+a box/);
  });

  for (const [name, theme] of themes) {
    step(`the page is there in the theme ${theme}`, async () => {
      await workbench.chooseTheme(theme);
      await page().getByRole('img', { name: 'Loss from 1.00 to 0.500' }).waitFor();
      await workbench.screenshot(`tuning-${name}`);
    });
  }

  step('Cancel stops it, and Continue goes on to a model in the list', async () => {
    await workbench.notification('Fine-tuning train-lora').getByRole('button', { name: 'Cancel' }).click();
    await workbench.notification('Fine-tuning train-lora was stopped').waitFor();
    await page().getByText('The training was stopped.').waitFor();
    const past = half.map(event => ({ say: { ...event, past: true } }));
    const done = { event: 'done', step: 4, path: '$OUT', kind: 'adapter', seconds: 9 };
    trainingScript(workspace.path, [
      ...past,
      ...[3, 4].map(number => ({ say: stepEvent(number) })),
      { copy: demoAdapter(path.join(workspace.cache, 'made'), 0) },
      { say: done },
    ]);
    await workbench.answerNotification('Fine-tuning train-lora was stopped', 'Continue');
    await page().getByText('The model is in the list as train-lora.').waitFor();
    await page().getByRole('img', { name: 'Loss from 1.00 to 0.250' }).waitFor();
    await workbench.answerNotification('train-lora is trained', 'Use This Model');
    await workbench.statusItem().filter({ hasText: 'train-lora' }).waitFor();
  });

  step('the page shows the figures before and after it, and the report is one click away', async () => {
    await page().getByRole('heading', { name: 'Before and after the training' }).waitFor();
    await page().getByText('Held-out lines: 1, weights f32. Better: 0, worse: 0, the same: 1.').waitFor();
    await workbench.screenshot('tuning-evaluated');
    await workbench.answerNotification('train-lora is evaluated on valid.jsonl', 'Show Evaluation');
    await workbench.tabs().filter({ hasText: 'Evaluation of valid.jsonl' }).waitFor();
  });

  step('what the trainer refuses is told with its sentence', async () => {
    const message = 'Line 3 has 600 tokens, more than maxTokens (512).';
    trainingScript(workspace.path, [{ say: { event: 'error', reason: 'dataTooLong', message } }, { exit: 1 }]);
    await workbench.chooseFromContextMenu('train.jsonl', command);
    await workbench.pickRow('paligemma2-demo-224').click();
    await workbench.pickRow('An adapter of some megabytes').click();
    await workbench.pickRow('valid.jsonl').click();
    await workbench.pickRow('train-lora-2').click();
    await workbench.notification('Line 3 has 600 tokens').waitFor();
  });
});
