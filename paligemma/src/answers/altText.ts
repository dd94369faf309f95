import type { RunResult } from '../runResult';
import { plainLine } from '../plainText';
import { proseFault, type ProseFault } from './prose';

type Words = Pick<RunResult, 'text' | 'suffix' | 'regions'>;

/**
 * What an answer says in words, on one line: its text where that is prose, or the names of its regions, each once;
 * empty where neither.
 */
export function altText(answer: Words): string {
  const words = ownWords(answer);
  return proseFault(words) === undefined ? words : namedRegions(answer);
}

/** Why an answer has no alt text; undefined where it has one. */
export function altTextFault(answer: Words): ProseFault | undefined {
  return altText(answer) === '' ? proseFault(ownWords(answer)) : undefined;
}

function ownWords({ text, suffix, regions }: Words): string {
  return plainLine(regions.length > 0 ? text : text || suffix);
}

function namedRegions({ regions }: Words): string {
  return [...new Set(regions.map(({ label }) => plainLine(label)))].filter(Boolean).join(', ');
}
