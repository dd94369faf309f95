/** Pages of trainings, which follow them while they run. */
import { EventEmitter, Uri, commands, l10n, workspace } from 'vscode';
import type { Disposable } from 'vscode';
import type { EvaluationSummary } from '../../../server/src/contract/evaluation';
import type { TrainerEvent } from '../../../server/src/contract/tuning';
import { TuningReport } from './reportText';

const SCHEME = 'paligemma-tuning';
/** A page is drawn anew no sooner, milliseconds. */
const INTERVAL_MS = 1000;

/** The page of one training. */
export interface ReportPage {
  hear(event: TrainerEvent): void;
  /** What the held-out lines say, with the base beside the result. */
  judge(summary: EvaluationSummary): void;
  /** How it ended, one sentence. */
  end(state: string): void;
}

export class TuningReports implements Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly texts = new Map<string, () => string>();
  private readonly registration: Disposable;

  constructor() {
    this.registration = workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.changed.event,
      provideTextDocumentContent: ({ path }) =>
        this.texts.get(path)?.() ?? l10n.t('This training was shown before the window was reloaded.'),
    });
  }

  /** Opens a page beside the editor. @param name Of the folder that the result goes to. */
  async open(name: string): Promise<ReportPage> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${name.replaceAll(/[\\/?#%]+/g, '-')}.md` });
    const report = new TuningReport();
    let state = l10n.t('The training is running.');
    let timer: NodeJS.Timeout | undefined;
    const tell = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        this.changed.fire(uri);
      }, INTERVAL_MS);
    };
    this.texts.set(uri.path, () => report.text(l10n.t('Fine-tuning {0}', name), state, l10n.t));
    this.changed.fire(uri);
    await commands.executeCommand('markdown.showPreviewToSide', uri);
    return {
      hear: event => {
        report.hear(event);
        tell();
      },
      judge: summary => {
        report.judge(summary);
        tell();
      },
      end: sentence => {
        state = sentence;
        tell();
      },
    };
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
