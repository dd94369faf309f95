/** The regions as a list that is stepped through with the keyboard: arrows, Home, End; Escape selects none. */
import type { ViewState, ViewWords } from '../../client/src/contract/viewer';
import { element, setText } from './dom';
import { regionClasses } from './regionColors';

export class RegionList {
  readonly element: HTMLElement;
  private readonly heading = element('h2', { id: 'regions-heading' });
  private readonly list = element('ul', { id: 'regions', role: 'listbox', 'aria-labelledby': 'regions-heading' });
  private items: HTMLLIElement[] = [];
  private selected: number | undefined;

  /** @param onSelect Called with what the person chose here, never with what {@link select} was told. */
  constructor(private readonly onSelect: (index: number | undefined) => void) {
    this.element = element('section', { class: 'regions' }, [this.heading, this.list]);
    this.list.addEventListener('keydown', event => this.onKey(event));
  }

  show({ regions }: ViewState, words: ViewWords): void {
    this.element.hidden = regions.length === 0;
    setText(this.heading, words.regionsHeading);
    const classes = regionClasses(regions);
    this.items = regions.map((_, index) => {
      const item = element('li', { role: 'option', 'aria-selected': 'false', tabindex: index === 0 ? '0' : '-1', class: classes[index] ?? '' }, [
        element('span', { class: 'swatch', 'aria-hidden': 'true' }),
        element('span', { class: 'name' }, [words.regionLabels[index] ?? '']),
        ' ',
        element('span', { class: 'place' }, [words.regionPlaces[index] ?? '']),
      ]);
      item.addEventListener('click', () => this.onSelect(this.selected === index ? undefined : index));
      return item;
    });
    this.list.replaceChildren(...this.items);
    this.selected = undefined;
  }

  select(index: number | undefined): void {
    this.selected = index;
    this.items.forEach((item, at) => {
      item.setAttribute('aria-selected', String(at === index));
      item.tabIndex = at === (index ?? 0) ? 0 : -1;
    });
    if (index === undefined) return;
    this.items[index]?.scrollIntoView({ block: 'nearest' });
    if (this.list.contains(document.activeElement)) this.items[index]?.focus();
  }

  private onKey(event: KeyboardEvent): void {
    const last = this.items.length - 1;
    // With nothing selected the first step goes to the item that has the focus.
    const at = this.selected;
    const focused = Math.max(0, this.items.findIndex(item => item === document.activeElement));
    switch (event.key) {
      case 'ArrowDown': this.onSelect(at === undefined ? focused : Math.min(last, at + 1)); break;
      case 'ArrowUp': this.onSelect(at === undefined ? focused : Math.max(0, at - 1)); break;
      case 'Home': this.onSelect(0); break;
      case 'End': this.onSelect(last); break;
      case 'Enter':
      case ' ': this.onSelect(at === focused ? undefined : focused); break;
      case 'Escape': this.onSelect(undefined); break;
      default: return;
    }
    event.preventDefault();
  }
}
