/** What draws an answer of one kind in the page. A kind is a file beside this one and a line in `drawings.ts`. */
import type { AnswerDrawing, PageWords } from '../../../client/src/contract/viewer';
import type { DataOf, KindName } from '../../../paligemma/src/kinds/kinds';

/** What a drawing gets from the page around it, and tells it. */
export interface DrawingPage {
  readonly words: PageWords;
  /** What was drawn outside of the page; undefined: nothing, or not yet. */
  readonly drawing: AnswerDrawing | undefined;
  /** The person has gone to the part of the answer that is this region; undefined: to one that is none. */
  select(region: number | undefined): void;
  /** The person points at the part of the answer that is this region; undefined: at none any more. */
  point(region: number | undefined): void;
}

/** What the page tells a drawing. */
export interface Drawn {
  /** The region was selected elsewhere; the focus stays where it is. */
  select?(region: number | undefined): void;
  /** The person points at the region elsewhere. */
  point?(region: number | undefined): void;
}

/**
 * Builds the answer into an empty element, by DOM calls only: no text of a model is ever read as markup, and the page's
 * policy refuses styles and scripts within it. Pictures come as `data:` addresses. Everything works by keyboard too.
 */
export type Draw<Name extends KindName> = (data: DataOf<Name>, into: HTMLElement, page: DrawingPage) => Drawn;

/** Marks the elements that are regions, so that pointing and selecting go both ways. @param parts One for each region. */
export function linkedParts(parts: ReadonlyMap<number, readonly HTMLElement[]>): Drawn {
  let selected: number | undefined;
  let pointed: number | undefined;
  const mark = (region: number | undefined, name: string, isOn: boolean) => {
    for (const part of parts.get(region ?? -1) ?? []) part.classList.toggle(name, isOn);
  };
  return {
    select(region) {
      mark(selected, 'selected', false);
      mark(region, 'selected', true);
      selected = region;
      parts.get(region ?? -1)?.[0]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
    point(region) {
      mark(pointed, 'pointed', false);
      mark(region, 'pointed', true);
      pointed = region;
    },
  };
}

/** Tells the page which region's part is under the pointer. */
export function pointing(into: HTMLElement, page: DrawingPage): void {
  into.addEventListener('pointerover', event => page.point(regionOf(event.target)));
  into.addEventListener('pointerleave', () => page.point(undefined));
}

/** Of the part that an event is about. */
export function regionOf(target: EventTarget | null): number | undefined {
  const part = target instanceof Element ? target.closest('[data-region]') : null;
  return part === null ? undefined : Number(part.getAttribute('data-region'));
}
