/** The message loop of a data set's page. Data comes by message only, after `ready`. */
import type { DataSetWords, FromDataSet, LinePicture, ToDataSet } from '../../client/src/contract/dataSet';
import { firstOrder } from '../../datasets/src/edits/shownSetRows';
import { tameLines } from '../../paligemma/src/plainText';
import { element, filled, setText } from '../dom/dom';
import { gridMeasures } from '../grid/gridMeasures';
import { KeyHelp } from '../grid/keyHelp';
import { TilePictures } from '../grid/tilePictures';
import { VirtualGrid } from '../grid/virtualGrid';
import { lacksMasks, lineTile } from './lineTile';
import { LineView } from './lineView';
import { RowCache } from './rowCache';
import { firstView, SetFilters, type SetView } from './setFilters';

/** What the page keeps while it is hidden, which throws it away. */
interface Kept {
  readonly view: SetView;
  /** The line that Tab reaches. */
  readonly active?: number;
  readonly top: number;
  /** The line that is open. */
  readonly open?: number;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromDataSet): void;
  setState(state: Kept): void;
  getState(): Kept | undefined;
};

type Shown = Extract<ToDataSet, { readonly type: 'shown' }>;

class DataSet {
  private readonly vscode = acquireVsCodeApi();
  private readonly post = (message: FromDataSet) => this.vscode.postMessage(message);
  private readonly heading = element('h1', { dir: 'auto' });
  private readonly count = element('span', { id: 'count' });
  private readonly looking = element('span', { id: 'looking' });
  private readonly notice = element('span', { id: 'notice', role: 'status' });
  private readonly nextDraft = element('button', { id: 'first-draft', type: 'button' });
  private readonly helpButton = element('button', { id: 'help', type: 'button' });
  private readonly head = element('header', {}, [
    element('div', { class: 'titles' }, [this.heading]),
    element('div', { class: 'actions' }, [this.nextDraft, this.helpButton]),
    element('div', { class: 'said' }, [this.count, this.looking, this.notice]),
  ]);
  private readonly filters = new SetFilters(() => this.ask(), () => this.grid.focus());
  private readonly nothing = element('p', { class: 'hint' });
  private readonly help = new KeyHelp();
  private readonly grid = new VirtualGrid({
    sight: cells => this.wantPictures(cells),
    open: cell => this.open(cell),
  });
  private readonly table = element('main', { role: 'grid', id: 'lines' }, [this.grid.element, this.nothing]);
  private readonly rows = new RowCache((version, from, count) => this.post({ type: 'rows', version, from, count }));
  private readonly pictures = new TilePictures<LinePicture>(ids => this.post({ type: 'wanted', ids }));
  private readonly line = new LineView({
    post: message => this.post(message),
    leave: () => this.leave(),
    say: text => this.say(text),
  });
  private words: DataSetWords | undefined;
  private shown: Shown | undefined;
  private active: number | undefined;
  /** What a person asked for before the rows that it is about were there. */
  private awaiting: (() => void) | undefined;
  /** Why nothing can be changed, said whenever nothing else is. */
  private readOnly = '';
  /** The person went back to the list: a line that comes late is not shown. */
  private hasLeft = false;
  /** Where to scroll when the first list has come. */
  private top: number | undefined;

  start(): void {
    document.body.append(this.head, this.filters.element, this.table, this.line.element, this.help.element);
    window.addEventListener('message', (event: MessageEvent<ToDataSet>) => this.receive(event.data));
    window.addEventListener('keydown', event => this.onKey(event));
    window.addEventListener('blur', () => this.line.flush());
    this.grid.element.addEventListener('scroll', () => this.keep(), { passive: true });
    this.grid.element.addEventListener('focusin', () => this.keep());
    new ResizeObserver(() => this.layOut()).observe(this.grid.element);
    this.nextDraft.addEventListener('click', () => this.openDraft());
    this.helpButton.addEventListener('click', () => this.showHelp());
    this.post({ type: 'ready' });
  }

  private receive(message: ToDataSet): void {
    switch (message.type) {
      case 'begin':
        return this.begin(message);
      case 'shown':
        return this.show(message);
      case 'rows':
        if (this.rows.put(message.version, message.from, message.rows)) this.refill();
        return this.takeUp();
      case 'picture':
        this.pictures.put(message.picture);
        return this.grid.refill(cell => this.rows.at(cell)?.id === message.picture.index);
      case 'line':
        return this.showLine(message);
      case 'closed':
        return this.leave();
      case 'large':
        return this.line.showPicture(message.picture);
      case 'masks':
        return this.line.showMasks(message.id, message.masks);
      case 'answered':
        return this.line.answered(message.change, message.notice);
      case 'notice':
        return this.say(message.text);
      default:
        message satisfies never;
    }
  }

  private begin({ heading, words, state, readOnly }: Extract<ToDataSet, { readonly type: 'begin' }>): void {
    this.words = words;
    this.hasLeft = false;
    const kept = this.vscode.getState();
    const isAsked = state !== 'all';
    const view = kept === undefined || isAsked
      ? { filter: { ...firstView.filter, state }, sort: firstOrder(state) }
      : kept.view;
    setText(this.heading, tameLines(heading));
    document.title = tameLines(heading);
    setText(this.nextDraft, words.grid.nextDraft);
    setText(this.helpButton, words.help);
    setText(this.nothing, words.grid.nothingShown);
    this.table.setAttribute('aria-label', words.grid.lines);
    this.line.name(words, readOnly === undefined);
    this.readOnly = readOnly ?? '';
    this.say('');
    this.filters.show(words.grid, noCounts, view);
    [this.active, this.top] = isAsked ? [undefined, 0] : [kept?.active, kept?.top ?? 0];
    this.ask(view);
    if (!isAsked && kept?.open !== undefined) this.post({ type: 'open', id: kept.open });
  }

  /** @param view What is chosen; a list that is not counted yet cannot hold it. */
  private ask(view: SetView = this.filters.value): void {
    this.active = this.rowAt(this.grid.activeCell)?.id ?? this.active;
    this.view = view;
    this.post({ type: 'view', ...view, ...(this.active === undefined ? {} : { active: this.active }) });
  }

  private view: SetView = firstView;

  private show(shown: Shown): void {
    const { words } = this;
    if (words === undefined) return;
    this.shown = shown;
    this.rows.begin(shown.version);
    this.filters.show(words.grid, shown.counts, this.view);
    this.showCount(shown, words);
    this.nothing.hidden = shown.shown > 0;
    this.offerDrafts();
    this.layOut(shown.at, this.top);
    this.top = undefined;
  }

  private showCount({ shown, total, isLooking }: Shown, { grid }: DataSetWords): void {
    const all = total === 1 ? grid.oneCount : filled(grid.allCount, total);
    setText(this.count, shown === total ? all : filled(grid.shownCount, shown, total));
    setText(this.looking, isLooking ? grid.looking : '');
  }

  private layOut(cell = this.grid.activeCell, top = this.grid.scrollTop): void {
    const { words, shown } = this;
    if (words === undefined || shown === undefined || this.table.hidden) return;
    const em = parseFloat(getComputedStyle(document.body).fontSize);
    const measures = gridMeasures(this.grid.element.clientWidth, em, false);
    this.grid.element.style.setProperty('--columns', String(measures.columns));
    const fill = (at: number, node: HTMLElement) => this.fill(at, node, words);
    this.grid.show({ cells: shown.shown, ...measures, headings: 0, fill }, cell, top);
    this.table.setAttribute('aria-rowcount', String(this.grid.rowCount));
    this.table.setAttribute('aria-colcount', String(this.grid.columns));
    this.keep();
  }

  private fill(cell: number, node: HTMLElement, { grid }: DataSetWords): void {
    const row = this.rows.at(cell);
    if (row === undefined) return node.replaceChildren();
    const picture = this.pictures.find(row.id);
    // The line names another one by now.
    const isStale = picture !== undefined && picture.name !== row.name;
    if (picture !== undefined && (isStale || lacksMasks(row, picture))) this.pictures.forget(row.id);
    node.replaceChildren(...lineTile(row, isStale ? undefined : picture, grid));
  }

  private refill(): void {
    this.grid.refill(() => true);
    this.grid.draw();
  }

  private rowAt(cell: number) {
    return this.shown === undefined || cell >= this.shown.shown ? undefined : this.rows.at(cell);
  }

  private wantPictures(cells: readonly number[]): void {
    const ids = cells.flatMap(cell => this.rowAt(cell)?.id ?? []);
    this.pictures.want([...new Set(ids)]);
  }

  private open(cell: number): void {
    const row = this.rowAt(cell);
    if (row === undefined) {
      this.awaiting = () => this.open(cell);
      return;
    }
    this.hasLeft = false;
    this.post({ type: 'open', id: row.id });
  }

  /** From the active line on. */
  private openDraft(): void {
    if (this.shown?.shown === 0) return this.say(this.words?.grid.nothingShown ?? '');
    this.hasLeft = false;
    const first = this.rowAt(this.grid.activeCell);
    if (first === undefined) this.awaiting = () => this.openDraft();
    else if (first.isDraft) this.post({ type: 'open', id: first.id });
    else this.post({ type: 'step', id: first.id, to: 'draft' });
  }

  /** Does what was asked for while the rows were under way. */
  private takeUp(): void {
    const { awaiting } = this;
    this.awaiting = undefined;
    awaiting?.();
  }

  private showLine({ line }: Extract<ToDataSet, { readonly type: 'line' }>): void {
    if (this.hasLeft) return;
    const isNew = this.line.id === undefined;
    this.setMode(true);
    this.line.show(line, this.shown?.shown ?? 0);
    this.active = line.id;
    if (isNew) this.line.focus();
    this.keep();
  }

  private leave(): void {
    const id = this.line.id;
    this.hasLeft = true;
    this.line.close();
    this.say('');
    this.post({ type: 'close' });
    this.setMode(false);
    this.active = id ?? this.active;
    // Its place in the list may be another one by now.
    this.post({ type: 'view', ...this.view, ...(this.active === undefined ? {} : { active: this.active }) });
    this.grid.focus();
    this.keep();
  }

  private setMode(isLine: boolean): void {
    this.table.hidden = this.filters.element.hidden = isLine;
    this.offerDrafts();
    document.body.classList.toggle('with-line', isLine);
  }

  /** An open line has a button of its own. */
  private offerDrafts(): void {
    this.nextDraft.hidden = this.table.hidden || this.shown?.counts.states.draft === 0;
  }

  private say(text: string): void {
    setText(this.notice, tameLines(text === '' ? this.readOnly : text));
  }

  private showHelp(): void {
    if (this.words !== undefined) this.help.show(this.words);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing || this.help.element.open) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') return this.line.flush();
    if (isTyping(event.target)) {
      if (event.key === 'Escape' && this.line.id !== undefined) this.line.focus();
      return;
    }
    const isMeant = event.key === '?'
      ? (this.showHelp(), true)
      : this.line.id === undefined
      ? this.onGridKey(event)
      : this.line.onKey(event);
    if (isMeant) event.preventDefault();
  }

  private onGridKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === '/') this.filters.focus();
    else if (event.key.toLowerCase() === 'u') this.openDraft();
    else return false;
    return true;
  }

  private keep(): void {
    const active = this.line.id ?? this.rowAt(this.grid.activeCell)?.id ?? this.active;
    const open = this.line.id;
    this.vscode.setState({
      view: this.view,
      top: this.grid.scrollTop,
      ...(active === undefined ? {} : { active }),
      ...(open === undefined ? {} : { open }),
    });
  }
}

const noCounts = {
  states: { all: 0, draft: 0, finding: 0, empty: 0, wrong: 0 },
  labels: [],
  folders: [],
  codes: [],
  judged: 0,
};

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || target instanceof HTMLInputElement && target.type !== 'checkbox';
}

new DataSet().start();
