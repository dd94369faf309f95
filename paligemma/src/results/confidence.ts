import { meanProbability } from '../confidence';
import type { Answer } from '../runResult';

/**
 * How sure a model was of an answer, 0…1: of its regions, that of the least sure one; of a text, the mean probability of
 * its tokens. Undefined where the model does not tell, and for answers that were stored before regions told.
 */
export function confidenceOf({ regions, tokenProbabilities }: Pick<Answer, 'regions' | 'tokenProbabilities'>):
  | number
  | undefined
{
  if (regions.length === 0) return meanProbability(tokenProbabilities);
  const told = regions.flatMap(({ confidence }) => confidence ?? []);
  return told.length < regions.length ? undefined : Math.min(...told);
}
