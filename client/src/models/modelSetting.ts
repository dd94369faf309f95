/** The setting `paligemma.model`: which model answers, for the person or for the workspace. */
import { ConfigurationTarget, workspace } from 'vscode';
import type { WeightType } from '../../../paligemma/src/facts';
import { stepIsDone } from '../common/firstSteps';
import { defaultSettings } from '../../../server/src/contract/settings';

/** Empty: the best one on this machine. */
export function chosenModel(): string {
  return workspace.getConfiguration('paligemma').get('model', '');
}

export function chosenWeights(): WeightType {
  return workspace.getConfiguration('paligemma').get('weights', defaultSettings.weights);
}

/** Whether this workspace has a choice of its own. */
export function isOfWorkspace(): boolean {
  return workspace.getConfiguration('paligemma').inspect('model')?.workspaceValue !== undefined;
}

/** A value of the workspace would hide one of the user, so without `forWorkspace` it is changed where it stands. */
export async function writeModel(id: string | undefined, forWorkspace = isOfWorkspace()): Promise<void> {
  await workspace.getConfiguration('paligemma').update(
    'model',
    id,
    forWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global,
  );
  if (id !== undefined && id !== '') stepIsDone('model');
}
