import { l10n } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { modelItem } from './modelItems';
import { chosenModel, chosenWeights } from './modelSetting';
import { window } from '../common/window';

/** Undefined: the person left. */
export async function pickModel(
  models: readonly ModelInfo[],
  title: string,
  placeHolder: string,
): Promise<ModelInfo | undefined> {
  const settings = { chosen: chosenModel(), weights: chosenWeights() };
  const items = models.map((model): QuickPickItem & { readonly model: ModelInfo } => ({
    ...modelItem(model, settings, l10n.t),
    model,
  }));
  return (await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true }))?.model;
}
