import { readAnswer, type KindSource } from '../kinds/kinds';
import { plainText } from '../plainText';
import type { RunResult } from '../runResult';
import { untranslated } from '../translate';

/**
 * The text that was read from a picture, for a document: words with places in their lines; a table, where its cells have
 * places, in columns; of other answers what is beside their regions. Without regions it is the raw answer, whatever that
 * looks like, so that nothing is lost: what is read may be a page's HTML.
 */
export function readText(result: KindSource & Pick<RunResult, 'text' | 'regions'>): string {
  if (result.regions.length === 0) return plainText(result.suffix).trim();
  const answer = readAnswer(result, undefined, untranslated);
  const isPlaced = answer.kind === 'spotting' || answer.kind === 'table';
  return (isPlaced ? answer.text() : '') || plainText(result.text).trim();
}
