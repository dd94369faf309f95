/** The one door from a results view to the large view of a picture. */
import { Uri, l10n } from 'vscode';
import { given } from '../../../../paligemma/src/given';
import type { ResultSet } from '../../../../paligemma/src/results/resultSet';
import { answererText } from '../../../../paligemma/src/serverNames';
import { runFailure } from '../../errors/failure';
import { imageName } from '../../images/documentPages';
import type { ImageViews } from '../../viewer/imageViews';
import type { ShownRun } from '../../viewer/pictureSeries';
import { doneView, idleView } from '../../viewer/viewState';

export interface OpenedPicture {
  readonly set: ResultSet;
  readonly index: number;
}

/**
 * Shows a picture with its answer.
 * @param sequence What is shown in the results view, in its order: where "next" and "previous" of the large view lead,
 * as far as it is of the same run.
 */
export async function openPicture(
  views: ImageViews,
  { set, index }: OpenedPicture,
  sequence: readonly OpenedPicture[],
): Promise<void> {
  const picture = set.order.pictures[index];
  if (picture === undefined) return;
  const indices = sequence.filter(place => place.set === set).map(place => place.index);
  const shown = indices.includes(index) ? indices : [index];
  await views.openRun(runOf(set, shown, index), shown.indexOf(index));
  const outcome = set.outcome(index);
  if (outcome === undefined || !('result' in outcome) || set.lacksMasks(index)) return;
  // The answer of this run itself, where another was given to the same prompt meanwhile.
  const { imageUri } = picture;
  const { prompt, show } = set.order;
  if (views.find(imageUri)?.state.result?.suffix === outcome.result.suffix) return;
  const idle = { ...idleView(imageUri, imageName(Uri.parse(imageUri))), prompt, ...given({ show }) };
  await views.show(doneView(idle, outcome.result, undefined));
}

function runOf(set: ResultSet, indices: readonly number[], opened: number): ShownRun {
  const { prompt, show, pictures } = set.order;
  const outcome = set.outcome(opened);
  const model = outcome !== undefined && 'result' in outcome ? answererText(outcome.result, l10n.t) : undefined;
  return {
    prompt,
    ...given({ show, model }),
    pictures: indices.flatMap(index => {
      const { imageUri } = pictures[index] ?? {};
      const failed = set.outcome(index);
      const error = failed !== undefined && 'error' in failed ? runFailure(failed.error).message : undefined;
      return imageUri === undefined ? [] : [{ imageUri, ...given({ error }) }];
    }),
  };
}
