/** The answer, what can be done with it, and the facts about it. */
import type { FromViewer, ViewState, ViewWords } from '../../client/src/contract/viewer';
import { element, setText } from './dom';

/** How long a notice stays, milliseconds. */
const NOTICE_MS = 2500;

export class AnswerPanel {
  readonly element: HTMLElement;
  private readonly name = element('h1');
  private readonly status = element('p', { id: 'status', role: 'status' });
  private readonly working = element('div', { class: 'working', 'aria-hidden': 'true' });
  private readonly heading = element('h2', { id: 'answer-heading' });
  private readonly caption = element('p', { id: 'caption', 'aria-live': 'polite', 'aria-labelledby': 'answer-heading' });
  private readonly empty = element('p', { id: 'empty' });
  private readonly copyText = element('button', { id: 'copy-text', type: 'button' });
  private readonly copyJson = element('button', { id: 'copy-json', type: 'button' });
  private readonly notice = element('span', { id: 'notice', role: 'status' });
  private readonly detailsHeading = element('h2');
  private readonly text: HTMLElement;
  private readonly details = element('dl');
  private readonly modelNote = element('p', { id: 'model-note' });
  private noticeTimer: number | undefined;

  /** @param regions The region list, which stands between the answer and the facts. */
  constructor(regions: HTMLElement, post: (message: FromViewer) => void) {
    this.copyText.addEventListener('click', () => post({ type: 'copy', what: 'text' }));
    this.copyJson.addEventListener('click', () => post({ type: 'copy', what: 'json' }));
    this.text = element('section', { class: 'text' }, [
      this.heading, this.caption, this.empty,
      element('div', { class: 'actions' }, [this.copyText, this.copyJson, this.notice]),
    ]);
    this.element = element('section', { class: 'answer' }, [
      this.name, this.status, this.working, this.modelNote, this.text, regions,
      element('section', { class: 'details' }, [this.detailsHeading, this.details]),
    ]);
  }

  show(view: ViewState, words: ViewWords): void {
    this.element.setAttribute('aria-label', words.answerRegion);
    setText(this.name, view.imageName);
    setText(this.heading, words.answerHeading);
    setText(this.empty, words.emptyText ?? '');
    setText(this.modelNote, view.modelNote ?? '');
    setText(this.detailsHeading, words.detailsHeading);
    setText(this.copyText, words.copyText);
    setText(this.copyJson, words.copyJson);
    this.copyText.disabled = this.copyJson.disabled = view.status !== 'done';
    this.details.replaceChildren(...words.details.flatMap(({ id, label, value }) => [element('dt', {}, [label]), element('dd', { id }, [value])]));
    this.text.hidden = view.status === 'failed';
    const isRunning = view.status === 'running';
    this.element.classList.toggle('failed', view.status === 'failed');
    this.working.hidden = !isRunning;
    // Screen readers wait for the whole answer instead of reading every piece of it.
    this.caption.setAttribute('aria-busy', String(isRunning));
    this.showText(words.statusText, view.text);
  }

  showText(statusText: string, text: string): void {
    setText(this.status, statusText);
    setText(this.caption, readable(text));
  }

  showNotice(text: string): void {
    window.clearTimeout(this.noticeTimer);
    this.notice.textContent = text;
    this.noticeTimer = window.setTimeout(() => { this.notice.textContent = ''; }, NOTICE_MS);
  }
}

/** Location and mask tokens become boxes once the answer is complete; until then they would only be noise. */
function readable(text: string): string {
  return text.replace(/<(?:loc\d{4}|seg\d{3})>/g, '').trim();
}
