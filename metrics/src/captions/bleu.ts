import { NGRAM_LENGTHS, type CountedCaption } from './ngrams';

/** Added so that nothing is divided by 0: what has no n-gram of a length gets a small value instead of none. */
const TO_COUNTS = 1e-15;
const TO_TOTALS = 1e-9;

/** BLEU-1…4 of the whole set, 0…1. */
export function bleu(captions: readonly CountedCaption[]): readonly number[] {
  const counts = new BleuCounts();
  for (const caption of captions) counts.add(caption);
  return counts.scores();
}

/**
 * What of a set BLEU is made of, caption by caption: products of clipped precisions, with the penalty for captions that
 * are shorter than the references nearest in length (of two, the shorter one).
 * Source: pycocoevalcap 1.2, `bleu/bleu_scorer.py` with the option `closest`.
 */
export class BleuCounts {
  private readonly found = new Array<number>(NGRAM_LENGTHS).fill(0);
  private readonly total = new Array<number>(NGRAM_LENGTHS).fill(0);
  private length = 0;
  private wantedLength = 0;

  add({ prediction, references }: CountedCaption): void {
    this.length += prediction.length;
    this.wantedLength += nearestLength(prediction.length, references.map(reference => reference.length));
    for (const [index, counts] of prediction.counts.entries()) {
      this.total[index]! += Math.max(0, prediction.length - index);
      for (const [ngram, times] of counts) {
        const most = Math.max(...references.map(reference => reference.counts[index]?.get(ngram) ?? 0));
        this.found[index]! += Math.min(times, most);
      }
    }
  }

  scores(): readonly number[] {
    const ratio = (this.length + TO_COUNTS) / (this.wantedLength + TO_TOTALS);
    const penalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
    let product = 1;
    return this.found.map((count, index) => {
      product *= (count + TO_COUNTS) / (this.total[index]! + TO_TOTALS);
      return penalty * product ** (1 / (index + 1));
    });
  }
}

function nearestLength(length: number, others: readonly number[]): number {
  return others.reduce((best, other) => {
    const [gap, bestGap] = [Math.abs(other - length), Math.abs(best - length)];
    return gap < bestGap || (gap === bestGap && other < best) ? other : best;
  });
}
