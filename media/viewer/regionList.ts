/** The regions as a list: filter, switch on and off, step through with the keyboard. */
import type { ViewState, ViewWords } from '../../client/src/contract/viewer';
import { element, filled, setText } from '../dom/dom';
import { ConfidenceSlider } from './confidenceSlider';
import { LabelToggles } from './labelToggles';
import { labelStyles } from '../../paligemma/src/labelStyles';
import { styleClasses } from './overlay';
import { menuContext } from './regionMenu';
import { matchesFilter, stepped } from './shownRegions';

/** What the person has switched, kept over a reload. */
export interface RegionListState {
  readonly hidden: readonly number[];
  readonly filter: string;
  /** Regions of which the model was less sure are hidden, 0…1. */
  readonly least?: number;
}

export class RegionList {
  readonly element: HTMLElement;
  private readonly heading = element('h2', { id: 'regions-heading' });
  private readonly count = element('span', { id: 'shown-count', role: 'status' });
  private readonly filter = element('input', { type: 'search', id: 'filter', spellcheck: 'false', dir: 'auto' });
  private readonly noMatch = element('p', { class: 'hint' });
  private readonly list = element('ul', {
    id: 'regions',
    role: 'listbox',
    'aria-labelledby': 'regions-heading',
    'aria-multiselectable': 'false',
  });
  private readonly toggles = new LabelToggles((indices, areShown) => this.switchRegions(indices, areShown));
  private readonly slider = new ConfidenceSlider(() => this.hideUnsure());
  private items: HTMLLIElement[] = [];
  private labels: readonly string[] = [];
  private searched: readonly string[] = [];
  private hidden = new Set<number>();
  private selected: number | undefined;
  private words: ViewWords | undefined;

  /** @param onSelect Called with what the person chose here, never with what {@link select} was told. */
  constructor(
    private readonly onSelect: (index: number | undefined) => void,
    private readonly onShown: (shown: readonly boolean[]) => void,
  ) {
    this.element = element('section', { class: 'regions' }, [
      element('div', { class: 'heading-row' }, [this.heading, this.count]),
      this.filter,
      this.slider.element,
      this.toggles.element,
      this.noMatch,
      this.list,
    ]);
    this.filter.addEventListener('input', () => this.update());
    this.list.addEventListener('keydown', event => this.onKey(event));
    this.list.addEventListener('click', event => this.onClick(event));
  }

  get state(): RegionListState {
    return { hidden: [...this.hidden], filter: this.filter.value, least: this.slider.least };
  }

  /** Indices of the regions that are not switched off, nor too unsure; the filter only narrows what is looked at. */
  get switchedOn(): number[] {
    return this.items.map((_, index) => index).filter(index => !this.hidden.has(index) && this.slider.lets(index));
  }

  get shown(): readonly boolean[] {
    return this.items.map((_, index) => !this.hidden.has(index) && this.isMatch(index));
  }

  show({ imageUri, result }: ViewState, words: ViewWords, state: RegionListState): void {
    const regions = result?.regions ?? [];
    this.words = words;
    this.element.hidden = regions.length === 0;
    setText(this.heading, words.regionsHeading);
    this.filter.placeholder = words.page.filter;
    this.filter.setAttribute('aria-label', words.page.filter);
    this.filter.value = state.filter;
    this.filter.hidden = regions.length < 2;
    this.list.setAttribute('aria-description', words.page.regionsHelp);
    this.noMatch.textContent = words.page.noMatch;
    this.hidden = new Set(state.hidden.filter(index => index < regions.length));
    this.searched = regions.map((_, index) => words.regionLabels[index] ?? '');
    const styles = labelStyles(regions.map(({ label }) => label));
    this.items = regions.map(({ label }, index) =>
      this.item(index, styleClasses(styles.get(label) ?? { hue: 0, line: 'solid' }), words)
    );
    this.labels = regions.map(({ label }) => label);
    this.items.forEach((item, index) => item.setAttribute('data-vscode-context', menuContext(imageUri, index)));
    this.list.replaceChildren(...this.items);
    this.toggles.show(regions, styles, words.page);
    this.slider.show(regions.map(({ confidence }) => confidence), words.page, state.least ?? 0);
    this.selected = undefined;
    this.update();
  }

  select(index: number | undefined): void {
    this.selected = index;
    this.items.forEach((item, at) => item.setAttribute('aria-selected', String(at === index)));
    this.setTabStop();
    if (index === undefined) return;
    this.items[index]?.scrollIntoView({ block: 'nearest' });
    if (this.list.contains(document.activeElement)) this.items[index]?.focus({ preventScroll: true });
  }

  hide(index: number): void {
    this.switchRegions([index], false);
  }

  /** Switches everything off that has another label than a region. */
  showOnlyLabelOf(index: number): void {
    const { labels } = this;
    this.filter.value = '';
    const isSame = (other: number) => labels[other] === labels[index];
    const all = [...labels.keys()];
    this.switchRegions(all.filter(other => !isSame(other)), false);
    this.switchRegions(all.filter(isSame), true);
  }

  showAll(): void {
    this.filter.value = '';
    this.slider.reset();
    this.switchRegions([...this.labels.keys()], true);
  }

  /** Selects the next region that is shown. */
  step(by: 1 | -1): void {
    const next = stepped(this.shown, this.selected, by);
    if (next !== undefined) this.onSelect(next);
  }

  private item(index: number, classes: string, words: ViewWords): HTMLLIElement {
    return element('li', {
      role: 'option',
      'aria-selected': 'false',
      tabindex: '-1',
      'data-index': String(index),
      class: classes,
    }, [
      element('span', { class: 'check', 'aria-hidden': 'true', title: words.page.showOrHide }),
      element('span', { class: 'swatch', 'aria-hidden': 'true' }),
      element('span', { class: 'what' }, [
        element('span', { class: 'name', dir: 'auto' }, [words.regionLabels[index] ?? '']),
        ' ',
        element('span', { class: 'place' }, [words.regionPlaces[index] ?? '']),
      ]),
    ]);
  }

  private update(): void {
    const { shown, words } = this;
    this.items.forEach((item, index) => {
      item.setAttribute('aria-checked', String(!this.hidden.has(index)));
      item.hidden = !this.isMatch(index);
    });
    const isAll = shown.every(Boolean);
    setText(
      this.count,
      isAll || words === undefined ? '' : filled(words.page.shownCount, shown.filter(Boolean).length, shown.length),
    );
    this.noMatch.hidden = this.items.length === 0 || this.items.some(item => !item.hidden);
    this.toggles.update(this.hidden);
    this.setTabStop();
    this.onShown(shown);
  }

  private isMatch(index: number): boolean {
    return this.slider.lets(index) && matchesFilter(this.searched[index] ?? '', this.filter.value);
  }

  private hideUnsure(): void {
    if (this.selected !== undefined && !this.slider.lets(this.selected)) this.onSelect(undefined);
    this.update();
  }

  private setTabStop(): void {
    const stop = this.selected !== undefined && this.items[this.selected]?.hidden === false
      ? this.selected
      : this.items.findIndex(item => !item.hidden);
    this.items.forEach((item, at) => {
      item.tabIndex = at === stop ? 0 : -1;
    });
  }

  private switchRegions(indices: readonly number[], areShown: boolean): void {
    for (const index of indices) {
      if (areShown) this.hidden.delete(index);
      else this.hidden.add(index);
    }
    if (this.selected !== undefined && this.hidden.has(this.selected)) this.onSelect(undefined);
    this.update();
  }

  private onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const index = this.items.findIndex(item => item.contains(target));
    if (index < 0) return;
    if (target?.closest('.check') !== null) return this.switchRegions([index], this.hidden.has(index));
    this.onSelect(this.selected === index ? undefined : index);
  }

  private onKey(event: KeyboardEvent): void {
    const focused = Math.max(0, this.items.findIndex(item => item === document.activeElement));
    switch (event.key) {
      case 'ArrowDown':
        this.focusStep(focused, 1);
        break;
      case 'ArrowUp':
        this.focusStep(focused, -1);
        break;
      case 'Home':
        this.focusStep(-1, 1);
        break;
      case 'End':
        this.focusStep(this.items.length, -1);
        break;
      case 'Enter':
        this.onSelect(this.selected === focused ? undefined : focused);
        break;
      case ' ':
        this.switchRegions([focused], this.hidden.has(focused));
        break;
      case 'Escape':
        this.onSelect(undefined);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * With nothing selected the first step goes to the item that has the focus. A region that is switched off gets the
   * focus only, so that Space can switch it on.
   */
  private focusStep(from: number, by: 1 | -1): void {
    let to =
      this.selected === undefined && this.items[from]?.getAttribute('aria-checked') === 'true' && !this.hidden.has(from)
        && from >= 0
        ? from
        : from + by;
    while (this.items[to]?.hidden === true) to += by;
    const item = this.items[to];
    if (item === undefined) return;
    item.focus();
    this.onSelect(this.hidden.has(to) ? undefined : to);
  }
}
