/** The picture of a line, large, with its boxes: zoomed, moved, and the boxes changed on it. */
import type { LargePicture, LineMasks, LineWords } from '../../client/src/contract/dataSet';
import { binsBetween, handles, movedBins, resizedBins, type Handle } from '../../datasets/src/edits/boxBins';
import { labelStyles } from '../../paligemma/src/labelStyles';
import type { Box } from '../../paligemma/src/facts';
import { boxFromLocBins, type LocBins } from '../../paligemma/src/locTokens';
import { tameLines } from '../../paligemma/src/plainText';
import { element, setText, svgElement } from '../dom/dom';
import { maskOutlines } from '../viewer/maskOutlines';
import { styleClasses } from '../viewer/overlay';
import { closeUp, fitted, moved, revealed, within, zoomed } from '../viewer/placement';
import type { Placement, Point, Size } from '../viewer/placement';
import { DIVISOR } from './lineTile';

export interface BoardBox {
  readonly bins: LocBins;
  readonly label: string;
  readonly hasMask: boolean;
}

/** The shape of a mask, as a path. */
interface Shape {
  readonly outline: string;
  /** The box that it was decoded for, in the path's pixels: it goes with the box from there. */
  readonly box: Box;
}

export interface BoardEvents {
  select(box: number | undefined): void;
  /** Moved or resized by the pointer, at the end of it. */
  change(box: number, bins: LocBins): void;
  /** A new box; undefined where the frame was too small for one. */
  draw(bins: LocBins | undefined): void;
}

const ZOOM_STEP = 1.25;
/** A pointer that moved less than this has clicked, CSS pixels. */
const CLICK_REACH = 4;
/** Of a handle, CSS pixels. */
const HANDLE = 9;
/** With more boxes, names would cover the picture: only that of the chosen one is shown. */
const MOST_NAMES = 40;
/** Room for boxes of a picture that cannot be shown. */
const NO_PICTURE: Size = { width: 640, height: 480 };

interface Drag {
  readonly pointer: number;
  readonly start: Point;
  last: Point;
  isMove: boolean;
  readonly does: 'pan' | 'draw' | 'move' | Handle;
  readonly box: number | undefined;
}

export class Board {
  readonly element: HTMLElement;
  private readonly image = element('img', { draggable: 'false', alt: '' });
  private readonly problem = element('p', { class: 'unavailable' });
  private readonly plane = svgElement('g');
  private readonly frame = svgElement('g', { class: 'frame' });
  private readonly grips = svgElement('g', { class: 'grips' });
  private readonly svg = svgElement('svg', { class: 'overlay', 'aria-hidden': 'true' }, [
    this.plane,
    this.frame,
    this.grips,
  ]);
  private readonly names = element('div', { class: 'labels', 'aria-hidden': 'true' });
  private boxes: readonly BoardBox[] = [];
  private groups: readonly SVGGElement[] = [];
  private masks: LineMasks | undefined;
  /** By box. */
  private shapes: ReadonlyMap<number, Shape> = new Map();
  private selected: number | undefined;
  private picture: Size = NO_PICTURE;
  private room: Size = { width: 0, height: 0 };
  /** Undefined: fitted, also when the room changes. */
  private chosen: Placement | undefined;
  private drag: Drag | undefined;
  /** Of the box that is being dragged. */
  private dragged: LocBins | undefined;
  private isDrawing = false;
  private frameRequest = 0;

  constructor(private readonly on: BoardEvents) {
    // Its keys are its own: a screen reader has to hand them over.
    this.element = element('div', { class: 'board', id: 'board', tabindex: '0', role: 'application' }, [
      this.image,
      this.problem,
      this.svg,
      this.names,
    ]);
    this.problem.hidden = true;
    new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      this.room = { width: entry.contentRect.width, height: entry.contentRect.height };
      this.drawSoon();
    }).observe(this.element);
    this.listen();
  }

  name(words: LineWords): void {
    this.element.setAttribute('aria-label', words.picture);
    this.element.setAttribute('aria-description', words.pictureHelp);
  }

  /** Of another line: the picture of before goes until the next one comes. */
  clear(): void {
    this.image.removeAttribute('src');
    this.image.hidden = true;
    this.problem.hidden = true;
    this.picture = NO_PICTURE;
    this.chosen = undefined;
    this.forgetMasks();
    this.setDrawing(false);
    this.drag = this.dragged = undefined;
  }

  showPicture({ src, problem, widthPx, heightPx }: LargePicture): void {
    setText(this.problem, problem ?? '');
    this.image.hidden = src === undefined;
    if (src !== undefined) this.image.src = src;
    this.picture = widthPx > 0 && heightPx > 0 ? { width: widthPx, height: heightPx } : NO_PICTURE;
    this.drawSoon();
  }

  showBoxes(boxes: readonly BoardBox[], selected: number | undefined): void {
    this.boxes = boxes;
    const styles = labelStyles(boxes.map(({ label }) => label));
    this.groups = boxes.map(({ label, hasMask }, index) => {
      const classes = styleClasses(styles.get(label) ?? { hue: 0, line: 'solid' });
      return svgElement('g', { class: `box ${classes}${hasMask ? ' masked' : ''}`, 'data-index': index }, [
        svgElement('rect', { class: 'halo' }),
        svgElement('rect', { class: 'edge' }),
      ]);
    });
    this.plane.replaceChildren(...this.groups);
    this.drawShapes();
    this.select(selected);
  }

  /** @param bins Of the boxes that the masks were decoded for, all of the answer's. */
  async showMasks(masks: LineMasks, bins: readonly LocBins[]): Promise<void> {
    this.masks = masks;
    const shapes = new Map<number, Shape>();
    for (const { region, png } of masks.shapes) {
      const at = bins[region];
      if (at === undefined) continue;
      const box = boxFromLocBins(at, masks.widthPx, masks.heightPx, DIVISOR);
      const outline = await maskOutlines({ width: masks.widthPx, height: masks.heightPx, png }, box);
      // Others have come meanwhile.
      if (this.masks !== masks) return;
      if (outline !== undefined) shapes.set(region, { outline, box });
    }
    this.shapes = shapes;
    this.drawShapes();
  }

  /** The boxes are others now. */
  forgetMasks(): void {
    this.masks = undefined;
    this.shapes = new Map();
    this.drawShapes();
  }

  private drawShapes(): void {
    this.groups.forEach((group, index) => {
      group.querySelector('path')?.remove();
      const shape = this.shapes.get(index);
      group.classList.toggle('shaped', shape !== undefined);
      if (shape !== undefined) {
        group.prepend(svgElement('path', { class: 'mask', d: shape.outline, 'fill-rule': 'evenodd' }));
      }
    });
    this.drawSoon();
  }

  select(index: number | undefined): void {
    this.selected = index;
    this.groups.forEach((group, at) => group.classList.toggle('selected', at === index));
    this.svg.classList.toggle('has-selection', index !== undefined);
    this.drawSoon();
  }

  /** Brings a box into sight. */
  reveal(index: number): void {
    const box = this.boxOf(index);
    const placement = this.placement();
    const next = box === undefined ? placement : revealed(placement, box, this.picture, this.room);
    // What fits already stays fitted.
    if (next !== placement) this.chosen = next;
    this.drawSoon();
  }

  zoomTo(index: number): void {
    const box = this.boxOf(index);
    if (box !== undefined) this.chosen = closeUp(box, this.picture, this.room);
    this.drawSoon();
  }

  zoomBy(steps: number, at: Point = { x: this.room.width / 2, y: this.room.height / 2 }): void {
    this.chosen = zoomed(this.placement(), ZOOM_STEP ** steps, at, this.picture, this.room);
    this.drawSoon();
  }

  fit(): void {
    this.chosen = undefined;
    this.drawSoon();
  }

  pan(by: Point): void {
    if (this.chosen !== undefined) this.chosen = moved(this.placement(), by, this.picture, this.room);
    this.drawSoon();
  }

  /** The next drag draws a box. */
  setDrawing(isOn: boolean): void {
    this.isDrawing = isOn;
    this.element.classList.toggle('drawing', isOn);
    if (!isOn) this.frame.replaceChildren();
  }

  get isDrawingOn(): boolean {
    return this.isDrawing;
  }

  private boxOf(index: number) {
    const bins = index === this.selected && this.dragged !== undefined ? this.dragged : this.boxes[index]?.bins;
    return bins && boxFromLocBins(bins, this.picture.width, this.picture.height, DIVISOR);
  }

  private placement(): Placement {
    return this.chosen === undefined ? fitted(this.picture, this.room) : within(this.chosen, this.picture, this.room);
  }

  private drawSoon(): void {
    if (this.frameRequest !== 0) return;
    this.frameRequest = requestAnimationFrame(() => {
      this.frameRequest = 0;
      this.render();
    });
  }

  private render(): void {
    if (this.room.width === 0) return;
    const { scale, x, y } = this.placement();
    const { width, height } = this.picture;
    this.image.style.width = `${width}px`;
    this.image.style.height = `${height}px`;
    this.image.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.plane.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
    this.groups.forEach((group, index) => {
      const box = this.boxOf(index);
      if (box === undefined) return;
      for (const rect of group.querySelectorAll('rect')) {
        place(rect, box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1);
      }
      const shape = this.shapes.get(index);
      if (shape !== undefined) group.querySelector('path')?.setAttribute('transform', fromTo(shape.box, box));
    });
    this.drawGrips();
    this.drawNames();
  }

  private drawGrips(): void {
    const corners = this.selected === undefined ? undefined : this.inRoom(this.selected);
    if (corners === undefined) return this.grips.replaceChildren();
    const middle = { x: (corners.x1 + corners.x2) / 2, y: (corners.y1 + corners.y2) / 2 };
    this.grips.replaceChildren(...handles.map(handle => {
      const x = handle.includes('w') ? corners.x1 : handle.includes('e') ? corners.x2 : middle.x;
      const y = handle.includes('n') ? corners.y1 : handle.includes('s') ? corners.y2 : middle.y;
      return svgElement('rect', {
        class: `grip ${handle}`,
        'data-handle': handle,
        x: x - HANDLE / 2,
        y: y - HANDLE / 2,
        width: HANDLE,
        height: HANDLE,
      });
    }));
  }

  private drawNames(): void {
    const isFew = this.boxes.length <= MOST_NAMES;
    const styles = labelStyles(this.boxes.map(({ label }) => label));
    this.names.replaceChildren(...this.boxes.flatMap(({ label }, index) => {
      const at = isFew || index === this.selected ? this.inRoom(index) : undefined;
      if (at === undefined) return [];
      const classes = styleClasses(styles.get(label) ?? { hue: 0, line: 'solid' });
      const name = element('span', {
        class: `label ${classes}${index === this.selected ? ' selected' : ''}`,
        dir: 'auto',
      }, [
        label === '' ? String(index + 1) : `${index + 1} ${tameLines(label)}`,
      ]);
      name.style.transform = `translate(${at.x1}px, ${Math.max(0, at.y1)}px) translateY(${at.y1 > 20 ? '-100%' : '0'})`;
      return [name];
    }));
  }

  /** The corners of a box in the room, CSS pixels. */
  private inRoom(index: number) {
    const box = this.boxOf(index);
    const { scale, x, y } = this.placement();
    return box && { x1: box.x1 * scale + x, y1: box.y1 * scale + y, x2: box.x2 * scale + x, y2: box.y2 * scale + y };
  }

  private listen(): void {
    const { element: board } = this;
    board.addEventListener('wheel', event => this.onWheel(event), { passive: false });
    board.addEventListener('pointerdown', event => this.onDown(event));
    board.addEventListener('pointermove', event => this.onMove(event));
    board.addEventListener('pointerup', event => this.onUp(event));
    board.addEventListener('pointercancel', () => this.endDrag());
    board.addEventListener('dblclick', event => {
      const index = this.boxAt(this.pointOf(event));
      if (index !== undefined) this.zoomTo(index);
    });
  }

  private onWheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      return this.zoomBy(-Math.max(-100, Math.min(100, event.deltaY * lines)) / 50, this.pointOf(event));
    }
    this.pan({ x: -event.deltaX * lines, y: -event.deltaY * lines });
  }

  private onDown(event: PointerEvent): void {
    if (event.button > 1) return;
    if (event.button === 1) event.preventDefault();
    const point = this.pointOf(event);
    const handle = event.target instanceof Element ? event.target.getAttribute('data-handle') : null;
    const box = this.boxAt(point);
    this.element.setPointerCapture(event.pointerId);
    this.drag = {
      pointer: event.pointerId,
      start: point,
      last: point,
      isMove: false,
      does: event.button === 1 ? 'pan' : this.isDrawing ? 'draw' : this.dragFrom(handle, box),
      box: handle === null ? box : this.selected,
    };
  }

  private dragFrom(handle: string | null, box: number | undefined): Drag['does'] {
    const grip = handles.find(name => name === handle);
    if (grip !== undefined) return grip;
    return box === undefined ? 'pan' : 'move';
  }

  private onMove(event: PointerEvent): void {
    const { drag } = this;
    if (drag?.pointer !== event.pointerId) return;
    const point = this.pointOf(event);
    if (Math.hypot(point.x - drag.start.x, point.y - drag.start.y) > CLICK_REACH) drag.isMove = true;
    if (!drag.isMove) return;
    if (drag.does === 'pan') this.pan({ x: point.x - drag.last.x, y: point.y - drag.last.y });
    else if (drag.does === 'draw') this.showFrame(drag.start, point);
    else this.dragBox(drag, point);
    drag.last = point;
  }

  private dragBox({ box, does, start }: Drag, point: Point): void {
    const bins = box === undefined ? undefined : this.boxes[box]?.bins;
    if (box === undefined || bins === undefined || does === 'pan' || does === 'draw') return;
    if (box !== this.selected) this.on.select(box);
    const { scale } = this.placement();
    const by = {
      x: (point.x - start.x) / scale / this.picture.width * DIVISOR,
      y: (point.y - start.y) / scale / this.picture.height * DIVISOR,
    };
    this.dragged = does === 'move' ? movedBins(bins, by) : resizedBins(bins, does, by);
    this.drawSoon();
  }

  private onUp(event: PointerEvent): void {
    const { drag, dragged } = this;
    if (drag?.pointer !== event.pointerId) return;
    this.endDrag();
    if (!drag.isMove) return event.button === 0 && drag.does !== 'draw' ? this.on.select(drag.box) : undefined;
    if (drag.does === 'draw') {
      const bins = this.binsOf(drag.start, this.pointOf(event));
      this.setDrawing(false);
      this.on.draw(bins);
    } else if (drag.box !== undefined && dragged !== undefined) this.on.change(drag.box, dragged);
  }

  private endDrag(): void {
    this.drag = this.dragged = undefined;
    this.frame.replaceChildren();
    this.drawSoon();
  }

  private showFrame(from: Point, to: Point): void {
    const rect = () => {
      const node = svgElement('rect');
      place(node, Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(to.x - from.x), Math.abs(to.y - from.y));
      return node;
    };
    const [under, over] = [rect(), rect()];
    under.setAttribute('class', 'under');
    over.setAttribute('class', 'over');
    this.frame.replaceChildren(under, over);
  }

  private binsOf(from: Point, to: Point): LocBins | undefined {
    const { scale, x, y } = this.placement();
    const fraction = (point: Point) => ({
      x: (point.x - x) / scale / this.picture.width,
      y: (point.y - y) / scale / this.picture.height,
    });
    return binsBetween(fraction(from), fraction(to));
  }

  /** The smallest box at a point of the room; the chosen one first, so that what lies below others can be dragged. */
  private boxAt(point: Point): number | undefined {
    const isIn = (index: number) => {
      const at = this.inRoom(index);
      return at !== undefined && point.x >= at.x1 - CLICK_REACH && point.x <= at.x2 + CLICK_REACH
        && point.y >= at.y1 - CLICK_REACH && point.y <= at.y2 + CLICK_REACH;
    };
    if (this.selected !== undefined && isIn(this.selected)) return this.selected;
    const area = (index: number) => {
      const [y1, x1, y2, x2] = this.boxes[index]?.bins ?? [0, 0, 0, 0];
      return (y2 - y1) * (x2 - x1);
    };
    return [...this.boxes.keys()].filter(isIn).sort((a, b) => area(a) - area(b))[0];
  }

  private pointOf(event: MouseEvent): Point {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}

function place(rect: Element, x: number, y: number, width: number, height: number): void {
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, String(value));
}

/** What makes one box the other, as SVG says it. */
function fromTo(from: Box, to: Box): string {
  const scale = `${(to.x2 - to.x1) / (from.x2 - from.x1)} ${(to.y2 - to.y1) / (from.y2 - from.y1)}`;
  return `translate(${to.x1} ${to.y1}) scale(${scale}) translate(${-from.x1} ${-from.y1})`;
}
