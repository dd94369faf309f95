// Molecules and music from a model, as they are seen, copied and exported. The model's part is played by an inference
// server, so that the answers take the whole way.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { FakeInferenceServer } from '../support/fakeInferenceServer';
import { accessFaults } from '../support/vscodeHost/axe';
import { suiteEnvironment, suiteSettings } from '../support/vscodeHost/suiteEnvironment';
import { stepsIn } from '../support/vscodeHost/steps';
import { Workbench } from '../support/vscodeHost/workbench';
import { installedVerovio } from '../support/verovio';
import { testWorkspace } from '../support/workspaceFolder';

const MODEL = 'google/paligemma2-3b-mix-224';
const runMs = 60_000;
const themes = [['light', 'Light Modern'], ['dark', 'Dark Modern'], ['high-contrast', 'Dark High Contrast']] as const;

/** The example of the paper on PaliGemma 2, and one with R groups. */
const molecule = 'CC1([C@@H]([C@@H](C2=C(O1)C=CC(=C2)C(C(F)(F)F)(F)F)N3CCCCC3=O)O)C';
const score = [
  '**kern\t**kern',
  '*clefF4\t*clefG2',
  '*k[b-]\t*k[b-]',
  '*M3/4\t*M3/4',
  '=-\t=-',
  '4FF 4F\t8aL',
  '.\t8b-J',
  '4r\t4cc 4ee-',
  '*\t*^',
  '4GG\t4dd\t8.gL',
  '.\t.\t16aJk',
  '*\t*v\t*v',
  '=1\t=1',
  '2.C;\t2.dd',
  '==\t==',
  '*-\t*-',
].join('\n');
const answers: Readonly<Record<string, string>> = {
  'smiles': molecule,
  'smiles groups': '[R1]c1ccc(cc1)C(=O)N([CO2Et])[Ph]',
  'smiles faulty': 'CC(C)(C)(C)c1ccnc1',
  'kern': score,
  'kern faulty': score.replace('4r\t4cc 4ee-', '4r 4cc 4ee-'),
};

describe('molecules and music in the image view', () => {
  const workspace = testWorkspace(['01.png']);
  const violations: string[] = [];
  let server: FakeInferenceServer;
  let workbench: Workbench;
  let verovio: Awaited<ReturnType<typeof installedVerovio>> = {};

  before(async () => {
    server = await FakeInferenceServer.start({
      models: [MODEL],
      answer: prompt => [answers[prompt.trim()] ?? 'a cat'],
    });
    verovio = await installedVerovio();
    workbench = await Workbench.open({
      folder: workspace.path,
      installed: process.cwd(),
      settings: suiteSettings,
      machineSettings: { 'paligemma.musicEngraver': verovio.folder ?? '' },
      env: suiteEnvironment(workspace.cache),
    });
    workbench.page.on('console', message => {
      if (/Content Security Policy|Refused to/.test(message.text())) violations.push(message.text());
    });
  });
  after(async () => {
    await workbench.close();
    server.close();
    workspace.remove();
  });

  const step = stepsIn(() => workbench);
  const find = (selector: string): Locator => workbench.webview().locator(selector);
  const picture = () => find('#drawing img.drawn-picture');
  const rows = () => find('#drawing table.music tbody tr');

  async function ask(prompt: string): Promise<void> {
    await find('#prompt-input').fill(prompt);
    await find('#prompt-input').press('Enter');
    await find('#prompt').filter({ hasText: new RegExp(`^${prompt}$`) }).waitFor({ timeout: runMs });
    await find('#copy-text:enabled').waitFor({ timeout: runMs });
  }

  async function facts(): Promise<Readonly<Record<string, string>>> {
    const [names, values] = await Promise.all([
      find('#drawing dt').allInnerTexts(),
      find('#drawing dd').evaluateAll(nodes => nodes.map(node => node.textContent ?? '')),
    ]);
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
  }

  step('a server is put into use', async () => {
    await workbench.runCommand('PaliGemma 2: Use a Server…');
    await workbench.quickInput().getByText('Address of an OpenAI-compatible server').waitFor();
    await workbench.answerInput(server.origin);
    await workbench.pickRow(MODEL).click({ timeout: runMs });
    await workbench.answerDialog('Send Pictures There');
    await workbench.notification(/answers from now on/).waitFor({ timeout: runMs });
    await workbench.dismissNotifications();
    await workbench.openWithImageView('01.png');
  });

  step('a molecule is drawn, with its formula and mass, and nothing of it is refused by the page', async () => {
    await ask('smiles');
    await picture().waitFor({ timeout: runMs });
    assert.match(await picture().getAttribute('src') ?? '', /^data:image\/svg\+xml;base64,/);
    const drawn = await picture().evaluate((image: HTMLImageElement) => [image.complete, image.naturalWidth > 100]);
    assert.deepEqual(drawn, [true, true]);
    assert.equal(await picture().getAttribute('alt'), 'Structural formula of C18H20F5NO3');
    assert.deepEqual(await facts(), { 'Formula': 'C18H20F5NO3', 'Molar mass': '393.35 g/mol', 'SMILES': molecule });
    assert.deepEqual(violations, []);
  });

  step('it is copied as text, and its Molfile has what was drawn', async () => {
    await find('#copy-text').click();
    await workbench.clipboardBecomes(text => text === `${molecule}\nC18H20F5NO3, 393.35 g/mol`);
    await find('#copy-as').click();
    await workbench.pickRow('Molfile (V2000)').click();
    const molfile = await workbench.clipboardBecomes(text => text.includes('V2000'));
    assert.match(molfile, /^ 27 29 {2}0/m);
  });

  step('groups are drawn by their names, and the mass is left out', async () => {
    await ask('smiles groups');
    await picture().waitFor({ timeout: runMs });
    const { Formula, ...others } = await facts();
    assert.equal(Formula, 'C7H4NO + R1 + CO2Et + Ph');
    assert.equal(others['Molar mass'], undefined);
    await workbench.screenshot('molecule-groups');
  });

  step('what is wrong with a molecule stands below it, and it is drawn as far as it can be', async () => {
    await ask('smiles faulty');
    await find('#faults li').first().waitFor({ timeout: runMs });
    const faults = await find('#faults li').allInnerTexts();
    assert.match(faults[0] ?? '', /^The C at character 2 has more bonds/);
    assert.match(faults[1] ?? '', /^The double bonds of the aromatic ring at character 12/);
    assert.equal((await facts())['Formula'], undefined);
  });

  step('music stands in columns, one for each staff, and splits within them', async () => {
    await ask('kern');
    await rows().first().waitFor({ timeout: runMs });
    assert.deepEqual(await find('#drawing thead th').allInnerTexts(), ['Line', 'Staff 1', 'Staff 2']);
    assert.equal(await rows().count(), score.split('\n').length);
    assert.deepEqual(await rows().nth(9).locator('td').allInnerTexts(), ['4GG', '4dd', '8.gL']);
    await find('#copy-text').click();
    await workbench.clipboardBecomes(text => text === score);
  });

  test('music is engraved above its columns by the engraver that the settings name', async context => {
    if (verovio.folder === undefined) return context.skip(verovio.reason ?? 'Verovio is not there');
    await picture().waitFor({ timeout: runMs });
    assert.equal(await picture().getAttribute('alt'), 'Engraved music');
    assert.equal(
      await picture().evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 100),
      true,
    );
    await find('#copy-as').click();
    await workbench.pickRow('MEI').click();
    await workbench.clipboardBecomes(text => text.includes('<mei '));
  });

  step('the arrow keys go from field to field', async () => {
    await rows().nth(9).locator('td').nth(1).click();
    await workbench.page.keyboard.press('ArrowRight');
    assert.equal(await find('#drawing td:focus').innerText(), '8.gL');
    await workbench.page.keyboard.press('ArrowDown');
    assert.equal(await find('#drawing td:focus').innerText(), '16aJk');
  });

  step('a line without its TAB is marked and told by its number', async () => {
    await ask('kern faulty');
    await find('#faults li').first().waitFor({ timeout: runMs });
    assert.match((await find('#faults li').allInnerTexts())[0] ?? '', /^Fields in line 8: 1, columns: 2/);
    assert.deepEqual(await find('#drawing tr.faulty th').allInnerTexts(), ['8 ⚠']);
  });

  step('both are seen in every theme, and axe finds nothing', async () => {
    for (const [prompt, ready] of [['smiles', picture], ['kern', rows], ['kern faulty', rows]] as const) {
      await ask(prompt);
      await ready().first().waitFor({ timeout: runMs });
      for (const [name, theme] of themes) {
        await workbench.chooseTheme(theme);
        assert.deepEqual(await accessFaults(workbench.webview()), [], `${prompt}, ${theme}`);
        await workbench.screenshot(`drawn-${prompt.replace(' ', '-')}-${name}`);
      }
    }
    assert.deepEqual(violations, []);
  });
});
