/** The answer, what can be done with it, and the facts about it. */
import type { FromViewer, ViewBanner, ViewCure, ViewState, ViewWords } from '../../client/src/contract/viewer';
import { announcementOf } from './announcement';
import type { KindPanel } from './kindPanel';
import { element, setText } from '../dom/dom';

/** How long a notice stays, milliseconds. */
const NOTICE_MS = 4000;

export interface AnswerActions {
  copyCrop(): void;
  export(): void;
}

export class AnswerPanel {
  readonly element: HTMLElement;
  private readonly name = element('h1', { class: 'visually-hidden', dir: 'auto' });
  private readonly bannerText = element('span', { dir: 'auto' });
  private readonly bannerButton = element('button', { type: 'button', id: 'banner-action' });
  private readonly banner = element('div', { id: 'banner', role: 'status' }, [this.bannerText, this.bannerButton]);
  private readonly status = element('p', { id: 'status', dir: 'auto' });
  /**
   * What is read aloud. The places above change with every percent and every word of a run, which would be read without
   * an end.
   */
  private readonly announcement = element('p', { id: 'announcement', class: 'visually-hidden', role: 'status' });
  private readonly working = element('div', { class: 'working', 'aria-hidden': 'true' });
  private readonly heading = element('h2', { id: 'answer-heading' });
  private readonly caption = element('p', { id: 'caption', dir: 'auto' });
  private readonly empty = element('p', { id: 'empty' });
  private readonly text: HTMLElement;
  private readonly copyText = element('button', { id: 'copy-text', type: 'button' });
  private readonly copyAs = element('button', { id: 'copy-as', type: 'button' });
  private readonly copyJson = element('button', { id: 'copy-json', type: 'button' });
  private readonly copyCrop = element('button', { id: 'copy-crop', type: 'button' });
  private readonly export = element('button', { id: 'export', type: 'button' });
  private readonly notice = element('span', { id: 'notice', role: 'status', dir: 'auto' });
  private readonly actions = element('div', { class: 'actions' }, [
    this.copyText,
    this.copyAs,
    this.copyJson,
    this.copyCrop,
    this.export,
    this.notice,
  ]);
  private readonly rawHeading = element('summary');
  private readonly rawText = element('pre', { id: 'raw-text', dir: 'auto', tabindex: '0' });
  private readonly raw = element('details', { id: 'raw' }, [this.rawHeading, this.rawText]);
  private readonly detailsHeading = element('h2');
  private readonly details = element('dl');
  private readonly facts = element('section', { class: 'details' }, [this.detailsHeading, this.details]);
  private readonly modelNote = element('p', { id: 'model-note', dir: 'auto' });
  /** What the note speaks of. */
  private readonly chooseModel = element('button', { id: 'choose-model', type: 'button' });
  private readonly note = element('div', { class: 'model-note' }, [this.modelNote, this.chooseModel]);
  private readonly cures = element('div', { id: 'cures', class: 'actions' });
  private readonly modelCard = element('button', { id: 'model-card', type: 'button' });
  private noticeTimer: number | undefined;
  private bannerAction: ViewBanner['action'] = 'reload';
  private emptyText = '';
  private announced: string | undefined;
  private readonly kind: HTMLElement;
  private isDrawn = false;

  /**
   * @param parts Those that come from elsewhere: the prompt field is the first, region list and known answers stand
   * between the answer and the facts, and what the answer is in the place of its text.
   */
  constructor(
    { prompt, regions, known, kindChoice, kind }: Readonly<
      Record<'prompt' | 'regions' | 'known' | 'kindChoice' | 'kind', HTMLElement>
    >,
    private readonly post: (message: FromViewer) => void,
    actions: AnswerActions,
  ) {
    this.copyText.addEventListener('click', () => post({ type: 'copy', what: 'text' }));
    this.copyAs.addEventListener('click', () => post({ type: 'copy', what: 'form' }));
    this.copyJson.addEventListener('click', () => post({ type: 'copy', what: 'json' }));
    this.copyCrop.addEventListener('click', () => actions.copyCrop());
    this.export.addEventListener('click', () => actions.export());
    this.modelCard.addEventListener('click', () => post({ type: 'showModelCard' }));
    this.chooseModel.addEventListener('click', () => post({ type: 'cure', cure: 'chooseModel' }));
    this.bannerButton.addEventListener('click', () => post({ type: 'bannerAction', action: this.bannerAction }));
    this.text = element('section', { class: 'text' }, [
      this.heading,
      this.caption,
      kind,
      this.empty,
    ]);
    this.kind = kind;
    this.actions.insertBefore(kindChoice, this.notice);
    this.element = element('section', { class: 'answer', id: 'panel' }, [
      this.name,
      prompt,
      this.banner,
      this.status,
      this.cures,
      this.announcement,
      this.working,
      this.note,
      this.text,
      regions,
      this.actions,
      known,
      this.raw,
      this.facts,
      this.modelCard,
    ]);
  }

  show(
    view: ViewState,
    words: ViewWords,
    banner: ViewBanner | undefined,
    { isDrawn, hasForms, line }: Pick<KindPanel, 'isDrawn' | 'hasForms' | 'line'>,
  ): void {
    const { page } = words;
    this.isDrawn = isDrawn;
    this.copyAs.hidden = !hasForms;
    this.copyAs.textContent = page.copyAs;
    this.element.setAttribute('aria-label', page.answerRegion);
    setText(this.name, view.imageName);
    document.title = view.imageName;
    this.heading.textContent = page.answer;
    setText(this.modelNote, view.modelNote ?? '');
    this.note.hidden = this.modelNote.hidden;
    this.chooseModel.textContent = page.cures.chooseModel;
    this.showCures(view, page.cures);
    this.modelCard.textContent = page.modelCard;
    this.modelCard.hidden = view.result === undefined;
    setText(this.detailsHeading, page.details);
    this.showActions(view, words);
    this.rawHeading.textContent = page.rawAnswer;
    this.details.replaceChildren(
      ...words.details.flatMap((
        { id, label, value },
      ) => [element('dt', {}, [label]), element('dd', { id, dir: 'auto' }, [value])]),
    );
    this.facts.hidden = words.details.length === 0;
    this.showBanner(banner);
    const isRunning = view.status === 'running';
    this.element.classList.toggle('failed', view.status === 'failed');
    this.working.hidden = !isRunning;
    this.announce(view, words, line);
    this.emptyText = words.emptyText ?? '';
    this.showText(words.statusText, view.result?.text ?? '', view.result?.suffix ?? '');
  }

  /** @param raw The answer with its location and mask tokens. */
  showText(statusText: string, text: string, raw: string): void {
    setText(this.status, statusText);
    setText(this.caption, this.isDrawn ? '' : readable(text));
    setText(this.empty, this.emptyText);
    this.text.hidden = this.caption.hidden && this.empty.hidden && this.kind.hidden;
    this.rawText.textContent = raw;
    this.raw.hidden = raw === '';
  }

  setCropAvailable(isAvailable: boolean): void {
    this.copyCrop.disabled = !isAvailable;
  }

  showNotice(text: string): void {
    window.clearTimeout(this.noticeTimer);
    this.notice.textContent = text;
    this.noticeTimer = window.setTimeout(() => {
      this.notice.textContent = '';
    }, NOTICE_MS);
  }

  /** Once for each turn that the run takes, however often the same is shown. */
  private announce(view: ViewState, words: ViewWords, line: string | undefined): void {
    const { status, prompt, error, result } = view;
    const turn = JSON.stringify([status, prompt, result?.suffix, error, result?.model, result?.image.sha256]);
    if (turn === this.announced) return;
    this.announced = turn;
    this.announcement.textContent = announcementOf(view, words, line) ?? '';
  }

  private showCures({ status, cures = [] }: ViewState, titles: Readonly<Record<ViewCure, string>>): void {
    const wanted = status === 'failed' ? cures : [];
    this.cures.hidden = wanted.length === 0;
    this.cures.replaceChildren(...wanted.map(cure => {
      const button = element('button', { type: 'button', 'data-cure': cure }, [titles[cure]]);
      button.addEventListener('click', () => this.post({ type: 'cure', cure }));
      return button;
    }));
  }

  private showActions(view: ViewState, { page }: ViewWords): void {
    this.copyText.textContent = page.copyText;
    this.copyJson.textContent = page.copyJson;
    this.copyCrop.textContent = page.copyCrop;
    this.copyCrop.title = page.cropUnavailable;
    this.export.textContent = page.exportAs;
    this.actions.hidden = view.status === 'idle' || view.status === 'failed';
    this.copyText.disabled =
      this.copyAs.disabled =
      this.copyJson.disabled =
      this.export.disabled =
        view.status !== 'done';
    this.copyCrop.hidden = (view.result?.regions ?? []).length === 0;
  }

  private showBanner(banner: ViewBanner | undefined): void {
    this.banner.hidden = banner === undefined;
    if (banner === undefined) return;
    this.banner.className = banner.kind;
    this.bannerAction = banner.action;
    if (this.bannerText.textContent !== banner.text) this.bannerText.textContent = banner.text;
    this.bannerButton.textContent = banner.actionLabel;
  }
}

/** Location and mask tokens become boxes once the answer is complete; until then they would only be noise. */
function readable(text: string): string {
  return text.replace(/<(?:loc\d{4}|seg\d{3})>/g, '').trim();
}
