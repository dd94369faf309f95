/** The pick list of all models: on this machine, on servers, and those that can be downloaded. */
import path from 'node:path';
import { ConfigurationTarget, QuickPickItemKind, ThemeIcon, Uri, commands, env, l10n, workspace } from 'vscode';
import type { QuickInputButton, QuickPick, QuickPickItem } from 'vscode';
import { given } from '../../../paligemma/src/given';
import { machineOfPath } from '../../../paligemma/src/otherMachines';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { commandIds } from '../common/commandIds';
import { DisposableStore } from '../common/disposableStore';
import { toFailure } from '../errors/failure';
import { showFailure } from '../errors/showFailure';
import { groupModels, isRemovable } from './modelGroups';
import { modelItem } from './modelItems';
import { recommendedFirst, recommendedModel } from './recommended';
import { chosenModel, chosenWeights, isOfWorkspace, writeModel } from './modelSetting';
import type { ModelServices } from './services';
import { window } from '../common/window';

type Choice = QuickPickItem & { readonly model?: ModelInfo; readonly choose?: () => Promise<unknown> };

const cardButton: QuickInputButton = { iconPath: new ThemeIcon('book'), tooltip: l10n.t('Model Card') };
const licenceButton: QuickInputButton = { iconPath: new ThemeIcon('law'), tooltip: l10n.t('Open Licence Page') };
const verifyButton: QuickInputButton = { iconPath: new ThemeIcon('verified'), tooltip: l10n.t('Verify Model') };
const removeButton: QuickInputButton = { iconPath: new ThemeIcon('trash'), tooltip: l10n.t('Remove Model…') };

export interface ChoiceOptions {
  /** Default: where the setting stands now. */
  readonly forWorkspace?: boolean;
  /** A folder that was just added: its model is the one that Enter takes. */
  readonly addedFolder?: string;
}

/**
 * Lets the person choose among the models and writes the setting `paligemma.model`, for this workspace only where that
 * is wanted.
 */
export async function chooseModel(
  services: ModelServices,
  { forWorkspace = isOfWorkspace(), addedFolder }: ChoiceOptions = {},
): Promise<void> {
  const pick = window.createQuickPick<Choice>();
  pick.title = forWorkspace ? l10n.t('Choose Model for This Workspace') : l10n.t('Choose Model');
  pick.placeholder = l10n.t('The model that answers from now on');
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.busy = true;
  pick.show();
  const choice = chosenIn(pick);
  const shown = choices(services, forWorkspace).then(items => {
    pick.items = items;
    pick.activeItems = firstChoice(items, addedFolder);
    pick.busy = false;
  });
  await (await choice)?.();
  await shown;
}

/** The line that Enter takes: the model that was just added, or the one that answers now. */
function firstChoice(items: readonly Choice[], addedFolder: string | undefined): Choice[] {
  const added = addedFolder === undefined
    ? undefined
    : items.find(({ model }) => model?.path !== undefined && isWithin(model.path, addedFolder));
  const chosen = items.find(({ model }) => model?.id === chosenModel());
  return [added ?? chosen].filter(item => item !== undefined);
}

function isWithin(place: string, folder: string): boolean {
  const below = path.relative(folder, place);
  return !below.startsWith('..') && !path.isAbsolute(below);
}

/** What to do for the person's choice; undefined where they left. */
function chosenIn(pick: QuickPick<Choice>): Promise<(() => Promise<unknown>) | undefined> {
  const owned = new DisposableStore();
  owned.add(pick);
  return new Promise(resolve => {
    const end = (work: (() => Promise<unknown>) | undefined) => {
      resolve(work);
      pick.hide();
    };
    owned.add(pick.onDidAccept(() => {
      const [choice] = pick.selectedItems;
      if (choice?.choose !== undefined) end(choice.choose);
    }));
    owned.add(pick.onDidTriggerItemButton(({ button, item: { model } }) => {
      if (model === undefined) return;
      // The list stays: who reads a licence goes on to choose.
      if (button === licenceButton) return void env.openExternal(Uri.parse(model.licence?.url ?? ''));
      end(async () =>
        commands.executeCommand(
          button === cardButton
            ? commandIds.showModelCard
            : button === verifyButton
            ? commandIds.verifyModel
            : commandIds.removeModel,
          model.id,
        )
      );
    }));
    owned.add(pick.onDidHide(() => {
      resolve(undefined);
      owned.dispose();
    }));
  });
}

async function choices(services: ModelServices, forWorkspace: boolean): Promise<Choice[]> {
  const weights = chosenWeights();
  const ways = waysToModels(forWorkspace);
  try {
    const [listed, published] = await Promise.all([
      services.client.listModels(),
      services.client.listPublishedModels(),
    ]);
    const { local, servers, downloadable } = groupModels(listed, published);
    const recommended = recommendedModel(published, weights);
    const settings = { chosen: chosenModel(), weights, ...given({ recommended: recommended?.id }) };
    const item = (model: ModelInfo): Choice => ({
      ...modelItem(model, settings, l10n.t),
      model,
      buttons: [
        cardButton,
        ...(model.licence === undefined ? [] : [licenceButton]),
        ...(model.isInstalled && model.server === undefined ? [verifyButton] : []),
        ...(isRemovable(model) ? [removeButton] : []),
      ],
      choose: () => choose(model, forWorkspace),
    });
    const automatic: Choice = {
      label: settings.chosen === '' ? `$(check) ${l10n.t('Automatic')}` : l10n.t('Automatic'),
      detail: l10n.t('The best model on this machine'),
      choose: () => writeModel('', forWorkspace),
    };
    return [
      separator(l10n.t('on this machine')),
      automatic,
      ...local.map(item),
      ...(servers.length === 0 ? [] : [separator(l10n.t('on servers')), ...servers.map(item)]),
      separator(l10n.t('can be downloaded')),
      ...recommendedFirst(downloadable, recommended).map(item),
      ...ways,
    ];
  } catch (error) {
    showFailure(toFailure(error, l10n.t), services.log, error);
    return ways;
  }
}

function waysToModels(forWorkspace: boolean): Choice[] {
  const command = (icon: string, label: string, id: string, detail?: string, ...args: unknown[]): Choice => ({
    label: `$(${icon}) ${label}`,
    ...(detail === undefined ? {} : { detail }),
    alwaysShow: true,
    choose: async () => commands.executeCommand(id, ...args),
  });
  return [
    separator(l10n.t('more')),
    command('cloud-download', l10n.t('Download a Model…'), commandIds.downloadModel),
    command(
      'folder',
      l10n.t('Add a Model Folder…'),
      commandIds.addModelFolder,
      l10n.t('A folder on this machine that holds a PaliGemma 2 model'),
    ),
    ...(workspace.isTrusted
      ? [
        command(
          'cloud',
          l10n.t('Use a Server…'),
          commandIds.useServer,
          l10n.t('Your own inference server; pictures are sent to it'),
        ),
      ]
      : []),
    ...(workspace.workspaceFolders === undefined && workspace.workspaceFile === undefined
      ? []
      : scopeChoices(forWorkspace)),
  ];
}

function scopeChoices(forWorkspace: boolean): Choice[] {
  const other: Choice = forWorkspace
    ? {
      label: `$(globe) ${l10n.t('Choose for All Workspaces…')}`,
      alwaysShow: true,
      choose: async () => commands.executeCommand(commandIds.chooseModel, false),
    }
    : {
      label: `$(root-folder) ${l10n.t('Choose for This Workspace Only…')}`,
      alwaysShow: true,
      choose: async () => commands.executeCommand(commandIds.chooseModel, true),
    };
  const forget: Choice = {
    label: `$(discard) ${l10n.t('Forget the Choice of This Workspace')}`,
    alwaysShow: true,
    choose: () => writeModel(undefined, true),
  };
  return isOfWorkspace() ? [other, forget] : [other];
}

function separator(label: string): Choice {
  return { label, kind: QuickPickItemKind.Separator };
}

async function choose({ id, isInstalled, problem }: ModelInfo, forWorkspace: boolean): Promise<void> {
  if (problem !== undefined) void window.showWarningMessage(problem);
  else if (isInstalled) await writeModel(id, forWorkspace);
  else await commands.executeCommand(commandIds.downloadModel, id);
}

/** Adds a folder to the setting `paligemma.modelFolders` and goes on to the choice of a model. */
export async function addModelFolder(services: ModelServices): Promise<void> {
  const [folder] = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    title: l10n.t('Choose the Folder of a Model'),
    openLabel: l10n.t('Add'),
  }) ?? [];
  if (folder === undefined) return;
  if (machineOfPath(folder.fsPath) !== undefined) {
    void window.showWarningMessage(
      l10n.t(
        '{0} is on another machine, and settings name folders of this one only. Give it a drive letter, or add it in a terminal: paligemma models add "{0}"',
        folder.fsPath,
      ),
    );
    return;
  }
  const configuration = workspace.getConfiguration('paligemma');
  const known = configuration.get<string[]>('modelFolders', []);
  if (!known.includes(folder.fsPath)) {
    await configuration.update('modelFolders', [...known, folder.fsPath], ConfigurationTarget.Global);
  }
  await chooseModel(services, { addedFolder: folder.fsPath });
}
