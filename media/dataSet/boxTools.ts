/** What can be done with the picture and the chosen box. */
import type { LineWords } from '../../client/src/contract/dataSet';
import { element, named, setText } from '../dom/dom';

export const toolNames = ['draw', 'duplicate', 'remove', 'zoomIn', 'zoomOut', 'fit'] as const;
export type ToolName = (typeof toolNames)[number];

const signs = { zoomIn: '+', zoomOut: '−' } as const;
/** Of an answer's many labels, as many as a list can take. */
const MOST_LABELS = 200;

export class BoxTools {
  readonly element: HTMLElement;
  /** Of the chosen box. */
  readonly label = element('input', {
    id: 'label-field',
    type: 'text',
    list: 'labels',
    spellcheck: 'false',
    dir: 'auto',
  });
  private readonly labelName = element('label', { for: 'label-field' });
  private readonly known = element('datalist', { id: 'labels' });
  private readonly buttons = new Map(toolNames.map(name => [name, element('button', { id: name, type: 'button' })]));

  constructor(onTool: (name: ToolName) => void, onRename: (label: string) => void, onLeave: () => void) {
    for (const [name, button] of this.buttons) button.addEventListener('click', () => onTool(name));
    this.element = element('div', { class: 'tools', role: 'toolbar' }, [
      ...this.buttons.values(),
      element('span', { class: 'label-tool' }, [this.labelName, this.label, this.known]),
    ]);
    this.label.addEventListener('change', () => onRename(this.label.value));
    this.label.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Escape') this.label.value = this.label.defaultValue;
      onLeave();
    });
  }

  name(words: LineWords): void {
    this.element.setAttribute('aria-label', words.tools);
    for (const name of ['draw', 'duplicate', 'remove', 'fit'] as const) setText(this.button(name), words[name]);
    for (const name of ['zoomIn', 'zoomOut'] as const) {
      this.button(name).textContent = signs[name];
      named(this.button(name), words[name]);
    }
    setText(this.labelName, words.labelField);
  }

  /** @param label Of the chosen box; undefined where none is chosen. */
  show(label: string | undefined, isDrawing: boolean, isWritable: boolean): void {
    const hasBox = label !== undefined && isWritable;
    for (const name of ['duplicate', 'remove'] as const) this.button(name).disabled = !hasBox;
    this.button('draw').disabled = !isWritable;
    this.button('draw').setAttribute('aria-pressed', String(isDrawing));
    this.label.disabled = !hasBox;
    if (document.activeElement === this.label && this.label.defaultValue === (label ?? '')) return;
    this.label.defaultValue = this.label.value = label ?? '';
  }

  offer(labels: readonly string[]): void {
    this.known.replaceChildren(...labels.slice(0, MOST_LABELS).map(value => element('option', { value })));
  }

  rename(): void {
    this.label.focus();
    this.label.select();
  }

  private button(name: ToolName): HTMLButtonElement {
    const button = this.buttons.get(name);
    if (button === undefined) throw new Error(`no button for ${name}`);
    return button;
  }
}
