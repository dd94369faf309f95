/**
 * Boxes, masks and labels over the picture. Everything drawn here is also in the region list, which is what is read
 * aloud.
 */
import type { Box, Region } from '../../paligemma/src/facts';
import { element, svgElement } from '../dom/dom';
import { placeLabels } from './labelLayout';
import { labelStyles } from '../../paligemma/src/labelStyles';
import type { LabelStyle } from '../../paligemma/src/labelStyles';
import { maskOutlines } from './maskOutlines';
import type { Placement, Point, Size } from './placement';

interface Drawn {
  /** The part of the box that lies in the picture, picture pixels; undefined where none does. */
  readonly box: Box | undefined;
  readonly group: SVGGElement | undefined;
  readonly label: HTMLElement;
  /** Of the label, CSS pixels. */
  size: Size;
}

/** A click this near to a box still means it, CSS pixels. */
const REACH = 5;

/** The class list of a region: its colour and line. */
export function styleClasses({ hue, line }: LabelStyle): string {
  return `hue-${hue} ${line}`;
}

export class Overlay {
  private readonly plane = svgElement('g');
  private readonly tiles = svgElement('g', { class: 'tiles' });
  /** What is being drawn around. */
  private readonly frame = svgElement('g', { class: 'frame' });
  readonly svg = svgElement('svg', { class: 'overlay', 'aria-hidden': 'true' }, [this.tiles, this.plane, this.frame]);
  readonly labels = element('div', { class: 'labels', 'aria-hidden': 'true' });
  private drawn: Drawn[] = [];
  private shown: readonly boolean[] = [];
  private selected: number | undefined;
  private hovered: number | undefined;
  private drawing = new AbortController();

  /** @param onChange Called when masks have come, which takes a while. */
  constructor(private readonly onChange: () => void) {}

  /** @param picture Size that the regions refer to. @param names One for each region. */
  draw(regions: readonly Region[], names: readonly string[], picture: Size): void {
    this.drawing.abort();
    this.drawing = new AbortController();
    const styles = labelStyles(regions.map(({ label }) => label));
    this.drawn = regions.map((region, index) => {
      const classes = styleClasses(styles.get(region.label) ?? { hue: 0, line: 'solid' });
      const box = clipped(region.box, picture);
      return {
        box,
        size: { width: 0, height: 0 },
        group: box === undefined ? undefined : drawBox(box, index, classes),
        label: element('span', { class: `label ${classes}`, 'data-index': String(index), dir: 'auto' }, [
          names[index] ?? String(index + 1),
        ]),
      };
    });
    this.plane.replaceChildren(...this.drawn.flatMap(({ group }) => group ?? []));
    this.labels.replaceChildren(...this.drawn.map(({ label }) => label));
    this.shown = regions.map(() => true);
    this.selected = this.hovered = undefined;
    this.measure();
    void this.drawMasks(regions, this.drawing.signal);
  }

  /** The parts in which the picture was read, picture pixels. */
  drawTiles(tiles: readonly Box[]): void {
    this.tiles.replaceChildren(...tiles.flatMap(outlineOf));
  }

  setTilesShown(areShown: boolean): void {
    this.tiles.classList.toggle('off', !areShown);
  }

  /** @param box Picture pixels; undefined: nothing is being drawn. */
  drawFrame(box: Box | undefined): void {
    this.frame.replaceChildren(...(box === undefined ? [] : outlineOf(box)));
  }

  /** Reads the sizes of the labels anew, for example because the font has changed. */
  measure(): void {
    for (const drawn of this.drawn) drawn.size = { width: drawn.label.offsetWidth, height: drawn.label.offsetHeight };
  }

  setShown(shown: readonly boolean[]): void {
    this.shown = shown;
    this.drawn.forEach(({ group }, index) => group?.classList.toggle('off', shown[index] !== true));
  }

  select(index: number | undefined): void {
    this.svg.classList.toggle('has-selection', index !== undefined);
    this.labels.classList.toggle('has-selection', index !== undefined);
    this.mark(this.selected, 'selected', false);
    this.mark(index, 'selected', true);
    this.selected = index;
    // What is drawn last lies on top.
    const group = index === undefined ? undefined : this.drawn[index]?.group;
    if (group !== undefined) this.plane.append(group);
  }

  /** True where that is news. */
  hover(index: number | undefined): boolean {
    if (index === this.hovered) return false;
    this.mark(this.hovered, 'hovered', false);
    this.mark(index, 'hovered', true);
    this.hovered = index;
    return true;
  }

  get selectedIndex(): number | undefined {
    return this.selected;
  }

  boxOf(index: number): Box | undefined {
    return this.drawn[index]?.box;
  }

  /** The smallest region that is shown at a point of the room. */
  regionAt(point: Point, { scale, x, y }: Placement): number | undefined {
    const at = { x: (point.x - x) / scale, y: (point.y - y) / scale };
    const reach = REACH / scale;
    const area = (index: number) => {
      const box = this.drawn[index]?.box;
      return box === undefined ? Infinity : (box.x2 - box.x1) * (box.y2 - box.y1);
    };
    return this.drawn.map((_, index) => index).filter(index => {
      const box = this.drawn[index]?.box;
      return this.shown[index] === true && box !== undefined
        && at.x >= box.x1 - reach && at.x <= box.x2 + reach && at.y >= box.y1 - reach && at.y <= box.y2 + reach;
    }).sort((a, b) => area(a) - area(b))[0];
  }

  /** Moves everything to where the picture is; lines and letters keep their size. */
  place({ scale, x, y }: Placement, room: Size): void {
    for (const plane of [this.plane, this.tiles, this.frame]) {
      plane.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
    }
    if (this.labels.hidden) return;
    const labelled = this.drawn.map((_, index) => index).filter(index =>
      this.shown[index] === true && this.drawn[index]?.box !== undefined
    );
    const places = placeLabels(
      labelled.map(index => {
        const { box, size } = this.drawn[index] ?? { box: undefined, size: { width: 0, height: 0 } };
        const { x1, y1, x2, y2 } = box ?? { x1: 0, y1: 0, x2: 0, y2: 0 };
        return {
          box: { x1: x1 * scale + x, y1: y1 * scale + y, x2: x2 * scale + x, y2: y2 * scale + y },
          ...size,
          isUrgent: index === this.selected || index === this.hovered,
        };
      }),
      room,
    );
    const placeOf = new Map(labelled.map((index, at) => [index, places[at]]));
    this.drawn.forEach(({ label }, index) => {
      const place = placeOf.get(index);
      label.classList.toggle('off', place === undefined);
      if (place !== undefined) label.style.transform = `translate(${place.x}px, ${place.y}px)`;
    });
  }

  private mark(index: number | undefined, name: string, isOn: boolean): void {
    const drawn = index === undefined ? undefined : this.drawn[index];
    drawn?.group?.classList.toggle(name, isOn);
    drawn?.label.classList.toggle(name, isOn);
  }

  private async drawMasks(regions: readonly Region[], signal: AbortSignal): Promise<void> {
    for (const [index, { mask }] of regions.entries()) {
      const { box, group } = this.drawn[index] ?? {};
      if (mask === undefined || box === undefined || group === undefined) continue;
      const outline = await maskOutlines(mask, box);
      if (signal.aborted) return;
      if (outline === undefined) continue;
      group.prepend(
        svgElement('path', { d: outline, class: 'mask', 'fill-rule': 'evenodd' }),
        svgElement('path', { d: outline, class: 'mask-halo' }),
        svgElement('path', { d: outline, class: 'mask-edge' }),
      );
      group.classList.add('masked');
      this.onChange();
    }
  }
}

/** Dark under light: it shows on any picture. */
function outlineOf({ x1, y1, x2, y2 }: Box): readonly SVGElement[] {
  const place = { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
  return [svgElement('rect', { ...place, class: 'under' }), svgElement('rect', { ...place, class: 'over' })];
}

function drawBox({ x1, y1, x2, y2 }: Box, index: number, classes: string): SVGGElement {
  const place = { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
  return svgElement('g', { class: `box ${classes}`, 'data-index': index }, [
    svgElement('rect', { ...place, class: 'halo' }),
    svgElement('rect', { ...place, class: 'edge' }),
  ]);
}

function clipped({ x1, y1, x2, y2 }: Box, { width, height }: Size): Box | undefined {
  const clamp = (value: number, most: number) => Math.min(Math.max(value, 0), most);
  const box = { x1: clamp(x1, width), y1: clamp(y1, height), x2: clamp(x2, width), y2: clamp(y2, height) };
  return box.x2 > box.x1 && box.y2 > box.y1 ? box : undefined;
}
