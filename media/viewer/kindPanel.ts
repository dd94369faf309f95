/** The answer as what it is: the choice of its kind, its drawing, and what is wrong with it. */
import type { FromViewer, ShownAnswer, ViewWords } from '../../client/src/contract/viewer';
import type { KindName } from '../../paligemma/src/kinds/kinds';
import { element, setText } from '../dom/dom';
import type { Drawn } from './kinds/drawing';
import { draw } from './kinds/drawings';

export interface KindActions {
  select(region: number | undefined): void;
  point(region: number | undefined): void;
}

export class KindPanel {
  private readonly choiceName = element('span');
  private readonly choice = element('select', { id: 'show-as' });
  /** Stands beside what can be done with the answer. */
  readonly choiceElement = element('label', { class: 'show-as' }, [this.choiceName, this.choice]);
  private readonly room = element('div', { id: 'drawing' });
  private readonly faultsHeading = element('h3', { id: 'faults-heading' });
  private readonly faultList = element('ul', { id: 'faults', 'aria-labelledby': 'faults-heading' });
  private readonly faults = element('div', { class: 'faults' }, [this.faultsHeading, this.faultList]);
  private readonly notes = element('div', { id: 'drawing-notes', class: 'notes' });
  readonly element = element('div', { class: 'kind' }, [this.room, this.notes, this.faults]);
  private drawn: Drawn | undefined;
  private shown = '';

  constructor(post: (message: FromViewer) => void, private readonly actions: KindActions) {
    this.choice.addEventListener('change', () => {
      const kind = this.kinds[this.choice.selectedIndex];
      post({ type: 'showAs', ...(kind === undefined ? {} : { kind }) });
    });
  }

  private kinds: readonly (KindName | undefined)[] = [];
  private answer: ShownAnswer | undefined;

  /** Undefined where there is no answer. */
  get name(): KindName | undefined {
    return this.answer?.shown.kind;
  }

  /** One line of an answer that is drawn. */
  get line(): string | undefined {
    return this.answer?.line;
  }

  /** Whether the answer can be copied in other forms than text and JSON. */
  get hasForms(): boolean {
    return this.answer?.hasForms === true;
  }

  /** Whether the answer is drawn, so that its text need not be shown beside. */
  get isDrawn(): boolean {
    return this.drawn !== undefined;
  }

  show(answer: ShownAnswer | undefined, { page }: ViewWords): void {
    this.answer = answer;
    const { choices = [], faults = [], notes = [] } = answer ?? {};
    this.choiceName.textContent = page.showAs;
    this.showChoices(choices);
    setText(this.faultsHeading, faults.length === 0 ? '' : page.faults);
    this.faultList.replaceChildren(...faults.map(fault => element('li', { dir: 'auto' }, [fault])));
    this.faults.hidden = faults.length === 0;
    this.draw(answer, page);
    this.notes.replaceChildren(...notes.map(note => element('p', { dir: 'auto' }, [note])));
    this.notes.hidden = notes.length === 0;
    this.element.hidden = !this.isDrawn && faults.length === 0 && notes.length === 0;
  }

  /** A list that is open stays so for as long as it is the same. */
  private showChoices(choices: ShownAnswer['choices']): void {
    this.choiceElement.hidden = choices.length === 0;
    this.kinds = choices.map(({ kind }) => kind);
    const titles = choices.map(({ title }) => title);
    if (titles.join('\n') !== [...this.choice.options].map(({ text }) => text).join('\n')) {
      this.choice.replaceChildren(...titles.map(title => element('option', {}, [title])));
    }
    this.choice.selectedIndex = choices.findIndex(({ isChosen }) => isChosen);
  }

  /** A drawing stays with its focus and its place for as long as it is of the same answer. */
  private draw(answer: ShownAnswer | undefined, words: ViewWords['page']): void {
    const shown = JSON.stringify([answer?.shown, answer?.drawing]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.room.replaceChildren();
    this.drawn = answer === undefined
      ? undefined
      : draw(answer.shown, this.room, { words, drawing: answer.drawing, ...this.actions });
    this.room.hidden = !this.isDrawn;
  }

  select(region: number | undefined): void {
    this.drawn?.select?.(region);
  }

  point(region: number | undefined): void {
    this.drawn?.point?.(region);
  }
}
