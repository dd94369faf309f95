/** The parts of the page that stand around the grid: heading, actions, counts, notices. */
import type { ResultsWords } from '../../client/src/contract/results';
import { element, setText } from '../dom/dom';

export type Action = 'retry' | 'compare' | 'export' | 'saveDataSet' | 'choose' | 'help';

const actions: readonly Action[] = ['retry', 'compare', 'export', 'saveDataSet', 'choose', 'help'];

export class PageHead {
  readonly element: HTMLElement;
  /** What is shown, as text, and a moment later for whoever hears it. */
  readonly count = element('span', { id: 'count' });
  readonly announcement = element('span', { id: 'announcement', role: 'status', class: 'visually-hidden' });
  readonly notice = element('span', { id: 'notice', role: 'status' });
  private readonly heading = element('h1', { dir: 'auto' });
  private readonly facts = element('span', { class: 'facts', dir: 'auto' });
  private readonly buttons = new Map(
    actions.map(action => [action, element('button', { id: action, type: 'button' })]),
  );
  private announceTimer = 0;

  constructor(onAction: (action: Action) => void) {
    const bar = element('div', { class: 'actions', role: 'group' }, [...this.buttons.values()]);
    this.element = element('header', {}, [
      element('div', { class: 'titles' }, [this.heading, this.facts]),
      bar,
      element('div', { class: 'said' }, [this.count, this.notice, this.announcement]),
    ]);
    for (const [action, button] of this.buttons) button.addEventListener('click', () => onAction(action));
  }

  show(heading: string, facts: string, words: ResultsWords): void {
    setText(this.heading, heading);
    setText(this.facts, facts);
    document.title = heading;
    const names: Readonly<Record<Exclude<Action, 'retry'>, string>> = {
      compare: words.compare,
      export: words.exportAs,
      saveDataSet: words.saveDataSet,
      choose: words.otherRun,
      help: words.help,
    };
    for (const [action, name] of Object.entries(names)) setText(this.button(action as Action), name);
    this.button('retry').parentElement?.setAttribute('aria-label', words.actions);
  }

  showFacts(facts: string): void {
    setText(this.facts, facts);
  }

  /** What the person can have done again; nothing where everything is answered. */
  offerRetry(name: string): void {
    setText(this.button('retry'), name);
  }

  /** @param isAsked The person changed the filter, and waits for the number. */
  showCount(text: string, isAsked: boolean): void {
    setText(this.count, text);
    if (!isAsked) return;
    window.clearTimeout(this.announceTimer);
    // While something is typed, only the last number is of interest.
    this.announceTimer = window.setTimeout(() => setText(this.announcement, text), 400);
  }

  private button(action: Action): HTMLButtonElement {
    const button = this.buttons.get(action);
    if (button === undefined) throw new Error(`no button for ${action}`);
    return button;
  }
}
