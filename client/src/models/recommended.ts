/** Which of the published models a person should take who has none. Free of the editor. */
import type { WeightType } from '../../../paligemma/src/facts';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { memoryOf } from './modelItems';

/** The first that fits: text and small objects want more pixels than 224. Both know all tasks. */
const candidates = ['google/paligemma2-3b-mix-448', 'google/paligemma2-3b-mix-224'];

/** One that is not here yet and fits this machine; undefined where none does, or one of them is here. */
export function recommendedModel(published: readonly ModelInfo[], weights: WeightType): ModelInfo | undefined {
  const known = candidates.flatMap(id => published.filter(model => model.id === id));
  if (known.some(({ isInstalled }) => isInstalled)) return undefined;
  return known.find(model => model.problem === undefined && memoryOf(model, weights)?.fits === true);
}

/** The models with the recommended one first. */
export function recommendedFirst(models: readonly ModelInfo[], recommended: ModelInfo | undefined): ModelInfo[] {
  const isFirst = ({ id }: ModelInfo) => id === recommended?.id;
  return [...models.filter(isFirst), ...models.filter(model => !isFirst(model))];
}
