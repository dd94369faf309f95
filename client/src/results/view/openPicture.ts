/** The one door from a results view to the large view of a picture. */
import type { ResultSet } from '../../../../paligemma/src/results/resultSet';
import { runFailure } from '../../errors/failure';
import type { ImageViews } from '../../viewer/imageViews';
import { doneView, failedView, idleView } from '../../viewer/viewState';

export interface OpenedPicture {
  readonly set: ResultSet;
  readonly index: number;
}

/**
 * Shows a picture with its answer.
 * @param sequence What is shown in the results view, in its order: where "next" and "previous" of the large view lead.
 */
export async function openPicture(
  views: ImageViews,
  { set, index }: OpenedPicture,
  _sequence: readonly OpenedPicture[],
): Promise<void> {
  const picture = set.order.pictures[index];
  if (picture === undefined) return;
  const { imageUri, name } = picture;
  const idle = { ...idleView(imageUri, name.slice(name.lastIndexOf('/') + 1)), prompt: set.order.prompt };
  const outcome = set.outcome(index);
  if (outcome === undefined) await views.show(idle);
  else if ('result' in outcome) await views.show(doneView(idle, outcome.result, undefined));
  else await views.show(failedView(idle, runFailure(outcome.error).message));
}
