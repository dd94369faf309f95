/** The message loop of the results view. Data comes by message only, after `ready`. */
import type { FromResults, ResultsWords, TilePicture, ToResults } from '../../client/src/contract/results';
import { countsOf, RowIndex, type RowPair } from '../../paligemma/src/results/shownRows';
import { element, filled, setText } from '../dom/dom';
import { FilterBar, firstState, type FilterState } from './filterBar';
import { KeyHelp } from '../grid/keyHelp';
import { gridMeasures } from '../grid/gridMeasures';
import { tableColumns, tableHeight } from './layouts';
import { PageHead, type Action } from './page';
import { TilePictures } from '../grid/tilePictures';
import { gridTile, tableCell } from './tile';
import { VirtualGrid } from '../grid/virtualGrid';
import { tameAll } from '../viewer/displayed';
import { tameLines } from '../../paligemma/src/plainText';

/** What the page keeps while it is hidden, which throws it away. */
interface Kept {
  readonly id: string;
  readonly asked: number;
  readonly state: FilterState;
  /** Index of the picture that Tab reaches. */
  readonly active: number;
  readonly top: number;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromResults): void;
  setState(state: Kept): void;
  getState(): Kept | undefined;
};

type Shown = Extract<ToResults, { readonly type: 'show' }>;

class Results {
  private readonly vscode = acquireVsCodeApi();
  private readonly post = (message: FromResults) => this.vscode.postMessage(message);
  private readonly head = new PageHead(action => this.act(action));
  private readonly filters = new FilterBar(() => this.update(true), () => this.grid.focus());
  private readonly headings = element('div', { class: 'headings', role: 'rowgroup' });
  private readonly nothing = element('p', { class: 'hint' });
  private readonly help = new KeyHelp();
  private readonly grid = new VirtualGrid({
    sight: cells => this.pictures.want([...new Set(cells.map(cell => this.shown[this.itemOf(cell)] ?? 0))]),
    open: (cell, isOther) => this.open(this.itemOf(cell), isOther),
  });
  private readonly pictures = new TilePictures<TilePicture>(indices => this.post({ type: 'wanted', indices }));
  private readonly table = element('main', { role: 'grid' }, [this.headings, this.grid.element, this.nothing]);
  private run: Shown | undefined;
  private isUnderWay = false;
  private index = new RowIndex([]);
  private shown: readonly number[] = [];

  start(): void {
    // The role of a grid is no landmark.
    document.body.append(this.head.element, this.filters.element, this.table, this.help.element);
    window.addEventListener('message', (event: MessageEvent<ToResults>) => this.receive(event.data));
    window.addEventListener('keydown', event => this.onKey(event));
    this.grid.element.addEventListener('scroll', () => this.keep(), { passive: true });
    new ResizeObserver(() => this.layOut()).observe(this.grid.element);
    this.post({ type: 'ready' });
  }

  private receive(sent: ToResults): void {
    // Names, labels and answers control nothing; pictures are no texts.
    const message = sent.type === 'picture' ? sent : tameAll(sent, tameLines);
    switch (message.type) {
      case 'show':
        return this.show(message);
      case 'update':
        return this.change(message);
      case 'picture':
        return this.showPicture(message.picture);
      case 'notice':
        return setText(this.head.notice, message.text);
      default:
        message satisfies never;
    }
  }

  private show(run: Shown): void {
    const kept = this.vscode.getState();
    const isSame = kept?.id === run.id && kept.asked === run.asked;
    this.run = run;
    this.isUnderWay = run.isUnderWay;
    this.index = new RowIndex(run.pairs);
    this.pictures.forget();
    const state: FilterState = isSame ? kept.state : {
      ...firstState,
      filter: { ...firstState.filter, state: run.state },
      layout: this.filters.value.layout,
    };
    this.head.show(run.heading, run.facts, run.words);
    this.filters.show(run.words, countsOf(this.index), run.sides !== undefined, state);
    this.nothing.textContent = run.words.nothingShown;
    this.table.setAttribute('aria-label', run.words.pictures);
    this.update(false, isSame ? kept : { active: 0, top: 0 });
    if (document.hasFocus()) this.grid.focus();
  }

  private change({ pairs, facts, isUnderWay }: Extract<ToResults, { readonly type: 'update' }>): void {
    const { run } = this;
    if (run === undefined) return;
    this.isUnderWay = isUnderWay;
    const changes = new Map(pairs);
    this.index = this.index.with(changes);
    this.head.showFacts(facts);
    this.filters.count(run.words, countsOf(this.index), run.sides !== undefined);
    for (const [index, { row, other }] of changes) {
      // Other masks; and what could not be read when it was asked for may be whole by now.
      const isStale = row.hasMasks || other?.hasMasks === true || this.pictures.find(index)?.problem !== undefined;
      if (isStale) this.pictures.forget(index);
    }
    const before = this.shown;
    this.shown = this.found();
    const isSame = before.length === this.shown.length && before.every((index, at) => index === this.shown[at]);
    if (!isSame) return this.update(false);
    this.grid.refill(cell => changes.has(this.shown[this.itemOf(cell)] ?? -1));
    this.grid.draw();
    this.count(false);
  }

  private showPicture(picture: TilePicture): void {
    this.pictures.put(picture);
    this.grid.refill(cell => this.shown[this.itemOf(cell)] === picture.index);
  }

  /** Filters and sorts anew; the picture that had the focus keeps it as long as it is shown. */
  private update(isAsked: boolean, begin?: { readonly active: number; readonly top: number }): void {
    const active = begin?.active ?? this.shown[this.itemOf(this.grid.activeCell)];
    this.shown = this.found();
    this.layOut(Math.max(0, this.shown.indexOf(active ?? -1)), begin?.top);
    this.count(isAsked);
  }

  private found(): readonly number[] {
    const { filter, sort } = this.filters.value;
    return this.index.shown(filter, sort);
  }

  private layOut(item = this.itemOf(this.grid.activeCell), top?: number): void {
    const { run } = this;
    if (run === undefined) return;
    const isTable = this.filters.value.layout === 'table';
    document.body.classList.toggle('as-table', isTable);
    document.body.classList.toggle('compared', run.sides !== undefined);
    this.nothing.hidden = this.shown.length > 0;
    this.showHeadings(isTable, run);
    const em = parseFloat(getComputedStyle(document.body).fontSize);
    if (isTable) {
      const columns = tableColumns(run.words, run.sides).length;
      const source = { cells: this.shown.length * columns, columns, rowHeight: tableHeight(em), headings: 1 };
      this.grid.show({ ...source, fill: (cell, node) => this.fillTable(cell, node, run.words) }, item * columns, top);
    } else {
      const measures = gridMeasures(this.grid.element.clientWidth, em, run.sides !== undefined);
      this.grid.element.style.setProperty('--columns', String(measures.columns));
      const source = { cells: this.shown.length, ...measures, headings: 0 };
      this.grid.show({ ...source, fill: (cell, node) => this.fillTile(cell, node, run.words) }, item, top);
    }
    this.table.setAttribute('aria-rowcount', String(this.grid.rowCount + (isTable ? 1 : 0)));
    this.table.setAttribute('aria-colcount', String(this.grid.columns));
    this.keep();
  }

  private fillTile(cell: number, node: HTMLElement, words: ResultsWords): void {
    const index = this.shown[cell] ?? -1;
    const pair = this.index.pairs[index];
    if (pair !== undefined) node.replaceChildren(...gridTile({ pair, picture: this.pictures.find(index), words }));
  }

  private fillTable(cell: number, node: HTMLElement, words: ResultsWords): void {
    const index = this.shown[this.itemOf(cell)] ?? -1;
    const pair = this.index.pairs[index];
    if (pair === undefined) return;
    const column = cell % this.grid.columns;
    node.replaceChildren(...tableCell({ pair, picture: this.pictures.find(index), words }, column));
  }

  private itemOf(cell: number): number {
    return this.filters.value.layout === 'table' ? Math.floor(cell / this.grid.columns) : cell;
  }

  private showHeadings(isTable: boolean, { words, sides }: Shown): void {
    this.headings.hidden = !isTable;
    if (!isTable) return this.headings.replaceChildren();
    const { by, isDescending } = this.filters.value.sort;
    const row = element('div', { class: 'heading-row', role: 'row', 'aria-rowindex': '1' });
    tableColumns(words, sides).forEach(({ title, order }, column) => {
      const cell = element('div', { class: 'heading', role: 'columnheader', 'aria-colindex': String(column + 1) });
      if (order === undefined) cell.append(title);
      else {
        const button = element('button', { type: 'button', class: 'plain', 'data-order': order }, [
          title,
          element('span', { 'aria-hidden': 'true' }, [order === by ? isDescending ? ' ↓' : ' ↑' : '']),
        ]);
        button.addEventListener('click', () => {
          this.filters.sortBy(order);
          this.headings.querySelector<HTMLElement>(`[data-order="${order}"]`)?.focus();
        });
        cell.append(button);
        cell.setAttribute('aria-sort', order !== by ? 'none' : isDescending ? 'descending' : 'ascending');
      }
      row.append(cell);
    });
    this.headings.replaceChildren(row);
  }

  private count(isAsked: boolean): void {
    const { run, shown, index: { pairs } } = this;
    if (run === undefined) return;
    const { words: { oneCount, allCount, shownCount, retry, answerRest } } = run;
    const all = pairs.length === 1 ? oneCount : filled(allCount, pairs.length);
    this.head.showCount(shown.length === pairs.length ? all : filled(shownCount, shown.length, pairs.length), isAsked);
    const hasFailed = this.inState('failed').length > 0;
    const offered = hasFailed ? retry : this.inState('waiting').length > 0 ? answerRest : '';
    this.head.offerRetry(this.isUnderWay ? '' : offered);
  }

  /** Of either side, among all pictures of the run. */
  private inState(state: RowPair['row']['state']): number[] {
    const { pairs } = this.index;
    return [...pairs.keys()].filter(at => pairs[at]?.row.state === state || pairs[at]?.other?.state === state);
  }

  private open(item: number, isOther: boolean): void {
    const index = this.shown[item];
    if (index === undefined) return;
    const side = isOther && this.run?.sides !== undefined ? 'other' : 'one';
    this.post({ type: 'open', index, side, shown: this.shown });
  }

  private act(action: Action): void {
    const { run, shown } = this;
    if (run === undefined) return;
    switch (action) {
      case 'help':
        return this.help.show(run.words);
      case 'compare':
      case 'choose':
        return this.post({ type: action });
      case 'export':
      case 'saveDataSet':
        return this.post({ type: action, shown });
      case 'retry': {
        const failed = this.inState('failed');
        return this.post({ type: 'retry', indices: failed.length > 0 ? failed : this.inState('waiting') });
      }
    }
  }

  private onKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'search'
      || event.target instanceof HTMLSelectElement;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping || this.help.element.open) {
      return;
    }
    const does = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (does === undefined) return;
    event.preventDefault();
    if (does === 'search') this.filters.focus();
    else if (does === 'grid' || does === 'table') this.filters.setLayout(does);
    else this.act(does);
  }

  private keep(): void {
    const { run, shown } = this;
    if (run === undefined) return;
    const active = shown[this.itemOf(this.grid.activeCell)] ?? 0;
    this.vscode.setState({ id: run.id, asked: run.asked, state: this.filters.value, active, top: this.grid.scrollTop });
  }
}

const keys: Readonly<Record<string, Action | 'search' | 'grid' | 'table'>> = {
  '/': 'search',
  '?': 'help',
  g: 'grid',
  t: 'table',
  r: 'retry',
  c: 'compare',
  e: 'export',
  s: 'saveDataSet',
};

new Results().start();
