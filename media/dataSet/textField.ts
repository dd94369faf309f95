/** A text of a line that is edited where it is shown: what is typed goes into the file a moment later. */
import { element } from '../dom/dom';

/** Of a pause in typing after which it is one step that can be undone, milliseconds. */
const PAUSE_MS = 400;

export class TextField {
  readonly element: HTMLElement;
  readonly input: HTMLTextAreaElement;
  private readonly label: HTMLLabelElement;
  private timer = 0;
  /** Typed, and not handed over yet. */
  private isOpen = false;
  /** Handed over, and not taken. */
  private isRefused = false;

  constructor(id: string, rows: number, private readonly onText: (text: string) => void) {
    this.input = element('textarea', { id, rows: String(rows), spellcheck: 'false', dir: 'auto' });
    this.label = element('label', { for: id });
    this.element = element('div', { class: 'field' }, [this.label, this.input]);
    this.input.addEventListener('input', () => {
      [this.isOpen, this.isRefused] = [true, false];
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.flush(), PAUSE_MS);
    });
    this.input.addEventListener('blur', () => this.flush());
  }

  name(text: string): void {
    this.label.textContent = text;
  }

  get isKept(): boolean {
    return this.isRefused;
  }

  /** What the file says. Where something else is being typed, that stays. */
  show(text: string, isWritable: boolean): void {
    this.input.readOnly = !isWritable;
    if (!this.isOpen && !this.isRefused && this.input.value !== text) this.input.value = text;
  }

  /** Hands over at once what was typed. */
  flush(): void {
    window.clearTimeout(this.timer);
    if (!this.isOpen) return;
    this.isOpen = false;
    this.onText(this.input.value);
  }

  /** What was handed over was not taken: it stays in the field until the person decides. */
  keep(text: string): void {
    // Who types on has the last word.
    if (!this.isOpen) this.input.value = text;
    this.isRefused = true;
  }

  /** The person decided. @param isMine What stands in the field is right; else what the file says. */
  decide(isMine: boolean): void {
    this.isRefused = false;
    window.clearTimeout(this.timer);
    this.isOpen = false;
    if (isMine) this.onText(this.input.value);
  }
}
