/**
 * Nobody gets the demo model's answers on pictures of their own without having asked for them: who has no model yet is
 * asked where one is to come from, once for each thing they want done.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { QuickPickItemKind, commands, l10n, workspace } from 'vscode';
import type { QuickPickItem, Uri } from 'vscode';
import { MOST_PICTURE_BYTES } from '../../../paligemma/src/pictureFiles';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { readPlainFile } from '../../../system/src/plainFile';
import { commandIds } from '../common/commandIds';
import type { ServerClient } from '../connection/languageClient';
import { modelItem } from '../models/modelItems';
import { chosenWeights } from '../models/modelSetting';
import { recommendedModel } from '../models/recommended';
import { sizeText } from '../models/sizeText';
import { window } from '../common/window';

export class DemoConsent {
  /** Whether the person took the demo model for their own pictures, until the window ends. */
  private isTaken = false;

  /** @param samplesUri Folder of the sample pictures, which the demo model was made for. */
  constructor(private readonly client: ServerClient, private readonly samplesUri: Uri) {}

  /**
   * True where a model was chosen, a real one is installed, or the pictures are samples, which the demo model knows.
   * Else the person is asked, and it is true where the answer led to a model: what was asked for can go on.
   * @param images Undefined where it is not known which pictures are meant.
   * @throws what kept the language server from answering.
   */
  async isGiven(images: readonly Uri[] | undefined): Promise<boolean> {
    if (this.isTaken || await this.hasModel()) return true;
    if (images !== undefined && await this.areSamples(images)) return true;
    const choice = await window.showQuickPick(waysToAModel(await this.recommended()), {
      title: l10n.t('There is no PaliGemma 2 model on this machine yet'),
      placeHolder: l10n.t('Which model should answer?'),
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    if (choice === undefined) return false;
    if (choice.way === 'demo') return this.isTaken = true;
    await commands.executeCommand(choice.way, ...choice.args ?? []);
    return choice.way !== commandIds.captionSample && this.hasModel();
  }

  private async recommended(): Promise<ModelInfo | undefined> {
    return recommendedModel(await this.client.listPublishedModels(), chosenWeights());
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
    const samples = await Promise.all(names.map(name => readPlainFile(path.join(folder, name), MOST_PICTURE_BYTES)));
    for (const image of images) if (!await isOneOf(image.fsPath, samples)) return false;
    return true;
  }
}

/** A command, or the demo model. */
type Way = QuickPickItem & {
  readonly way: 'demo' | (typeof commandIds)[keyof typeof commandIds];
  readonly args?: readonly unknown[];
};

function waysToAModel(recommended: ModelInfo | undefined): Way[] {
  const separator = (label: string): Way => ({ label, kind: QuickPickItemKind.Separator, way: 'demo' });
  return [
    ...(recommended === undefined ? [] : [recommendedWay(recommended)]),
    {
      way: commandIds.downloadModel,
      label: `$(cloud-download) ${l10n.t('Download a Model…')}`,
      detail: l10n.t('From Hugging Face; with sizes, the memory it needs, and the licence'),
    },
    {
      way: commandIds.addModelFolder,
      label: `$(folder) ${l10n.t('Use a Model Folder…')}`,
      detail: l10n.t('A folder on this machine that holds a PaliGemma 2 model'),
    },
    {
      way: commandIds.useServer,
      label: `$(cloud) ${l10n.t('Use a Server…')}`,
      detail: l10n.t('Your own inference server; pictures are sent to it'),
    },
    separator(l10n.t('without a download')),
    {
      way: 'demo',
      label: `$(beaker) ${l10n.t('Use the Demo Model for Now')}`,
      detail: l10n.t('Until this window is closed; about photographs it talks nonsense'),
    },
    {
      way: commandIds.captionSample,
      label: `$(file-media) ${l10n.t('Try the Demo Model on a Sample Picture')}`,
      detail: l10n.t('A drawing that it was made for, to see how answers look'),
    },
  ];
}

/** One click on it, and one on the question that tells size and licence. */
function recommendedWay(model: ModelInfo): Way {
  const { detail } = modelItem(model, { chosen: '', weights: chosenWeights() }, l10n.t);
  const size = model.downloadBytes === undefined
    ? []
    : [l10n.t('{0} to download', sizeText(model.downloadBytes, l10n.t))];
  return {
    way: commandIds.downloadModel,
    args: [model.id],
    label: `$(star-full) ${l10n.t('Download {0}', model.id)}`,
    description: [l10n.t('recommended'), ...size].join(' · '),
    detail,
  };
}

function isReal({ isInstalled, kind, problem }: ModelInfo): boolean {
  return isInstalled && kind !== 'demo' && problem === undefined;
}

async function isOneOf(imagePath: string, samples: readonly Buffer[]): Promise<boolean> {
  // A file that is longer than each of them is none of them.
  const longest = Math.max(0, ...samples.map(({ length }) => length));
  const bytes = await readPlainFile(imagePath, longest).catch(() => undefined);
  return bytes !== undefined && samples.some(sample => sample.equals(bytes));
}
