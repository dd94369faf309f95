/** An answer as programs read it. */
import type { RunResult } from '../runResult';

/**
 * The object that the command line prints with `--json` and that the image view copies: everything that is known, the
 * raw suffix included, but what the picture's content and each token's probability are.
 * @param imagePath The picture as the reader knows it.
 */
export function resultJson(imagePath: string, result: RunResult): Readonly<Record<string, unknown>> {
  const { image: { widthPx, heightPx }, model, device, prompt, suffix, text: _, ...others } = result;
  const { tokenProbabilities: _probabilities, fromStore: _fromStore, ...shown } = others;
  return { image: imagePath, widthPx, heightPx, model, device, prompt, suffix, ...shown };
}
