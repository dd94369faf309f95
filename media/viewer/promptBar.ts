/** The prompt field with its suggestions, Run and Stop. */
import type { FromViewer, PromptHelp, ViewState, ViewWords } from '../../client/src/contract/viewer';
import { element } from '../dom/dom';
import { suggestionsFor } from './promptCompletion';
import type { Suggestion } from './promptCompletion';

const noHelp: PromptHelp = { history: [], tasks: [], languages: [], labels: [] };

export class PromptBar {
  readonly element: HTMLFormElement;
  private readonly name = element('label', { for: 'prompt-input', class: 'visually-hidden' });
  /** Grows with the prompt, so that all of it is seen; it is one line to the model all the same. */
  private readonly input = element('textarea', {
    rows: '1',
    id: 'prompt-input',
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': 'suggestions',
    autocomplete: 'off',
    spellcheck: 'false',
    dir: 'auto',
  });
  private readonly list = element('ul', { id: 'suggestions', role: 'listbox' });
  private readonly run = element('button', { type: 'submit', id: 'run', class: 'primary' });
  private readonly stop = element('button', { type: 'button', id: 'stop' });
  private help = noHelp;
  private words: ViewWords | undefined;
  private suggestions: readonly Suggestion[] = [];
  private active: number | undefined;
  /** Place in the history; undefined while the person types something of their own. */
  private recalled: number | undefined;
  private shownPrompt: string | undefined;

  constructor(post: (message: FromViewer) => void) {
    this.list.hidden = true;
    this.element = element('form', { class: 'prompt' }, [
      this.name,
      element('div', { class: 'field' }, [this.input, this.list]),
      this.run,
      this.stop,
    ]);
    this.element.addEventListener('submit', event => {
      event.preventDefault();
      this.close();
      post({ type: 'run', prompt: this.input.value });
    });
    this.stop.addEventListener('click', () => post({ type: 'stop' }));
    this.input.addEventListener('input', () => {
      if (this.input.value.includes('\n')) this.input.value = this.input.value.replace(/\s*\n\s*/g, ' ');
      this.recalled = undefined;
      this.open();
    });
    this.input.addEventListener('keydown', event => this.onKey(event));
    this.input.addEventListener('blur', () => this.close());
    // Before the field loses the focus to the click.
    this.list.addEventListener('pointerdown', event => {
      event.preventDefault();
      const index = [...this.list.children].findIndex(item =>
        event.target instanceof Node && item.contains(event.target)
      );
      if (index >= 0) this.take(index);
    });
  }

  get draft(): string {
    return this.input.value;
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  show(view: ViewState, words: ViewWords, help: PromptHelp, draft: string | undefined): void {
    this.help = help;
    this.words = words;
    this.name.textContent = words.page.promptField;
    this.input.placeholder = words.page.promptPlaceholder;
    this.list.setAttribute('aria-label', words.page.suggestions);
    this.run.textContent = words.page.run;
    this.stop.textContent = words.page.stop;
    const isRunning = view.status === 'running';
    const hadFocus = document.activeElement === this.run || document.activeElement === this.stop;
    this.run.hidden = isRunning;
    this.stop.hidden = !isRunning;
    if (hadFocus) (isRunning ? this.stop : this.run).focus();
    // What the person is typing for the next run stays.
    if (draft !== undefined) this.input.value = draft;
    else if (view.prompt !== this.shownPrompt && (view.status !== 'idle' || view.prompt !== '')) {
      this.input.value = view.prompt;
    }
    this.shownPrompt = view.prompt;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing || !this.takesKey(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** False for a key that the field itself, or the page, knows what to do with. */
  private takesKey(key: string): boolean {
    const isOpen = !this.list.hidden;
    switch (key) {
      case 'ArrowDown':
        return this.arrowDown(isOpen);
      case 'ArrowUp':
        return this.arrowUp(isOpen);
      case 'Enter':
        if (isOpen && this.active !== undefined) this.take(this.active);
        else this.element.requestSubmit();
        return true;
      case 'Tab':
        if (!isOpen || this.active === undefined) return false;
        this.take(this.active);
        return true;
      case 'Escape':
        if (isOpen) this.close();
        return isOpen;
      default:
        return false;
    }
  }

  private arrowUp(isOpen: boolean): boolean {
    if (!isOpen && this.hasMoreLines('above')) return false;
    if (isOpen) this.activate(this.active === undefined || this.active === 0 ? undefined : this.active - 1);
    else this.recall(1);
    return true;
  }

  private arrowDown(isOpen: boolean): boolean {
    if (!isOpen && this.hasMoreLines('below')) return false;
    if (isOpen) {
      this.activate(this.active === undefined ? 0 : Math.min(this.active + 1, this.suggestions.length - 1));
    } else if (this.recalled !== undefined) this.recall(-1);
    else this.open();
    return true;
  }

  /** In a prompt of several lines the arrows move the cursor, until it stands at an end. */
  private hasMoreLines(side: 'above' | 'below'): boolean {
    const { input, recalled } = this;
    if (recalled !== undefined || input.clientHeight < 2 * parseFloat(getComputedStyle(input).lineHeight)) return false;
    return side === 'above' ? input.selectionStart > 0 : input.selectionEnd < input.value.length;
  }

  /** Goes through the prompts of before, as a terminal does. */
  private recall(by: 1 | -1): void {
    const place = (this.recalled ?? (this.input.value === this.help.history[0] ? 0 : -1)) + by;
    const prompt = this.help.history[place];
    if (place < -1 || (place >= 0 && prompt === undefined)) return;
    this.recalled = place < 0 ? undefined : place;
    this.input.value = prompt ?? '';
  }

  private open(): void {
    this.suggestions = suggestionsFor(this.input.value, this.help);
    this.active = undefined;
    this.list.replaceChildren(...this.suggestions.map((suggestion, index) => this.option(suggestion, index)));
    this.setOpen(this.suggestions.length > 0);
  }

  private option({ label, detail, kind }: Suggestion, index: number): HTMLElement {
    const page = this.words?.page;
    const note = detail !== '' ? detail : kind === 'history' ? page?.history ?? '' : page?.label ?? '';
    return element('li', { role: 'option', id: `suggestion-${index}`, 'aria-selected': 'false' }, [
      element('span', { class: 'name', dir: 'auto' }, [label]),
      ' ',
      element('span', { class: 'note' }, [note]),
    ]);
  }

  private activate(index: number | undefined): void {
    this.active = index;
    [...this.list.children].forEach((item, at) => item.setAttribute('aria-selected', String(at === index)));
    if (index === undefined) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', `suggestion-${index}`);
    if (index !== undefined) this.list.children[index]?.scrollIntoView({ block: 'nearest' });
  }

  private take(index: number): void {
    const suggestion = this.suggestions[index];
    if (suggestion === undefined) return;
    this.input.value = suggestion.value;
    this.input.setSelectionRange(suggestion.value.length, suggestion.value.length);
    // A task word wants its language or objects next.
    if (suggestion.kind === 'task' && suggestion.value.endsWith(' ')) this.open();
    else this.close();
  }

  private close(): void {
    this.setOpen(false);
  }

  private setOpen(isOpen: boolean): void {
    this.list.hidden = !isOpen;
    this.input.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) this.activate(undefined);
  }
}
