/** The model that answers a prompt. */
import type { LanguageContext } from './context';
import { checkpointFacts } from './models';
import type { CheckpointFacts } from './models';
import type { PromptState } from '../syntax/parser';

const noModel: CheckpointFacts = {
  id: '',
  kind: 'unknown',
  resolutionPx: undefined,
  textLength: undefined,
  isInstalled: false,
  isKnown: false,
  tunedTo: undefined,
};

/** Facts of the model of `@model`, else of the settings; nothing is known where neither names one. */
export function checkpointOf(state: PromptState, context: LanguageContext): CheckpointFacts {
  const id = state.model?.model || context.defaultModel;
  return id === undefined || id === '' ? noModel : checkpointFacts(id, context.models);
}
