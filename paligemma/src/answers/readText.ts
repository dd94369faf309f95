import { readAnswer, type KindSource } from '../kinds/kinds';
import { plainText } from '../plainText';
import type { RunResult } from '../runResult';
import type { Translate } from '../translate';

/** Nothing is said about faults here. */
const untold: Translate = message => message;

/**
 * The text that was read from a picture, for a document: words with places in their lines, a table in columns; of other
 * answers what is beside their regions, and without regions the raw answer, so that nothing is lost.
 */
export function readText(result: KindSource & Pick<RunResult, 'text' | 'regions'>): string {
  const answer = readAnswer(result, undefined, untold);
  if (!answer.isPlain) return answer.text();
  return plainText(result.regions.length > 0 ? result.text : result.suffix).trim();
}
