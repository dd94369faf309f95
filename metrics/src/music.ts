import * as l10n from '@vscode/l10n';
import { editDistance } from './common/editDistance';
import { CaseFault } from './common/caseFault';
import type { Metric } from './common/metric';
import { characters } from './common/python';

export interface MusicErrors {
  /** Of characters, tabs and newlines among them. Per cent; can exceed 100. */
  readonly cer: number;
  /** Of symbols: what stands between blanks, each newline and tab as one of its own. Per cent. */
  readonly ser: number;
  /** Of lines. Per cent. */
  readonly ler: number;
}

/**
 * Error rates of scores in `**kern`: edits over all scores, per hundred of the references' symbols.
 * @returns Undefined where the references hold no character: there is nothing to divide by.
 */
export function musicErrors(predictions: readonly string[], references: readonly string[]): MusicErrors | undefined {
  const edits = new MusicEdits();
  for (const [index, reference] of references.entries()) edits.add(musicEdits(predictions[index] ?? '', reference));
  return edits.errors();
}

/** Edits of one score, and symbols of its reference: of characters, of symbols, of lines. */
export type ScoreEdits = readonly { readonly edits: number; readonly length: number }[];

/** Source: antoniorv6/SMT afcdefd, `eval_functions.py`. */
export function musicEdits(prediction: string, reference: string): ScoreEdits {
  return [characters, symbols, (score: string) => score.split('\n')].map(parts => {
    const wanted = parts(reference);
    return { edits: editDistance(parts(prediction), wanted), length: wanted.length };
  });
}

/** The same of many scores, one after the other. */
export class MusicEdits {
  private readonly sums = [0, 1, 2].map(() => ({ edits: 0, length: 0 }));

  add(score: ScoreEdits): void {
    for (const [index, sum] of this.sums.entries()) {
      sum.edits += score[index]?.edits ?? 0;
      sum.length += score[index]?.length ?? 0;
    }
  }

  /** Undefined where the references hold no character. */
  errors(): MusicErrors | undefined {
    const [cer = 0, ser = 0, ler = 0] = this.sums.map(({ edits, length }) => 100 * edits / length);
    return this.sums[0]?.length === 0 ? undefined : { cer, ser, ler };
  }
}

/** Two tabs in a row, and a newline at the end, make an empty symbol that counts: so in the original. */
function symbols(score: string): readonly string[] {
  return score.replaceAll('\n', ' <b> ').replaceAll('\t', ' <t> ').split(' ');
}

export const musicCerSerLer: Metric = {
  name: 'music_cer_ser_ler',
  about: () => l10n.t('scores in **kern: error rates of characters, symbols and lines, in per cent'),
  fields: 'predictions: [TEXT…], references: [TEXT…]',
  score: fields => {
    const predictions = fields.texts('predictions');
    const references = fields.texts('references');
    if (predictions.length !== references.length) {
      throw new CaseFault(
        l10n.t(
          'It has {0} predictions and {1} references. Each score needs one of both.',
          predictions.length,
          references.length,
        ),
      );
    }
    const errors = musicErrors(predictions, references);
    return { expected: errors === undefined ? null : { ...errors } };
  },
};
