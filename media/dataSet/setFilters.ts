/** Which lines are shown, and in which order. */
import type { GridWords } from '../../client/src/contract/dataSet';
import {
  lineOrder,
  setOrders,
  setStates,
  wholeSet,
  type Count,
  type SetCounts,
  type SetFilter,
  type SetOrder,
  type SetSort,
  type SetState,
} from '../../datasets/src/edits/shownSetRows';
import { element, filled } from '../dom/dom';
import { showChoices } from '../grid/choices';

export interface SetView {
  readonly filter: SetFilter;
  readonly sort: SetSort;
}

export const firstView: SetView = { filter: wholeSet, sort: lineOrder };

/** Value of the choice "any". */
const ANY = '';
/** In front of a name, since a name may be empty. */
const MARK = '=';

export class SetFilters {
  readonly element: HTMLElement;
  private readonly search = element('input', { type: 'search', id: 'search', spellcheck: 'false', dir: 'auto' });
  private readonly state = element('select', { id: 'state' });
  private readonly label = element('select', { id: 'label' });
  private readonly folder = element('select', { id: 'folder' });
  private readonly code = element('select', { id: 'code' });
  private readonly order = element('select', { id: 'order' });
  private readonly descending = element('input', { type: 'checkbox', id: 'descending' });
  private readonly descendingName = element('span');

  constructor(onChange: () => void, onLeave: () => void) {
    this.element = element('div', { class: 'filters', role: 'search' }, [
      this.search,
      this.state,
      this.label,
      this.folder,
      this.code,
      element('span', { class: 'sort' }, [
        this.order,
        element('label', { class: 'check-label' }, [this.descending, this.descendingName]),
      ]),
    ]);
    this.search.addEventListener('input', onChange);
    this.search.addEventListener('keydown', event => {
      if (event.key !== 'Escape' && event.key !== 'ArrowDown') return;
      event.preventDefault();
      event.stopPropagation();
      onLeave();
    });
    for (const field of [this.state, this.label, this.folder, this.code, this.order, this.descending]) {
      field.addEventListener('change', onChange);
    }
  }

  get value(): SetView {
    const chosen = (field: HTMLSelectElement) => field.value === ANY ? undefined : field.value.slice(MARK.length);
    const [label, folder, code] = [chosen(this.label), chosen(this.folder), chosen(this.code)];
    return {
      filter: {
        text: this.search.value,
        state: this.state.value as SetState,
        ...(label === undefined ? {} : { label }),
        ...(folder === undefined ? {} : { folder }),
        ...(code === undefined ? {} : { code }),
      },
      sort: { by: this.order.value as SetOrder, isDescending: this.descending.checked },
    };
  }

  focus(): void {
    this.search.focus();
    this.search.select();
  }

  /** @param value What is chosen now; what is no longer there is chosen no more. */
  show(words: GridWords, counts: SetCounts, { filter, sort }: SetView): void {
    this.nameAll(words);
    if (this.search.value !== filter.text) this.search.value = filter.text;
    // Nothing is known of answers until they are judged.
    const states = setStates.filter(state => state !== 'wrong' || counts.judged > 0 || filter.state === state);
    const stateName = (state: SetState) =>
      state === 'all' ? words.states.all : filled(words.choiceCount, words.states[state], counts.states[state]);
    showChoices(this.state, states.map(state => [state, `${words.state}: ${stateName(state)}`]), filter.state);
    const { choiceCount: count } = words;
    showCounts(this.label, { any: words.anyLabel, none: words.noLabel, count }, counts.labels, filter.label);
    showCounts(this.folder, { any: words.anyFolder, none: words.noFolder, count }, counts.folders, filter.folder);
    showCounts(this.code, { any: words.anyFinding, none: '', count }, counts.codes, filter.code);
    const orders = setOrders.filter(order => order !== 'rightness' || counts.judged > 0 || sort.by === order);
    showChoices(this.order, orders.map(order => [order, `${words.order}: ${words.orders[order]}`]), sort.by);
    this.descending.checked = sort.isDescending;
  }

  private nameAll(words: GridWords): void {
    this.element.setAttribute('aria-label', words.filters);
    this.search.placeholder = words.search;
    const names: readonly (readonly [HTMLElement, string])[] = [
      [this.search, words.search],
      [this.state, words.state],
      [this.label, words.label],
      [this.folder, words.folder],
      [this.code, words.finding],
      [this.order, words.order],
    ];
    for (const [field, name] of names) field.setAttribute('aria-label', name);
    this.descendingName.textContent = words.descending;
  }
}

/** @param chosen Stays a choice when its last line is mended. */
function showCounts(
  field: HTMLSelectElement,
  words: { readonly any: string; readonly none: string; readonly count: string },
  counts: readonly Count[],
  chosen: string | undefined,
): void {
  const isCounted = chosen === undefined || counts.some(([name]) => name === chosen);
  const all = isCounted ? counts : [...counts, [chosen, 0] as const];
  field.hidden = all.length === 0;
  const named = all.map(([name, lines]) => [`${MARK}${name}`, filled(words.count, name || words.none, lines)] as const);
  showChoices(field, [[ANY, words.any], ...named], chosen === undefined ? ANY : `${MARK}${chosen}`);
}
