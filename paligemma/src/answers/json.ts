/** An answer as programs read it. */
import { tameLines, tameText } from '../plainText';
import type { ErrorKind } from '../failures';
import { given } from '../given';
import { readAnswer, type KindName } from '../kinds/kinds';
import type { RunResult } from '../runResult';
import type { Translate } from '../translate';

/**
 * JSON that means the same wherever it is shown: what controls a terminal, ends a line or turns the direction of text is
 * escaped, and read back as it was.
 * @param indent Spaces a level; without it everything is on one line.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  // Its own line ends are none of a value.
  return indent === undefined ? tameText(text) : tameLines(text);
}

/** What stands in the place of an answer where there is none. @param imagePath Absent where none is meant. */
export function failureJson(
  imagePath: string | undefined,
  { code, kind, message }: { readonly code: number; readonly kind: ErrorKind; readonly message: string },
): Readonly<Record<string, unknown>> {
  return { ...given({ image: imagePath }), error: { code, kind, message } };
}

/**
 * The object that the command line prints with `--json` and that the image view copies: everything that is known, the
 * raw suffix included, but what the picture's content and each token's probability are: regions tell their confidence;
 * and the answer as what it is.
 * @param imagePath The picture as the reader knows it. @param show What the answer is to be read as.
 */
export function resultJson(
  imagePath: string,
  result: RunResult,
  t: Translate,
  show?: KindName,
): Readonly<Record<string, unknown>> {
  const { image: { widthPx, heightPx }, model, device, prompt, suffix, text: _, ...others } = result;
  const { tokenProbabilities: _probabilities, fromStore: _fromStore, ...shown } = others;
  return {
    image: imagePath,
    widthPx,
    heightPx,
    model,
    device,
    prompt,
    suffix,
    ...shown,
    answer: readAnswer(result, show, t).json(),
  };
}
