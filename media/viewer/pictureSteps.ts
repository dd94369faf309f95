/** To the previous and the next picture of the run or folder, and where this one stands among them. */
import type { FromViewer, PageWords, SeriesPlace } from '../../client/src/contract/viewer';
import { element, named, setText } from '../dom/dom';

export class PictureSteps {
  private readonly previous = element('button', { type: 'button', id: 'previous-picture' }, ['‹']);
  private readonly place = element('span', { id: 'picture-place' });
  private readonly next = element('button', { type: 'button', id: 'next-picture' }, ['›']);
  readonly element = element('div', { class: 'steps', role: 'group' }, [this.previous, this.place, this.next]);
  private series: SeriesPlace | undefined;

  constructor(private readonly post: (message: FromViewer) => void) {
    this.previous.addEventListener('click', () => this.step(-1));
    this.next.addEventListener('click', () => this.step(1));
  }

  show(series: SeriesPlace | undefined, words: PageWords): void {
    this.series = series;
    this.element.hidden = series === undefined;
    if (series === undefined) return;
    this.element.setAttribute('aria-label', series.title);
    this.place.title = series.title;
    setText(this.place, series.text);
    named(this.previous, words.previousPicture);
    named(this.next, words.nextPicture);
    this.previous.disabled = !series.hasPrevious;
    this.next.disabled = !series.hasNext;
  }

  /** Does nothing beyond both ends. */
  step(by: 1 | -1): void {
    const can = by === 1 ? this.series?.hasNext : this.series?.hasPrevious;
    if (can === true) this.post({ type: 'step', by });
  }
}
