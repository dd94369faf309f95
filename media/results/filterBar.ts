/** What is shown and how: search, state, label, confidence, order, layout. */
import type { ResultsWords } from '../../client/src/contract/results';
import {
  givenOrder,
  noFilter,
  rowOrders,
  stateFilters,
  type RowCounts,
  type RowFilter,
  type RowOrder,
  type RowSort,
  type StateFilter,
} from '../../paligemma/src/results/shownRows';
import { FAIRLY_SURE_FROM, SURE_FROM } from '../../paligemma/src/confidence';
import { element, filled } from '../dom/dom';
import { showChoices } from '../grid/choices';

export type Layout = 'grid' | 'table';

/** Confidence below which answers may be asked for, in hundredths: boxes lie around 35, texts near 100. */
const limits = [90, 75, 50, 100 * SURE_FROM, 100 * FAIRLY_SURE_FROM].map(Math.round);
/** Value of the choice "any". */
const ANY = '';
/** In front of a label, since a label may be empty. */
const MARK = '=';

export interface FilterState {
  readonly filter: RowFilter;
  readonly sort: RowSort;
  readonly layout: Layout;
}

export const firstState: FilterState = { filter: noFilter, sort: givenOrder, layout: 'grid' };

export class FilterBar {
  readonly element: HTMLElement;
  private readonly search = element('input', { type: 'search', id: 'search', spellcheck: 'false', dir: 'auto' });
  private readonly state = element('select', { id: 'state' });
  private readonly label = element('select', { id: 'label' });
  private readonly below = element('select', { id: 'below' });
  private readonly order = element('select', { id: 'order' });
  private readonly descending = element('input', { type: 'checkbox', id: 'descending' });
  private readonly descendingName = element('span');
  private readonly grid = element('button', { id: 'grid-layout', type: 'button' });
  private readonly table = element('button', { id: 'table-layout', type: 'button' });
  private layout: Layout = 'grid';

  constructor(private readonly onChange: () => void, private readonly onLeave: () => void) {
    this.element = element('div', { class: 'filters', role: 'search' }, [
      this.search,
      this.state,
      this.label,
      this.below,
      element('span', { class: 'sort' }, [
        this.order,
        element('label', { class: 'check-label' }, [this.descending, this.descendingName]),
      ]),
      element('span', { class: 'layouts', role: 'group' }, [this.grid, this.table]),
    ]);
    this.search.addEventListener('input', onChange);
    this.search.addEventListener('keydown', event => {
      if (event.key === 'Escape' || event.key === 'ArrowDown') {
        event.preventDefault();
        event.stopPropagation();
        this.onLeave();
      }
    });
    for (const field of [this.state, this.label, this.below, this.order, this.descending]) {
      field.addEventListener('change', onChange);
    }
    this.grid.addEventListener('click', () => this.setLayout('grid'));
    this.table.addEventListener('click', () => this.setLayout('table'));
  }

  get value(): FilterState {
    const [label, below] = [this.label.value, this.below.value];
    return {
      filter: {
        text: this.search.value,
        state: this.state.value as StateFilter,
        ...(label === ANY ? {} : { label: label.slice(MARK.length) }),
        ...(below === ANY ? {} : { below: Number(below) / 100 }),
      },
      sort: { by: this.order.value as RowOrder, isDescending: this.descending.checked },
      layout: this.layout,
    };
  }

  focus(): void {
    this.search.focus();
    this.search.select();
  }

  /** Does nothing where it is so already. */
  setLayout(layout: Layout): void {
    if (layout === this.layout) return;
    this.layout = layout;
    this.showLayout();
    this.onChange();
  }

  /** The same order again turns it around. */
  sortBy(by: RowOrder): void {
    if (this.order.value === by) this.descending.checked = !this.descending.checked;
    else [this.order.value, this.descending.checked] = [by, false];
    this.onChange();
  }

  /** @param value What is chosen now; what is no longer there is chosen no more. */
  show(words: ResultsWords, counts: RowCounts, isCompared: boolean, value: FilterState): void {
    this.nameAll(words);
    this.search.value = value.filter.text;
    const states = stateFilters.filter(state => isCompared || state !== 'different');
    showChoices(
      this.state,
      states.map(state => [state, `${words.state}: ${stateName(state, words, counts)}`]),
      value.filter.state,
    );
    this.showLabels(words, counts, value.filter.label);
    this.below.hidden = !counts.hasConfidence;
    showChoices(
      this.below,
      [[ANY, words.anyConfidence], ...limits.map(limit => [String(limit), filled(words.below, limit)] as const)],
      value.filter.below === undefined ? ANY : String(Math.round(value.filter.below * 100)),
    );
    const orders = rowOrders.filter(order =>
      (isCompared || order !== 'difference') && (counts.hasConfidence || order !== 'confidence')
    );
    showChoices(
      this.order,
      orders.map(order => [order, `${words.order}: ${words.orders[order]}`]),
      value.sort.by,
    );
    this.descending.checked = value.sort.isDescending;
    this.layout = value.layout;
    this.showLayout();
  }

  /** The numbers behind the choices, and labels that came with new answers. */
  count(words: ResultsWords, counts: RowCounts, isCompared: boolean): void {
    this.show(words, counts, isCompared, this.value);
  }

  private showLabels(words: ResultsWords, { labels }: RowCounts, chosen: string | undefined): void {
    this.label.hidden = labels.length === 0;
    const named = labels.map(([label, amount]) =>
      [`${MARK}${label}`, filled(words.labelCount, label || words.noLabel, amount)] as const
    );
    showChoices(this.label, [[ANY, words.anyLabel], ...named], chosen === undefined ? ANY : `${MARK}${chosen}`);
  }

  private nameAll(words: ResultsWords): void {
    this.element.setAttribute('aria-label', words.filters);
    this.search.placeholder = words.search;
    const names: readonly (readonly [HTMLElement, string])[] = [
      [this.search, words.search],
      [this.state, words.state],
      [this.label, words.label],
      [this.below, words.confidence],
      [this.order, words.order],
    ];
    for (const [field, name] of names) field.setAttribute('aria-label', name);
    this.descendingName.textContent = words.descending;
    this.grid.textContent = words.grid;
    this.table.textContent = words.table;
    this.grid.parentElement?.setAttribute('aria-label', words.layout);
  }

  private showLayout(): void {
    this.grid.setAttribute('aria-pressed', String(this.layout === 'grid'));
    this.table.setAttribute('aria-pressed', String(this.layout === 'table'));
  }
}

function stateName(state: StateFilter, { states, labelCount }: ResultsWords, counts: RowCounts): string {
  if (state === 'all') return states.all;
  return filled(labelCount, states[state], state === 'different' ? counts.different : counts.states[state]);
}
