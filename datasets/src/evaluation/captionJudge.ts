/** Captions: they are judged against what is usual in their set, so its references come first. */
import { CiderSet } from '../../../metrics/src/captions/cider';
import { ngramsOf, type Ngrams } from '../../../metrics/src/captions/ngrams';
import { ptbTokens } from '../../../metrics/src/captions/ptbTokenizer';
import { rougeL } from '../../../metrics/src/captions/rougeL';
import type { AnsweredQuestion, LineScore } from './lineScore';
import type { Question } from './question';

const MOST_CIDER = 10;

export class CaptionJudge {
  private readonly set = new CiderSet();

  /** Every question of the set, once for each picture, before the first answer. */
  prepare({ references }: Question): void {
    this.set.add(references.map(text => ngramsOf(ptbTokens(text))));
  }

  /** CIDEr-D 0…10 and ROUGE-L, of the tokens that published values are counted in. @throws CaseFault */
  judge({ suffix, references }: AnsweredQuestion): LineScore {
    const [prediction, wanted] = [ptbTokens(suffix), references.map(ptbTokens)];
    const caption: { prediction: Ngrams; references: readonly Ngrams[] } = {
      prediction: ngramsOf(prediction),
      references: wanted.map(ngramsOf),
    };
    const rouge = rougeL(prediction, wanted);
    const scores = { cider: this.set.score(caption), rouge_l: rouge };
    // Where all pictures have the same captions CIDEr is 0 for each answer, and tells none from another.
    const isSame = wanted.includes(prediction);
    const rightness = isSame ? 1 : Math.min(0.999, (scores.cider / MOST_CIDER + rouge) / 2);
    return { scores, rightness, evidence: { kind: 'caption', caption } };
  }
}
