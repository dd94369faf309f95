/** The picture with its boxes, masks and labels. Everything drawn here is also in the region list, which is what is read aloud. */
import type { Mask, Region } from '../../model-host/src/contract/paligemma';
import type { ViewState, ViewWords } from '../../client/src/contract/viewer';
import { element, svgElement } from './dom';
import { regionClasses } from './regionColors';

/** Nearer than this to the upper edge, in parts of the height, a label stands inside its box. */
const LABEL_ROOM = 0.07;

export class Stage {
  readonly element: HTMLElement;
  private readonly image = element('img', { draggable: 'false' });
  private readonly overlay = svgElement('svg', { class: 'overlay', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  private readonly labels = element('div', { class: 'labels', 'aria-hidden': 'true' });
  private readonly unavailable = element('p', { class: 'unavailable' });
  private readonly frame = element('div', { class: 'frame' }, [this.image, this.overlay, this.labels, this.unavailable]);
  /** By region: everything that is marked when the region is selected. */
  private marked: Element[][] = [];
  private shown: ViewState | undefined;

  constructor(private readonly onSelect: (index: number) => void) {
    this.element = element('section', { class: 'stage' }, [this.frame]);
    this.unavailable.hidden = true;
    this.image.addEventListener('load', () => {
      this.setAvailable(true);
      this.layOut();
    });
    this.image.addEventListener('error', () => this.setAvailable(false));
  }

  show(view: ViewState, imageSrc: string, words: ViewWords): void {
    this.shown = view;
    this.element.setAttribute('aria-label', words.pictureRegion);
    this.image.alt = view.imageName;
    this.unavailable.textContent = words.pictureUnavailable;
    if (this.image.getAttribute('src') !== imageSrc) this.image.src = imageSrc;
    this.layOut();
    this.draw(view, words);
  }

  select(index: number | undefined): void {
    this.frame.classList.toggle('has-selection', index !== undefined);
    this.marked.forEach((nodes, at) => nodes.forEach(node => node.classList.toggle('selected', at === index)));
    if (index !== undefined) this.marked[index]?.[0]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  private setAvailable(isAvailable: boolean): void {
    this.unavailable.hidden = isAvailable;
    this.image.classList.toggle('broken', !isAvailable);
  }

  /** The run knows the size of the upright picture; before it the browser does, which turns it upright too. */
  private layOut(): void {
    const width = this.shown?.widthPx || this.image.naturalWidth;
    const height = this.shown?.heightPx || this.image.naturalHeight;
    if (width === 0 || height === 0) return;
    this.frame.style.setProperty('--width', String(width));
    this.frame.style.setProperty('--height', String(height));
  }

  private draw({ regions, widthPx, heightPx }: ViewState, words: ViewWords): void {
    this.overlay.replaceChildren();
    this.labels.replaceChildren();
    this.marked = [];
    if (widthPx === 0 || heightPx === 0) return;
    this.overlay.setAttribute('viewBox', `0 0 ${widthPx} ${heightPx}`);
    const classes = regionClasses(regions);
    regions.forEach((region, index) => {
      const color = classes[index] ?? '';
      const nodes: Element[] = [this.drawBox(region, index, color), this.drawLabel(region, index, color, widthPx, heightPx, words)];
      if (region.mask !== undefined) nodes.push(this.drawMask(region.mask, index, color));
      this.marked.push(nodes);
    });
  }

  private drawBox({ box }: Region, index: number, color: string): Element {
    const place = { x: box.x1, y: box.y1, width: Math.max(0, box.x2 - box.x1), height: Math.max(0, box.y2 - box.y1) };
    const node = svgElement('g', { class: `box ${color}`, 'data-index': index }, [
      svgElement('rect', { ...place, class: 'halo' }), svgElement('rect', { ...place, class: 'edge' }),
    ]);
    node.addEventListener('click', () => this.onSelect(index));
    this.overlay.append(node);
    return node;
  }

  /** The grey picture is the mask of a rectangle in the label's colour, so the colour stays the theme's. */
  private drawMask({ png }: Mask, index: number, color: string): Element {
    const whole = { x: 0, y: 0, width: '100%', height: '100%' };
    const id = `mask-${index}`;
    const grey = svgElement('image', { ...whole, href: `data:image/png;base64,${png}`, preserveAspectRatio: 'none' });
    const node = svgElement('g', { class: `mask ${color}` }, [
      svgElement('mask', { id, maskUnits: 'userSpaceOnUse', ...whole }, [grey]),
      svgElement('rect', { ...whole, mask: `url(#${id})` }),
    ]);
    this.overlay.prepend(node);
    return node;
  }

  private drawLabel({ box }: Region, index: number, color: string, widthPx: number, heightPx: number, words: ViewWords): Element {
    const isInside = box.y1 / heightPx < LABEL_ROOM;
    const node = element('span', { class: `label ${color}${isInside ? ' inside' : ''}` }, [words.regionLabels[index] ?? String(index + 1)]);
    const [left, right] = [box.x1, widthPx - box.x2].map(x => Math.min(Math.max(x / widthPx, 0), 1));
    // On the right side of the picture a label ends where its box ends, so that it does not run out of the picture.
    const [side, room] = (left ?? 0) <= 0.5 ? ['left', left ?? 0] : ['right', right ?? 0];
    node.style.setProperty(side, `${room * 100}%`);
    node.style.setProperty('max-width', `min(${(1 - room) * 100}%, max(${((box.x2 - box.x1) / widthPx) * 100}%, 14em))`);
    node.style.setProperty('top', `${Math.min(Math.max(box.y1 / heightPx, 0), 1) * 100}%`);
    node.addEventListener('click', () => this.onSelect(index));
    this.labels.append(node);
    return node;
  }
}
