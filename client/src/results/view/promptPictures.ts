/** The pictures of a prompt in a prompt file, as a run that can be looked at. */
import { l10n } from 'vscode';
import type { PromptPictures } from '../../../../server/src/contract/promptPictures';
import { given } from '../../../../paligemma/src/given';
import { failureTable } from '../../../../paligemma/src/failures';
import type { ResultSet, ResultSetOrder } from '../../../../paligemma/src/results/resultSet';
import type { RunOutcome } from '../../../../paligemma/src/runResult';
import type { ResultSets } from '../resultSets';

/** The same prompt on the same pictures is the same run: what is open of it is shown again, with what is known now. */
export function setOfPrompt({ images, choices, show }: PromptPictures, sets: ResultSets): ResultSet {
  const prompt = images[0]?.prompt ?? '';
  const imageUris = images.map(({ imageUri }) => imageUri);
  const wish = { title: l10n.t('Prompt file'), prompt, choices, ...given({ show }), imageUris };
  const set = sets.all.find(({ order }) => isSame(order, wish)) ?? sets.begin(wish);
  images.forEach(({ imageUri, result, problem }, index) => {
    // The server leaves masks and probabilities out; what is here has them.
    if (result !== undefined && set.result(index)?.suffix !== result.suffix) {
      set.putWithoutMasks(index, { imageUri, result }, /<seg\d{3}>/.test(result.suffix));
    }
    if (problem !== undefined) set.put(new Map([[index, failed(imageUri, problem)]]));
  });
  return set;
}

/** Indices of the answers of which the server left something out. */
export function incomplete(set: ResultSet): number[] {
  return set.inState('answered').filter(index => set.row(index)?.confidence === undefined || set.lacksMasks(index));
}

function isSame(
  order: ResultSetOrder,
  wish: Pick<ResultSetOrder, 'prompt' | 'choices' | 'show'> & {
    readonly imageUris: readonly string[];
  },
): boolean {
  return order.prompt === wish.prompt && order.show === wish.show
    && JSON.stringify(order.choices) === JSON.stringify(wish.choices)
    && order.pictures.length === wish.imageUris.length
    && order.pictures.every(({ imageUri }, index) => imageUri === wish.imageUris[index]);
}

/** A prompt file keeps the sentence of a failure only. */
function failed(imageUri: string, message: string): RunOutcome {
  const { code, kind } = failureTable.internal;
  return { imageUri, error: { code, kind, reason: 'internal', message } };
}
