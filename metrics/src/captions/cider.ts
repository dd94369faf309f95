import { NGRAM_LENGTHS, type CountedCaption, type Ngrams } from './ngrams';

/** Spread of the penalty for captions of another length, in bigrams. */
const SIGMA = 6;

/** An n-gram's weight is its count × ln(pictures / pictures whose references hold it). */
interface Weighted {
  readonly weights: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  readonly bigrams: number;
}

/**
 * CIDEr-D of each picture, 0…10; that of the set is their mean. It needs a set: with one picture, or where all have the
 * same references, every weight is 0. A perfect caption of one word reaches 2.5, of two words 5.
 */
export function ciderD(captions: readonly CountedCaption[]): readonly number[] {
  const set = new CiderSet();
  for (const { references } of captions) set.add(references);
  return captions.map(caption => set.score(caption));
}

/**
 * What is known of a set's pictures before anything is judged: in how many of them the references hold an n-gram. So
 * captions of a long file are judged one by one, once all of its references were added.
 * Source: pycocoevalcap 1.2, `cider/cider_scorer.py`.
 */
export class CiderSet {
  private readonly pictures = new Map<string, number>();
  private total = 0;

  /** @param references Of one picture. */
  add(references: readonly Ngrams[]): void {
    const held = new Set(references.flatMap(({ counts }) => counts.flatMap(count => [...count.keys()])));
    for (const ngram of held) this.pictures.set(ngram, (this.pictures.get(ngram) ?? 0) + 1);
    this.total++;
  }

  /** 0…10. The caption's references were added before. */
  score({ prediction, references }: CountedCaption): number {
    const weigh = (ngrams: Ngrams) => weighted(ngrams, this.pictures, this.total);
    const answer = weigh(prediction);
    const sum = references.map(weigh).reduce((total, reference) => total + similarity(answer, reference), 0);
    return 10 * sum / (NGRAM_LENGTHS * references.length);
  }
}

function weighted({ counts }: Ngrams, pictures: ReadonlyMap<string, number>, total: number): Weighted {
  const weights = counts.map(count =>
    new Map([...count].map(([ngram, times]) => [ngram, times * (Math.log(total) - Math.log(pictures.get(ngram) ?? 1))]))
  );
  const norms = weights.map(weight => Math.sqrt([...weight.values()].reduce((sum, value) => sum + value ** 2, 0)));
  return { weights, norms, bigrams: [...counts[1]?.values() ?? []].reduce((sum, times) => sum + times, 0) };
}

/** Summed over the lengths of n-grams. */
function similarity(answer: Weighted, reference: Weighted): number {
  const penalty = Math.exp(-((answer.bigrams - reference.bigrams) ** 2) / (2 * SIGMA ** 2));
  let sum = 0;
  for (const [index, weights] of answer.weights.entries()) {
    let product = 0;
    for (const [ngram, weight] of weights) {
      const other = reference.weights[index]?.get(ngram) ?? 0;
      product += Math.min(weight, other) * other;
    }
    const norm = (answer.norms[index] ?? 0) * (reference.norms[index] ?? 0);
    sum += penalty * (norm === 0 ? product : product / norm);
  }
  return sum;
}
