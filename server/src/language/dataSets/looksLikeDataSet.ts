/** Whether lines of JSON are those of a data set: by what they say, since neither name nor setting tells. */
import { readSetLine } from '../../../../datasets/src/lines/setLine';

/** Lines that are looked at. */
const ENOUGH = 20;

/**
 * @param texts The first lines of a file that are not empty.
 * @param wasOne A line that is being written is no JSON for a while: what was a data set stays one until a line says
 *   something else.
 */
export function looksLikeDataSet(texts: readonly string[], wasOne: boolean): boolean {
  let [fitting, others] = [0, 0];
  for (const text of texts.slice(0, ENOUGH)) {
    const kind = kindOf(text);
    if (kind === 'example') fitting++;
    else if (kind === 'other') others++;
  }
  return fitting > 0 ? fitting >= others : wasOne && others === 0 && texts.length > 0;
}

function kindOf(text: string): 'example' | 'other' | 'unreadable' {
  if (!text.trimStart().startsWith('{')) return 'other';
  const line = readSetLine(text);
  if (!('form' in line)) return 'unreadable';
  const { images, prefix, suffix } = line;
  return images.length > 0 && (prefix !== undefined || suffix !== undefined) ? 'example' : 'other';
}
