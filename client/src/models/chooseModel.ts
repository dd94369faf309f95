import { ConfigurationTarget, commands, l10n, window, workspace } from 'vscode';
import type { LogOutputChannel, QuickPickItem } from 'vscode';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { defaultSettings } from '../../../server/src/contract/settings';
import { toFailure } from '../errors/failure';
import { showFailure } from '../errors/showFailure';
import type { ServerClient } from '../languageClient';
import { commandIds } from './ids';
import { modelItem } from './modelItems';

type Choice = QuickPickItem & { readonly choose?: () => Promise<void> };

/** Lets the person choose among the models and writes the setting `paligemma.model`. */
export async function chooseModel(client: ServerClient, log: LogOutputChannel): Promise<void> {
  const choice = await window.showQuickPick(choices(client, log), {
    title: l10n.t('Choose Model'), placeHolder: l10n.t('The model that answers from now on'), matchOnDescription: true, matchOnDetail: true,
  });
  await choice?.choose?.();
}

async function choices(client: ServerClient, log: LogOutputChannel): Promise<Choice[]> {
  const chosen = workspace.getConfiguration('paligemma').get('model', '');
  const weights = workspace.getConfiguration('paligemma').get('weights', defaultSettings.weights);
  const automatic: Choice = {
    label: chosen === '' ? `$(check) ${l10n.t('Automatic')}` : l10n.t('Automatic'), detail: l10n.t('The best model on this machine'),
    choose: () => writeModel(''),
  };
  const addFolder: Choice = { label: `$(folder) ${l10n.t('Add a Model Folder…')}`, detail: l10n.t('A folder of this machine that holds a PaliGemma 2 model'), alwaysShow: true, choose: addModelFolder };
  const getModel: Choice = { label: `$(cloud-download) ${l10n.t('Get a Model…')}`, detail: l10n.t('Which models there are, how large they are, and where they come from'), alwaysShow: true, choose: async () => { await commands.executeCommand(commandIds.openWalkthrough, 'model'); } };
  try {
    const models = await client.listModels();
    return [automatic, ...models.map(model => ({ ...modelItem(model, { chosen, weights }, l10n.t), choose: () => choose(model) })), addFolder, getModel];
  } catch (error) {
    showFailure(toFailure(error, l10n.t), log, error);
    return [addFolder, getModel];
  }
}

async function choose({ id, isInstalled, problem }: ModelInfo): Promise<void> {
  if (problem !== undefined) void window.showWarningMessage(problem);
  else if (isInstalled) await writeModel(id);
  else await explainMissing(id);
}

/** A value of the workspace would hide one of the user, so it is changed where it stands. */
async function writeModel(id: string): Promise<void> {
  const configuration = workspace.getConfiguration('paligemma');
  const inWorkspace = configuration.inspect('model')?.workspaceValue !== undefined;
  await configuration.update('model', id, inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global);
}

async function explainMissing(id: string): Promise<void> {
  const add = l10n.t('Add a Model Folder…');
  const choice = await window.showInformationMessage(l10n.t('{0} is not on this machine yet. Download its folder, then add it here.', id), add);
  if (choice === add) await addModelFolder();
}

/** Adds a folder to the setting `paligemma.modelFolders` and goes on to the choice of a model. */
export async function addModelFolder(): Promise<void> {
  const [folder] = await window.showOpenDialog({
    canSelectFiles: false, canSelectFolders: true, title: l10n.t('Choose the Folder of a Model'), openLabel: l10n.t('Add'),
  }) ?? [];
  if (folder === undefined) return;
  const configuration = workspace.getConfiguration('paligemma');
  const known = configuration.get<string[]>('modelFolders', []);
  if (!known.includes(folder.fsPath)) await configuration.update('modelFolders', [...known, folder.fsPath], ConfigurationTarget.Global);
  await commands.executeCommand(commandIds.chooseModel);
}
