/**
 * Nobody gets the demo model's answers on pictures of their own: who has no model yet is asked once where one is to
 * come from.
 */
import { open, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { commands, l10n, workspace } from 'vscode';
import type { QuickPickItem, Uri } from 'vscode';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { commandIds } from '../common/commandIds';
import type { ServerClient } from '../connection/languageClient';
import { window } from '../common/window';

export class DemoConsent {
  /** @param samplesUri Folder of the sample pictures, which the demo model was made for. */
  constructor(private readonly client: ServerClient, private readonly samplesUri: Uri) {}

  /**
   * True where a model was chosen, a real one is installed, or the pictures are samples, which the demo model knows.
   * Else the person is asked, and it is true where the answer led to a model. @throws what kept the language server
   * from answering.
   */
  async isGiven(images: readonly Uri[]): Promise<boolean> {
    if (await this.hasModel() || await this.areSamples(images)) return true;
    const choice = await window.showQuickPick(waysToAModel(), {
      title: l10n.t('There is no PaliGemma 2 model on this machine yet'),
      placeHolder: l10n.t('Which model should answer?'),
      ignoreFocusOut: true,
    });
    if (choice === undefined) return false;
    await commands.executeCommand(choice.command);
    return choice.command !== commandIds.captionSample && this.hasModel();
  }

  private async hasModel(): Promise<boolean> {
    if (workspace.getConfiguration('paligemma').get('model', '') !== '') return true;
    return (await this.client.listModels()).some(isReal);
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

function waysToAModel(): (QuickPickItem & { readonly command: string })[] {
  return [
    {
      command: commandIds.downloadModel,
      label: `$(cloud-download) ${l10n.t('Download a Model…')}`,
      detail: l10n.t('From Hugging Face; with sizes, the memory it needs, and the licence'),
    },
    {
      command: commandIds.addModelFolder,
      label: `$(folder) ${l10n.t('Use a Model Folder…')}`,
      detail: l10n.t('A folder of this machine that holds a PaliGemma 2 model'),
    },
    {
      command: commandIds.useServer,
      label: `$(cloud) ${l10n.t('Use a Server…')}`,
      detail: l10n.t('An inference server of your own; pictures are sent to it'),
    },
    {
      command: commandIds.captionSample,
      label: `$(beaker) ${l10n.t('Try the Demo Model on a Sample Picture')}`,
      detail: l10n.t(
        'It knows drawn shapes and printed words only; on your own pictures its answers would mean nothing',
      ),
    },
  ];
}

function isReal({ isInstalled, kind, problem }: ModelInfo): boolean {
  return isInstalled && kind !== 'demo' && problem === undefined;
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
