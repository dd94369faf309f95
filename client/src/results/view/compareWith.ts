/** Asks what a run is to be compared with: another run of the same pictures, or one that is begun for it. */
import { QuickPickItemKind, l10n } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { ResultSet } from '../../../../paligemma/src/results/resultSet';
import type { RunChoices } from '../../../../paligemma/src/runChoices';
import type { ServerClient } from '../../connection/languageClient';
import { pickModel } from '../../models/pickModel';
import type { ResultSets } from '../resultSets';
import { setItem } from './setItem';
import { window } from '../../common/window';

/** A run that is there, or what the same pictures are to be asked. */
export type Comparand =
  | { readonly kind: 'set'; readonly set: ResultSet }
  | { readonly kind: 'run'; readonly prompt: string; readonly choices: RunChoices };

type Way = QuickPickItem & { readonly ask?: () => Promise<Comparand | undefined> };

/** Undefined: the person left. */
export async function askComparand(
  set: ResultSet,
  sets: ResultSets,
  client: ServerClient,
): Promise<Comparand | undefined> {
  const pictures = new Set(set.order.pictures.map(({ imageUri }) => imageUri));
  const others = sets.all.filter(other =>
    other !== set && other.order.pictures.some(({ imageUri }) => pictures.has(imageUri))
  );
  const ways: Way[] = [
    ...others.map((other): Way => ({ ...setItem(other), ask: () => Promise.resolve({ kind: 'set', set: other }) })),
    ...(others.length === 0 ? [] : [{ label: '', kind: QuickPickItemKind.Separator }]),
    {
      label: `$(symbol-misc) ${l10n.t('Another Model…')}`,
      detail: l10n.t('Asks the same pictures the same with another model'),
      ask: () => anotherModel(set, client),
    },
    {
      label: `$(edit) ${l10n.t('Another Prompt…')}`,
      detail: l10n.t('Asks the same model something else about the same pictures'),
      ask: () => anotherPrompt(set),
    },
    {
      label: `$(extensions) ${l10n.t('With an Adapter…')}`,
      detail: l10n.t('Asks the same model with a LoRA adapter of a folder'),
      ask: () => anAdapter(set),
    },
  ];
  const way = await window.showQuickPick(ways, {
    title: l10n.t('Compare With…'),
    placeHolder: l10n.t('What differs between the two will be marked.'),
    matchOnDescription: true,
  });
  return way?.ask?.();
}

async function anotherModel(set: ResultSet, client: ServerClient): Promise<Comparand | undefined> {
  const models = (await client.listModels()).filter(({ isInstalled, problem }) => isInstalled && problem === undefined);
  const model = await pickModel(models, l10n.t('Another Model…'), l10n.t('Which model should answer?'));
  if (model === undefined) return undefined;
  // An adapter is made for one model.
  const { adapter: _, ...choices } = set.order.choices;
  return { kind: 'run', prompt: set.order.prompt, choices: { ...choices, model: model.id } };
}

async function anotherPrompt({ order: { prompt, choices } }: ResultSet): Promise<Comparand | undefined> {
  const written = await window.showInputBox({
    title: l10n.t('Another Prompt…'),
    prompt: l10n.t('As it is sent to the model, for example: detect cup ; plate'),
    value: prompt,
    ignoreFocusOut: true,
  });
  return written === undefined ? undefined : { kind: 'run', prompt: written, choices };
}

async function anAdapter({ order: { prompt, choices } }: ResultSet): Promise<Comparand | undefined> {
  const [folder] = await window.showOpenDialog({
    title: l10n.t('Folder of a LoRA Adapter'),
    openLabel: l10n.t('Choose'),
    canSelectFiles: false,
    canSelectFolders: true,
  }) ?? [];
  if (folder === undefined) return undefined;
  return { kind: 'run', prompt, choices: { ...choices, adapter: folder.fsPath } };
}
