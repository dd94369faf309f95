import type { AnswerDrawing } from '../../../client/src/contract/viewer';
import { element } from '../../dom/dom';

/** A picture of black lines on a light ground of its own, whatever the theme. */
export function plate({ src, alt }: NonNullable<AnswerDrawing['picture']>): HTMLElement {
  return element('div', { class: 'plate', tabindex: '0' }, [element('img', { class: 'drawn-picture', src, alt })]);
}
