/** The edge between picture and panel, which is dragged, or moved by keys. */
import type { PageWords } from '../../client/src/contract/viewer';
import { element } from '../dom/dom';
import { largestPanel, panelWithin, SMALLEST_PANEL, steppedPanel } from './panelWidth';

export class PanelSeparator {
  readonly element = element('div', {
    id: 'separator',
    role: 'separator',
    tabindex: '0',
    'aria-orientation': 'vertical',
    'aria-controls': 'panel',
  });
  /** Undefined: as the style sheet has it. */
  private chosen: number | undefined;

  /** @param main Holds picture, edge and panel. @param onChange Called with what the person chose. */
  constructor(
    private readonly main: HTMLElement,
    private readonly panel: HTMLElement,
    private readonly onChange: () => void,
  ) {
    this.element.addEventListener('pointerdown', event => this.onPointerDown(event));
    this.element.addEventListener('pointermove', event => this.onPointerMove(event));
    this.element.addEventListener('pointerup', () => this.end());
    this.element.addEventListener('pointercancel', () => this.end());
    this.element.addEventListener('dblclick', () => this.choose(undefined));
    this.element.addEventListener('keydown', event => this.onKey(event));
    new ResizeObserver(() => this.tell()).observe(panel);
  }

  get widthPx(): number | undefined {
    return this.chosen;
  }

  show(words: PageWords): void {
    this.element.setAttribute('aria-label', words.panelWidth);
    this.element.setAttribute('aria-description', words.panelWidthHelp);
    this.element.title = words.panelWidth;
  }

  /** The width of an earlier view: not what the person chose here. */
  restore(widthPx: number | undefined): void {
    this.chosen = widthPx;
    this.apply();
  }

  private choose(widthPx: number | undefined): void {
    this.restore(widthPx);
    this.onChange();
  }

  /** A narrow window makes it smaller for as long as it is narrow. */
  private apply(): void {
    if (this.chosen === undefined) this.main.style.removeProperty('--panel');
    else this.main.style.setProperty('--panel', `${this.chosen}px`);
    this.main.style.setProperty('--panel-least', `${SMALLEST_PANEL}px`);
    this.tell();
  }

  private tell(): void {
    const { room } = this;
    this.element.setAttribute('aria-valuemin', String(SMALLEST_PANEL));
    this.element.setAttribute('aria-valuemax', String(largestPanel(room)));
    this.element.setAttribute('aria-valuenow', String(panelWithin(this.panel.offsetWidth, room)));
  }

  private get room(): number {
    return this.main.clientWidth;
  }

  private onPointerDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.element.focus();
    this.element.setPointerCapture(event.pointerId);
    this.element.classList.add('dragging');
  }

  private onPointerMove(event: PointerEvent): void {
    if (!this.element.hasPointerCapture(event.pointerId)) return;
    this.restore(panelWithin(this.main.getBoundingClientRect().right - event.clientX, this.room));
  }

  private end(): void {
    if (!this.element.classList.contains('dragging')) return;
    this.element.classList.remove('dragging');
    this.onChange();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const width = steppedPanel(event.key, this.panel.offsetWidth, this.room);
    if (width !== undefined) this.choose(width);
    else if (event.key === 'Enter') this.choose(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
