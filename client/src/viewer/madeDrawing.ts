import type { AnswerForm } from '../../../paligemma/src/kinds/kinds';
import type { AnswerDrawing } from '../contract/viewer';

/** A drawing with the forms of the answer that come with it, which the page does not get. */
export interface MadeDrawing extends AnswerDrawing {
  readonly forms?: readonly AnswerForm[];
}
