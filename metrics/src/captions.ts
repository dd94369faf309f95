import * as l10n from '@vscode/l10n';
import { bleu } from './captions/bleu';
import { ciderD } from './captions/cider';
import { ngramsOf } from './captions/ngrams';
import { rougeL } from './captions/rougeL';
import type { Metric } from './common/metric';

/** A caption of a model, and at least one that a person wrote. */
export interface Caption {
  readonly prediction: string;
  readonly references: readonly string[];
}

export interface CaptionScores {
  /** CIDEr-D of the set, 0…10, and of each picture. Papers print it × 100. */
  readonly cider: number;
  readonly cider_each: readonly number[];
  /** BLEU-1…4 of the set. */
  readonly bleu: readonly number[];
  readonly rouge_l: number;
  readonly rouge_l_each: readonly number[];
}

/**
 * What captions are judged by. Nothing is tokenised or written small here: published values need `ptbTokens` first.
 * @param captions At least one.
 * @throws CaseFault for texts that are too long.
 */
export function captionScores(captions: readonly Caption[]): CaptionScores {
  const counted = captions.map(({ prediction, references }) => ({
    prediction: ngramsOf(prediction),
    references: references.map(ngramsOf),
  }));
  const each = ciderD(counted);
  const rouge = captions.map(({ prediction, references }) => rougeL(prediction, references));
  return { cider: mean(each), cider_each: each, bleu: bleu(counted), rouge_l: mean(rouge), rouge_l_each: rouge };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export const captions: Metric = {
  name: 'captions',
  about: () => l10n.t('CIDEr-D, BLEU-1 to 4 and ROUGE-L of captions that are tokenized already'),
  fields: 'images: [{prediction, references: [TEXT…]}…]',
  score: fields => {
    const images = fields.list('images', 1);
    return {
      expected: {
        ...captionScores(
          images.map(image => ({ prediction: image.text('prediction'), references: image.texts('references', 1) })),
        ),
      },
    };
  },
};
