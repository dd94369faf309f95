/** An answer as programs read it. */
import type { RunResult } from '../runResult';

/** What may stand in JSON and yet controls a terminal, ends a line or turns the direction of text. */
const untamed = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * JSON that means the same wherever it is shown: what controls a terminal, ends a line or turns the direction of text is
 * escaped, and read back as it was.
 * @param indent Spaces a level; without it everything is on one line.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    untamed,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Text for a person with all of that, and the control characters, written as in JSON; backslashes stay as they are. So
 * it may be done twice, and to a line of JSON.
 */
export function tameText(text: string): string {
  return text.replace(/[\u0000-\u001f]/g, escaped).replace(untamed, escaped).replace(/\p{Surrogate}/gu, escaped);
}

function escaped(character: string): string {
  return jsonText(character).slice(1, -1);
}

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
