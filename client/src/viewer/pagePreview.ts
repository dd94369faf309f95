/** The copy of a picture that pages show where they cannot show the file: made once for each content. */
import { l10n } from 'vscode';
import type { ViewState } from '../contract/viewer';
import type { PicturePreview } from './picturePreview';

export class PagePreview {
  private last: {
    readonly sha256: string | undefined;
    readonly making: Promise<void>;
    made?: PicturePreview;
    problem?: string;
  } | undefined;

  /** @param load Rejects with a sentence for the person. @param onChange Called when there is something new. */
  constructor(private readonly load: () => Promise<PicturePreview>, private readonly onChange: () => void) {}

  /** For all pages, once for each content: what one cannot show the others cannot show either. */
  make(failedSrc: string, sha256: string | undefined): Promise<void> {
    if (failedSrc.startsWith('data:')) return Promise.resolve();
    if (this.last !== undefined && this.last.sha256 === sha256) return this.last.making;
    const making = this.load().then(
      made => {
        if (this.last?.making === making) this.last.made = made;
      },
      (error: unknown) => {
        if (this.last?.making === making) this.last.problem = error instanceof Error ? error.message : String(error);
      },
    ).then(() => this.onChange());
    this.last = { sha256, making };
    this.onChange();
    return making;
  }

  /**
   * What pages show of the content: the copy, once it is made, and what stands in its place until then. Where a run has
   * failed, its sentence says what is wrong with the picture, once.
   */
  of(
    sha256: string | undefined,
    { status }: ViewState,
  ): { readonly made?: PicturePreview | undefined; readonly words?: string | undefined } {
    if (this.last === undefined || this.last.sha256 !== sha256) return {};
    const { made, problem } = this.last;
    if (problem !== undefined) return status === 'failed' ? { made } : { made, words: problem };
    return { made, words: l10n.t('The picture is being prepared…') };
  }
}
