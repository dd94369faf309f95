/** What stands above an open line: where it is, and the ways to others. */
import type { LineWords, OpenLine } from '../../client/src/contract/dataSet';
import { tameLines } from '../../paligemma/src/plainText';
import { element, filled, named, setText } from '../dom/dom';

export const lineActions = ['back', 'previous', 'next', 'nextDraft', 'showText', 'accept', 'reject'] as const;
export type LineAction = (typeof lineActions)[number];

export class LineHead {
  readonly element: HTMLElement;
  private readonly place = element('span', { id: 'place' });
  private readonly file = element('span', { class: 'file', dir: 'auto' });
  private readonly draft = element('div', { class: 'draft-bar', id: 'draft-bar' });
  private readonly draftText = element('span');
  private readonly buttons = new Map(
    lineActions.map(action => [action, element('button', { id: action, type: 'button' })]),
  );

  constructor(onAction: (action: LineAction) => void) {
    for (const [action, button] of this.buttons) button.addEventListener('click', () => onAction(action));
    const [back, previous, next, nextDraft, showText, accept, reject] = lineActions.map(action => this.button(action));
    this.draft.append(this.draftText, accept!, reject!);
    this.element = element('div', { class: 'line-head' }, [
      element('div', { class: 'actions' }, [back!, previous!, next!, nextDraft!, showText!]),
      element('div', { class: 'where' }, [this.file, ' ', this.place]),
      this.draft,
    ]);
  }

  name(words: LineWords): void {
    for (const action of ['back', 'nextDraft', 'showText', 'accept', 'reject'] as const) {
      setText(this.button(action), words[action]);
    }
    for (const [action, sign] of [['previous', '‹'], ['next', '›']] as const) {
      this.button(action).textContent = sign;
      named(this.button(action), words[action]);
    }
    this.draftText.textContent = words.draft;
  }

  show(
    { name, place, number, isDraft }: OpenLine,
    shown: number,
    lineNumber: string,
    words: LineWords,
    isWritable: boolean,
  ): void {
    setText(this.file, tameLines(name));
    const at = place === undefined ? '' : ` · ${filled(words.place, place, shown)}`;
    setText(this.place, `${filled(lineNumber, number)}${at}`);
    this.draft.hidden = !isDraft;
    for (const action of ['accept', 'reject'] as const) this.button(action).disabled = !isWritable;
  }

  private button(action: LineAction): HTMLButtonElement {
    const button = this.buttons.get(action);
    if (button === undefined) throw new Error(`no button for ${action}`);
    return button;
  }
}
