/** Zoom, labels and masks: the buttons below the picture. */
import type { PageWords } from '../../client/src/contract/viewer';
import { element, named } from '../dom/dom';

export interface ToolbarActions {
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  actualSize(): void;
  setLabels(areShown: boolean): void;
  setTiles(areShown: boolean): void;
  /** Whether the next drag draws around what is to be read. */
  setDrawing(isOn: boolean): void;
  /** @param opacity 0…1. */
  setMaskOpacity(opacity: number): void;
}

/** What there is to be shown. */
export interface ToolbarState {
  readonly hasRegions: boolean;
  readonly hasMasks: boolean;
  /** The picture was read in parts. */
  readonly hasTiles: boolean;
  /** No run is in progress, and the picture is there. */
  readonly canRead: boolean;
}

export class Toolbar {
  readonly element = element('div', { class: 'toolbar', role: 'group' });
  private readonly out = element('button', { type: 'button', id: 'zoom-out' }, ['−']);
  private readonly actual = element('button', { type: 'button', id: 'zoom' }, ['100 %']);
  private readonly in = element('button', { type: 'button', id: 'zoom-in' }, ['+']);
  private readonly fit = element('button', { type: 'button', id: 'zoom-fit' });
  private readonly labels = element('button', { type: 'button', id: 'labels', 'aria-pressed': 'true' });
  private readonly tiles = element('button', { type: 'button', id: 'tiles', 'aria-pressed': 'true' });
  private readonly region = element('button', { type: 'button', id: 'read-region', 'aria-pressed': 'false' });
  private readonly masksName = element('span');
  private readonly masks = element('input', {
    type: 'range',
    id: 'masks',
    min: '0',
    max: '100',
    step: '5',
    value: '45',
  });
  private actualSizeName = '';
  private decimalMark = '.';
  private readonly masksField = element('label', { class: 'masks' }, [this.masksName, this.masks]);

  constructor(private readonly actions: ToolbarActions) {
    this.out.addEventListener('click', () => actions.zoomOut());
    this.in.addEventListener('click', () => actions.zoomIn());
    this.fit.addEventListener('click', () => actions.fit());
    this.actual.addEventListener('click', () => actions.actualSize());
    this.labels.addEventListener('click', () => this.setLabels(!this.areLabelsShown));
    this.tiles.addEventListener('click', () => this.setTiles(!this.areTilesShown));
    this.region.addEventListener('click', () => this.setDrawing(!this.isDrawing));
    this.masks.addEventListener('input', () => actions.setMaskOpacity(this.maskOpacity));
    this.element.append(
      this.out,
      this.actual,
      this.in,
      this.fit,
      this.labels,
      this.tiles,
      this.masksField,
      this.region,
    );
  }

  get areLabelsShown(): boolean {
    return isPressed(this.labels);
  }

  get areTilesShown(): boolean {
    return isPressed(this.tiles);
  }

  get isDrawing(): boolean {
    return isPressed(this.region);
  }

  get maskOpacity(): number {
    return Number(this.masks.value) / 100;
  }

  show(words: PageWords, { hasRegions, hasMasks, hasTiles, canRead }: ToolbarState): void {
    this.element.setAttribute('aria-label', words.pictureTools);
    named(this.out, words.zoomOut);
    named(this.in, words.zoomIn);
    this.decimalMark = words.decimalMark;
    this.actualSizeName = words.actualSize;
    this.nameActualSize();
    this.fit.textContent = words.fit;
    this.fit.title = words.fitHelp;
    this.labels.textContent = words.labels;
    this.labels.title = words.labelsHelp;
    this.labels.hidden = !hasRegions;
    this.tiles.textContent = words.tiles;
    this.tiles.title = words.tilesHelp;
    this.tiles.hidden = !hasTiles;
    this.region.textContent = words.readRegion;
    this.region.title = words.readRegionHelp;
    this.region.disabled = !canRead;
    if (!canRead && this.isDrawing) this.setDrawing(false);
    this.masksName.textContent = words.masks;
    this.masksField.title = words.masksHelp;
    this.masksField.hidden = !hasMasks;
  }

  showScale(scale: number, isFitted: boolean): void {
    const percent = scale < 0.1 ? (scale * 100).toFixed(1).replace('.', this.decimalMark) : Math.round(scale * 100);
    this.actual.textContent = `${percent} %`;
    this.nameActualSize();
    this.fit.setAttribute('aria-pressed', String(isFitted));
  }

  setLabels(areShown: boolean): void {
    this.labels.setAttribute('aria-pressed', String(areShown));
    this.actions.setLabels(areShown);
  }

  setTiles(areShown: boolean): void {
    this.tiles.setAttribute('aria-pressed', String(areShown));
    this.actions.setTiles(areShown);
  }

  setDrawing(isOn: boolean): void {
    if (isOn && this.region.disabled) return;
    this.region.setAttribute('aria-pressed', String(isOn));
    this.actions.setDrawing(isOn);
  }

  setMaskOpacity(opacity: number): void {
    this.masks.value = String(Math.round(opacity * 100));
    this.actions.setMaskOpacity(this.maskOpacity);
  }

  /** Who speaks to the machine says what they see: the name begins with it. */
  private nameActualSize(): void {
    this.actual.title = this.actualSizeName;
    this.actual.setAttribute('aria-label', `${this.actual.textContent ?? ''} – ${this.actualSizeName}`);
  }
}

function isPressed(button: HTMLElement): boolean {
  return button.getAttribute('aria-pressed') === 'true';
}
