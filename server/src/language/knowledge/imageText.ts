/** Words about pictures. */
import type { ImageFacts } from './context';
import { sizeText } from '../text/amounts';

/** `640 × 480 px, 312 kB`; empty where nothing is known. */
export function factsText(facts: ImageFacts | undefined): string {
  const parts: string[] = [];
  if (facts?.widthPx !== undefined && facts.heightPx !== undefined) {
    parts.push(`${facts.widthPx} × ${facts.heightPx} px`);
  }
  if (facts?.bytes !== undefined) parts.push(sizeText(facts.bytes));
  return parts.join(', ');
}
