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
 * Source: antoniorv6/SMT afcdefd, `eval_functions.py`.
 */
export function musicErrors(predictions: readonly string[], references: readonly string[]): MusicErrors | undefined {
  const rate = (parts: (score: string) => readonly string[]) => {
    let edits = 0;
    let length = 0;
    for (const [index, reference] of references.entries()) {
      const wanted = parts(reference);
      edits += editDistance(parts(predictions[index] ?? ''), wanted);
      length += wanted.length;
    }
    return 100 * edits / length;
  };
  if (references.every(reference => reference === '')) return undefined;
  return { cer: rate(characters), ser: rate(symbols), ler: rate(score => score.split('\n')) };
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
