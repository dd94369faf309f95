import type { RunResult } from '../runResult';
import { plainLine } from '../plainText';

/** What an answer says in words, on one line: its text, or the names of its regions, each once; empty where neither. */
export function altText({ text, suffix, regions }: Pick<RunResult, 'text' | 'suffix' | 'regions'>): string {
  const words = plainLine(regions.length > 0 ? text : text || suffix);
  return words !== '' ? words : [...new Set(regions.map(({ label }) => plainLine(label)))].filter(Boolean).join(', ');
}
