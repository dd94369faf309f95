/** What a result looks like on standard output: a contract for scripts. */
import { jsonText, resultJson, tameText } from '../../../../paligemma/src/answers/json';
import { given } from '../../../../paligemma/src/given';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { Failure } from '../../../../paligemma/src/failures';

/**
 * One line: the suffix, after its path and a tab where there are or may be several pictures. Control characters, marks that turn
 * the direction of text, and backslashes are written as in a JSON string (`\n`, `\t`, `\\`, `\u001b`), so that a line stays a line and nothing is lost.
 */
export function textLine(imagePath: string, result: RunResult, hasPath: boolean): string {
  return hasPath ? `${escapeLine(imagePath)}\t${escapeLine(result.suffix)}` : escapeLine(result.suffix);
}

/** One object on one line. `imagePath`: as it was given. */
export function jsonLine(imagePath: string, result: RunResult): string {
  return jsonText(resultJson(imagePath, result));
}

/** A failed picture; `imagePath` is absent where the failure belongs to none. */
export function jsonFailure(imagePath: string | undefined, { code, kind, message }: Failure): string {
  return jsonText({ ...given({ image: imagePath }), error: { code, kind, message } });
}

/** The same for a person, on standard error. */
export function textFailure(subject: string | undefined, { code, message }: Failure): string {
  return `paligemma: ${subject === undefined ? '' : `${escapeLine(subject)}: `}${tameText(message)} (error ${code})`;
}

export function escapeLine(text: string): string {
  return jsonText(text).slice(1, -1).replaceAll('\\"', '"');
}
