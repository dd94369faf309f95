/** The picture in its room: zoom, pan, fit, and what is drawn over it. */
import type { Box } from '../../paligemma/src/facts';
import type { ViewState, ViewWords } from '../../client/src/contract/viewer';
import { element } from '../dom/dom';
import { Overlay } from './overlay';
import { menuContext } from './regionMenu';
import { boxBetween, closeUp, fitted, moved, revealed, within, zoomed } from './placement';
import type { Placement, Point, Size } from './placement';

/** Of one press of a key or button. */
const ZOOM_STEP = 1.25;
const PAN_STEP = 48;
/** A pointer that moved less than this has clicked, CSS pixels. */
const CLICK_REACH = 4;
/** From here on the pixels themselves are of interest. */
const PIXELATED_SCALE = 4;

/** A larger picture takes gigabytes as a page draws it: a smaller copy is shown. */
const MOST_PIXELS = 64_000_000;

/** What the view shows of the picture, kept over a reload. `undefined` placement: fitted. */
export interface StageState {
  readonly placement?: Placement;
}

export class Stage {
  readonly element: HTMLElement;
  readonly overlay = new Overlay(() => this.invalidate());
  private readonly image = element('img', { draggable: 'false' });
  private readonly unavailable = element('p', { class: 'unavailable' });
  private room: Size = { width: 0, height: 0 };
  private picture: Size | undefined;
  /** Undefined: fitted, also when the room changes. */
  private chosen: Placement | undefined;
  private frame: number | undefined;
  private isRegionSize = false;
  private knownSize: Size | undefined;
  private imageUri = '';
  /** The next drag draws around a part of the picture. */
  private isDrawing = false;
  private drag: {
    readonly pointer: number;
    readonly start: Point;
    last: Point;
    isMove: boolean;
    readonly target: EventTarget | null;
  } | undefined;

  constructor(
    private readonly onSelect: (index: number | undefined) => void,
    private readonly onPlace: (scale: number, isFitted: boolean) => void,
    private readonly onUnavailable: (imageSrc: string) => void,
    private readonly onPoint: (index: number | undefined) => void,
    private readonly onDrawn: (box: Box) => void,
  ) {
    this.element = element('div', { class: 'stage', tabindex: '0', role: 'group' }, [
      this.image,
      this.unavailable,
      this.overlay.svg,
      this.overlay.labels,
    ]);
    this.unavailable.hidden = true;
    this.image.addEventListener('load', () => {
      const isTooLarge = this.image.naturalWidth * this.image.naturalHeight > MOST_PIXELS;
      this.setAvailable(!isTooLarge);
      this.measurePicture();
      if (isTooLarge) this.askForPreview();
    });
    this.image.addEventListener('error', () => {
      this.setAvailable(false);
      this.askForPreview();
    });
    new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      this.room = { width: entry.contentRect.width, height: entry.contentRect.height };
      this.invalidate();
    }).observe(this.element);
    this.listen();
  }

  get state(): StageState {
    return this.chosen === undefined ? {} : { placement: this.chosen };
  }

  restore({ placement }: StageState): void {
    this.chosen = placement;
    this.invalidate();
  }

  /**
   * @param isSameContent Whether the answer belongs to the picture as it is shown: then its size counts, else its
   * regions are faint. @param pictureSize Where the source is a smaller copy.
   */
  show(view: ViewState, imageSrc: string, words: ViewWords, isSameContent: boolean, pictureSize?: Size): void {
    this.element.setAttribute('aria-label', `${words.page.pictureRegion}: ${view.imageName}`);
    this.element.setAttribute('aria-description', words.page.pictureHelp);
    this.image.alt = view.imageName;
    this.imageUri = view.imageUri;
    this.unavailable.textContent = words.pictureUnavailable;
    this.element.classList.toggle('other-content', !isSameContent);
    this.isRegionSize = isSameContent && view.widthPx > 0;
    this.knownSize = pictureSize;
    if (this.isRegionSize) this.setPicture({ width: view.widthPx, height: view.heightPx });
    if (this.image.getAttribute('src') !== imageSrc) {
      // A picture that is in sight is decoded while it comes, however large it is. One that is shown already stays
      // until the next has come.
      if (this.image.naturalWidth === 0) this.image.classList.add('broken');
      this.image.src = imageSrc;
    } else this.measurePicture();
  }

  /** The person points at a region elsewhere. */
  point(index: number | undefined): void {
    if (this.overlay.hover(index)) this.invalidate();
  }

  /** Brings a region into sight. */
  reveal(index: number): void {
    const box = this.overlay.boxOf(index);
    if (this.picture === undefined || box === undefined) return;
    const placement = this.placement();
    const next = revealed(placement, box, this.picture, this.room);
    if (next !== placement) this.chosen = next;
    this.invalidate();
  }

  /** Brings a region as near as the room lets it. */
  zoomTo(index: number): void {
    const box = this.overlay.boxOf(index);
    if (this.picture === undefined || box === undefined) return;
    this.chosen = closeUp(box, this.picture, this.room);
    this.invalidate();
  }

  zoomBy(steps: number, at: Point = { x: this.room.width / 2, y: this.room.height / 2 }): void {
    if (this.picture === undefined) return;
    this.chosen = zoomed(this.placement(), ZOOM_STEP ** steps, at, this.picture, this.room);
    this.invalidate();
  }

  setDrawing(isOn: boolean): void {
    this.isDrawing = isOn;
    this.element.classList.toggle('drawing', isOn);
    this.overlay.drawFrame(undefined);
  }

  fit(): void {
    this.chosen = undefined;
    this.invalidate();
  }

  showActualSize(): void {
    this.zoomBy(Math.log(1 / this.placement().scale) / Math.log(ZOOM_STEP));
  }

  /** Draws at the next frame, once for however many changes. */
  invalidate(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.render();
    });
  }

  private placement(): Placement {
    if (this.picture === undefined) return { scale: 1, x: 0, y: 0 };
    return this.chosen === undefined ? fitted(this.picture, this.room) : within(this.chosen, this.picture, this.room);
  }

  private render(): void {
    if (this.picture === undefined || this.room.width === 0) return;
    const placement = this.placement();
    const { scale, x, y } = placement;
    const { width, height } = this.picture;
    for (const node of [this.image, this.unavailable]) {
      node.style.width = `${width}px`;
      node.style.height = `${height}px`;
    }
    this.image.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.image.classList.toggle('pixelated', scale >= PIXELATED_SCALE);
    this.unavailable.style.width = `${width * scale}px`;
    this.unavailable.style.height = `${height * scale}px`;
    this.unavailable.style.transform = `translate(${x}px, ${y}px)`;
    this.overlay.place(placement, this.room);
    this.onPlace(scale, this.chosen === undefined);
  }

  private setAvailable(isAvailable: boolean): void {
    this.unavailable.hidden = isAvailable;
    this.image.classList.toggle('broken', !isAvailable);
    if (!isAvailable && this.picture === undefined) this.setPicture({ width: 480, height: 320 });
  }

  private askForPreview(): void {
    const imageSrc = this.image.getAttribute('src');
    if (imageSrc !== null) this.onUnavailable(imageSrc);
  }

  /** The run knows the size of the upright picture; before it the browser does, which turns it upright too. */
  private measurePicture(): void {
    if (!this.isRegionSize && this.image.naturalWidth > 0) {
      this.setPicture(this.knownSize ?? { width: this.image.naturalWidth, height: this.image.naturalHeight });
    }
  }

  private setPicture(picture: Size): void {
    if (this.picture?.width === picture.width && this.picture.height === picture.height) return;
    if (this.picture !== undefined) this.chosen = undefined;
    this.picture = picture;
    this.invalidate();
  }

  private listen(): void {
    const { element: stage } = this;
    stage.addEventListener('wheel', event => this.onWheel(event), { passive: false });
    stage.addEventListener('pointerdown', event => this.onPointerDown(event));
    stage.addEventListener('pointermove', event => this.onPointerMove(event));
    stage.addEventListener('pointerup', event => this.onPointerUp(event));
    stage.addEventListener('pointercancel', () => {
      this.drag = undefined;
      this.overlay.drawFrame(undefined);
    });
    stage.addEventListener('pointerleave', () => this.hover(undefined));
    stage.addEventListener('keydown', event => this.onKey(event));
    // Before the editor reads what the menu is about.
    stage.addEventListener('contextmenu', event => this.onContextMenu(event), { capture: true });
  }

  private onWheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    // A pinch on a touch pad comes as a wheel with Ctrl.
    if (event.ctrlKey || event.metaKey) {
      return this.zoomBy(-Math.max(-100, Math.min(100, event.deltaY * lines)) / 50, this.pointOf(event));
    }
    const [x, y] = event.shiftKey && event.deltaX === 0 ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    this.move({ x: -x * lines, y: -y * lines });
  }

  private onPointerDown(event: PointerEvent): void {
    if (event.button > 1) return;
    if (event.button === 1) event.preventDefault();
    const point = this.pointOf(event);
    this.element.setPointerCapture(event.pointerId);
    this.drag = { pointer: event.pointerId, start: point, last: point, isMove: false, target: event.target };
  }

  private onPointerMove(event: PointerEvent): void {
    const point = this.pointOf(event);
    const { drag } = this;
    if (drag?.pointer !== event.pointerId) return this.hover(this.regionUnder(event.target, point));
    if (Math.hypot(point.x - drag.start.x, point.y - drag.start.y) > CLICK_REACH) drag.isMove = true;
    if (!drag.isMove) return;
    if (this.isDrawing) return this.overlay.drawFrame(this.between(drag.start, point));
    this.element.classList.add('dragging');
    this.move({ x: point.x - drag.last.x, y: point.y - drag.last.y });
    drag.last = point;
  }

  private onPointerUp(event: PointerEvent): void {
    const { drag } = this;
    this.drag = undefined;
    this.element.classList.remove('dragging');
    if (drag?.isMove === true && this.isDrawing) return this.drawn(this.between(drag.start, this.pointOf(event)));
    if (drag === undefined || drag.isMove || event.button !== 0) return;
    this.onSelect(this.regionUnder(drag.target, drag.start));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case 'ArrowLeft':
        this.move({ x: PAN_STEP, y: 0 });
        break;
      case 'ArrowRight':
        this.move({ x: -PAN_STEP, y: 0 });
        break;
      case 'ArrowUp':
        this.move({ x: 0, y: PAN_STEP });
        break;
      case 'ArrowDown':
        this.move({ x: 0, y: -PAN_STEP });
        break;
      case 'Enter':
        if (!this.isDrawing) return;
        this.drawn(this.between({ x: 0, y: 0 }, { x: this.room.width, y: this.room.height }));
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  /** By the keyboard it is about the selected region; the pointer selects the region that it means. */
  private onContextMenu(event: MouseEvent): void {
    // On macOS a click with Ctrl asks for the menu.
    const isPointer = event.button === 2 || event.ctrlKey;
    const index = isPointer ? this.regionUnder(event.target, this.pointOf(event)) : this.overlay.selectedIndex;
    if (isPointer && index !== undefined) this.onSelect(index);
    this.element.setAttribute('data-vscode-context', menuContext(this.imageUri, index));
  }

  private hover(index: number | undefined): void {
    this.element.classList.toggle('over-region', index !== undefined);
    if (!this.overlay.hover(index)) return;
    this.onPoint(index);
    this.invalidate();
  }

  private regionUnder(target: EventTarget | null, point: Point): number | undefined {
    const label = target instanceof Element ? target.closest('.label') : null;
    return label === null ? this.overlay.regionAt(point, this.placement()) : Number(label.getAttribute('data-index'));
  }

  private drawn(box: Box | undefined): void {
    this.overlay.drawFrame(undefined);
    if (box !== undefined) this.onDrawn(box);
  }

  /** What of the picture lies between two points of the room, picture pixels; undefined where nothing does. */
  private between(a: Point, b: Point): Box | undefined {
    return this.picture === undefined ? undefined : boxBetween(a, b, this.placement(), this.picture);
  }

  private move(by: Point): void {
    if (this.picture === undefined) return;
    this.chosen = this.chosen === undefined ? undefined : moved(this.placement(), by, this.picture, this.room);
    this.invalidate();
  }

  private pointOf(event: MouseEvent): Point {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}
