/** Hides the regions of which the model was less sure. */
import type { PageWords } from '../../client/src/contract/viewer';
import { confidenceWord } from '../../paligemma/src/confidence';
import { element, setText } from '../dom/dom';
import { confidenceRange } from './shownRegions';

export class ConfidenceSlider {
  readonly element: HTMLElement;
  private readonly name = element('span');
  /** In hundredths of confidence. */
  private readonly input = element('input', { type: 'range', id: 'confidence', step: '1' });
  private readonly said = element('span', { class: 'said', 'aria-hidden': 'true' });
  private confidences: readonly (number | undefined)[] = [];
  private words: PageWords['leastConfidence'] | undefined;

  constructor(private readonly onChange: () => void) {
    this.element = element('label', { class: 'confidence', hidden: '' }, [this.name, this.input, this.said]);
    this.input.addEventListener('input', () => {
      this.tell();
      this.onChange();
    });
  }

  /** 0…1; 0 where nothing is hidden. */
  get least(): number {
    return this.element.hidden || this.input.value === this.input.min ? 0 : Number(this.input.value) / 100;
  }

  /** Whether a region is sure enough; one that does not tell always is. */
  lets(index: number): boolean {
    const confidence = this.confidences[index];
    return confidence === undefined || confidence >= this.least;
  }

  reset(): void {
    this.input.value = this.input.min;
    this.tell();
  }

  show(confidences: readonly (number | undefined)[], words: PageWords, least: number): void {
    this.confidences = confidences;
    this.words = words.leastConfidence;
    const range = confidenceRange(confidences);
    this.element.hidden = range === undefined;
    this.element.title = words.confidenceHelp;
    this.name.textContent = words.confidence;
    if (range === undefined) return;
    // The limits before the value, which they bound.
    [this.input.min, this.input.max] = [String(range.from), String(range.to)];
    this.input.value = String(Math.round(least * 100));
    this.tell();
  }

  private tell(): void {
    const { words, least } = this;
    if (words === undefined) return;
    const said = least === 0 ? words.all : words[confidenceWord(least)];
    setText(this.said, said);
    this.input.setAttribute('aria-valuetext', said);
  }
}
