/** The boxes of an answer as a list: what is read aloud of them, and a way to choose one without a pointer. */
import type { LineWords } from '../../client/src/contract/dataSet';
import { labelStyles } from '../../paligemma/src/labelStyles';
import { tameLines } from '../../paligemma/src/plainText';
import { element, filled, setText } from '../dom/dom';
import { styleClasses } from '../viewer/overlay';
import type { BoardBox } from './board';

export class BoxList {
  readonly element: HTMLElement;
  private readonly heading = element('h2', { id: 'boxes-heading' });
  private readonly list = element('ul', {
    id: 'boxes',
    role: 'listbox',
    tabindex: '0',
    'aria-labelledby': 'boxes-heading',
  });
  private readonly note = element('p', { class: 'mask-note', id: 'mask-note' });
  private count = 0;
  private selected: number | undefined;

  constructor(private readonly onSelect: (index: number) => void) {
    this.element = element('section', { class: 'box-list' }, [this.heading, this.list, this.note]);
    this.list.addEventListener('click', event => {
      const row = event.target instanceof Element ? event.target.closest('li') : null;
      const index = row?.getAttribute('data-index');
      if (index !== undefined && index !== null) onSelect(Number(index));
    });
    this.list.addEventListener('keydown', event => this.onKey(event));
  }

  show(boxes: readonly BoardBox[], selected: number | undefined, words: LineWords): void {
    const styles = labelStyles(boxes.map(({ label }) => label));
    this.count = boxes.length;
    this.heading.textContent = boxes.length === 0 ? words.noBoxes : `${words.boxes} (${boxes.length})`;
    this.list.hidden = boxes.length === 0;
    this.list.setAttribute('aria-description', words.boxesHelp);
    this.list.replaceChildren(...boxes.map((box, index) => {
      const classes = styleClasses(styles.get(box.label) ?? { hue: 0, line: 'solid' });
      return element('li', { id: `box-${index}`, role: 'option', class: classes, 'data-index': String(index) }, [
        element('span', { class: 'swatch', 'aria-hidden': 'true' }),
        element('span', { dir: 'auto', class: 'box-name' }, [placeText(box, words)]),
        ...(box.hasMask ? [' ', element('span', { class: 'mark' }, [words.mask])] : []),
      ]);
    }));
    this.select(selected);
  }

  /** Why masks have no shape; empty where all have one. */
  showNote(text: string): void {
    setText(this.note, tameLines(text));
  }

  select(index: number | undefined): void {
    this.selected = index;
    for (const [at, row] of [...this.list.children].entries()) {
      row.setAttribute('aria-selected', String(at === index));
      if (at === index) row.scrollIntoView({ block: 'nearest' });
    }
    if (index === undefined) this.list.removeAttribute('aria-activedescendant');
    else this.list.setAttribute('aria-activedescendant', `box-${index}`);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || this.count === 0) return;
    const at = this.selected;
    const to: Readonly<Record<string, number>> = {
      ArrowDown: at === undefined ? 0 : at + 1,
      ArrowUp: at === undefined ? 0 : at - 1,
      Home: 0,
      End: this.count - 1,
    };
    const next = Object.hasOwn(to, event.key) ? to[event.key] : undefined;
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.onSelect(Math.max(0, Math.min(this.count - 1, next)));
  }
}

export function placeText({ bins: [y1, x1, y2, x2], label }: BoardBox, words: LineWords): string {
  return filled(words.boxAt, tameLines(label) || words.noLabel, x1, y1, x2, y2);
}
