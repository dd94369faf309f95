import { plainText } from '../plainText';
import type { RunResult } from '../runResult';

/** The text that was read from a picture, for a document; without regions the raw answer, so that nothing is lost. */
export function readText({ text, suffix, regions }: Pick<RunResult, 'text' | 'suffix' | 'regions'>): string {
  return plainText(regions.length > 0 ? text : suffix).trim();
}
