/** Nobody gets the demo model's answers on pictures of their own without having been asked. */
import { open, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { commands, l10n, window, workspace } from 'vscode';
import type { Memento, Uri } from 'vscode';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { commandIds } from '../commands/ids';
import type { ServerClient } from '../languageClient';

const KEY = 'demoModel.isAccepted';

export class DemoConsent {
  /** @param memory Of the person, not of the workspace. @param samplesUri Folder of the sample pictures, which the demo model was made for. */
  constructor(private readonly client: ServerClient, private readonly memory: Memento, private readonly samplesUri: Uri) {}

  /**
   * True where a model was chosen, a real one is installed, or the demo model will do. Else the person is asked, and the
   * answer is remembered where it is yes. @throws what kept the language server from answering.
   */
  async isGiven(images: readonly Uri[]): Promise<boolean> {
    if (workspace.getConfiguration('paligemma').get('model', '') !== '' || this.memory.get(KEY, false)) return true;
    if (hasRealModel(await this.client.listModels()) || await this.areSamples(images)) return true;
    const [useDemo, chooseFolder, learnMore] = [l10n.t('Use the Demo Model'), l10n.t('Choose a Model Folder…'), l10n.t('Learn More')];
    const choice = await window.showInformationMessage(
      l10n.t('There is no PaliGemma 2 model on this machine yet. The demo model that comes with the extension knows drawn shapes and printed words only, not photographs.'),
      useDemo, chooseFolder, learnMore);
    if (choice === useDemo) await this.memory.update(KEY, true);
    else if (choice === chooseFolder) await commands.executeCommand(commandIds.addModelFolder);
    else if (choice === learnMore) await commands.executeCommand(commandIds.openWalkthrough);
    return choice === useDemo;
  }

  /** Copies of the sample pictures count too: they are told by their bytes. */
  private async areSamples(images: readonly Uri[]): Promise<boolean> {
    const folder = this.samplesUri.fsPath;
    const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.png'));
    if (images.length > names.length || images.some(image => image.scheme !== 'file')) return false;
    const samples = await Promise.all(names.map(name => readFile(path.join(folder, name))));
    for (const image of images) if (!await isOneOf(image.fsPath, samples)) return false;
    return true;
  }
}

function hasRealModel(models: readonly ModelInfo[]): boolean {
  return models.some(({ isInstalled, kind, problem }) => isInstalled && kind !== 'demo' && problem === undefined);
}

async function isOneOf(imagePath: string, samples: readonly Buffer[]): Promise<boolean> {
  const file = await open(imagePath, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { size } = await file.stat();
    const alike = samples.filter(sample => sample.length === size);
    if (alike.length === 0) return false;
    const bytes = await file.readFile();
    return alike.some(sample => sample.equals(bytes));
  } finally {
    await file.close();
  }
}
