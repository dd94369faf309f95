/** The answers that are known of the picture, as a list: one of them is shown. */
import type { AnswerEntry, FromViewer, PageWords } from '../../client/src/contract/viewer';
import { element, setText } from '../dom/dom';

export class KnownAnswers {
  private readonly heading = element('h2', { id: 'known-heading' });
  private readonly list = element('ul', { id: 'known-answers', role: 'listbox', 'aria-labelledby': 'known-heading' });
  readonly element = element('section', { class: 'known' }, [this.heading, this.list]);
  private entries: readonly AnswerEntry[] = [];
  private items: HTMLLIElement[] = [];

  constructor(private readonly post: (message: FromViewer) => void) {
    this.list.addEventListener('click', event => {
      const index = this.items.findIndex(item => event.target instanceof Node && item.contains(event.target));
      this.choose(index);
    });
    this.list.addEventListener('keydown', event => this.onKey(event));
  }

  /** One answer alone that is shown needs no list. */
  show(entries: readonly AnswerEntry[], words: PageWords): void {
    this.element.hidden = entries.length === 0 || (entries.length === 1 && entries[0]?.isShown === true);
    setText(this.heading, words.knownAnswers);
    this.list.setAttribute('aria-description', words.knownAnswersHelp);
    if (JSON.stringify(entries) === JSON.stringify(this.entries)) return;
    const focused = this.items.findIndex(item => item === document.activeElement);
    this.entries = entries;
    this.items = entries.map(entry => answerItem(entry));
    this.list.replaceChildren(...this.items);
    const shown = entries.findIndex(({ isShown }) => isShown);
    this.setTabStop(Math.max(0, shown));
    if (focused >= 0) this.focus(Math.min(shown >= 0 ? shown : focused, this.items.length - 1));
  }

  private onKey(event: KeyboardEvent): void {
    const focused = Math.max(0, this.items.findIndex(item => item === document.activeElement));
    switch (event.key) {
      case 'ArrowDown':
        this.focus(Math.min(focused + 1, this.items.length - 1));
        break;
      case 'ArrowUp':
        this.focus(Math.max(focused - 1, 0));
        break;
      case 'Home':
        this.focus(0);
        break;
      case 'End':
        this.focus(this.items.length - 1);
        break;
      case 'Enter':
      case ' ':
        this.choose(focused);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private choose(index: number): void {
    const entry = this.entries[index];
    if (entry !== undefined && !entry.isShown) this.post({ type: 'showAnswer', key: entry.key });
  }

  private focus(index: number): void {
    this.setTabStop(index);
    this.items[index]?.focus();
  }

  private setTabStop(index: number): void {
    this.items.forEach((item, at) => {
      item.tabIndex = at === index ? 0 : -1;
    });
  }
}

function answerItem({ prompt, answer, details, isShown }: AnswerEntry): HTMLLIElement {
  return element('li', { role: 'option', 'aria-selected': String(isShown), tabindex: '-1' }, [
    element('span', { class: 'asked', dir: 'auto' }, [prompt]),
    ' ',
    element('span', { class: 'said', dir: 'auto' }, [answer]),
    ' ',
    element('span', { class: 'by', dir: 'auto' }, [details]),
  ]);
}
