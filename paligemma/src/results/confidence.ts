/**
 * How sure a model was of an answer as a whole, 0…1: the geometric mean of the probabilities of its tokens, which does
 * not fall with the length of the answer as their product would. Undefined where none are told: inference servers do
 * not, and an empty answer has no token.
 */
export function confidenceOf(tokenProbabilities: readonly number[]): number | undefined {
  if (tokenProbabilities.length === 0) return undefined;
  const sum = tokenProbabilities.reduce((logs, probability) => logs + Math.log(probability), 0);
  return Math.exp(sum / tokenProbabilities.length);
}
