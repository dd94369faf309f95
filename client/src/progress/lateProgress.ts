import { CancellationTokenSource, ProgressLocation, l10n } from 'vscode';
import type { CancellationToken, Progress } from 'vscode';
import { window } from '../common/window';

/**
 * Shorter work than this shows no notification, milliseconds: an answer that is known already should not make one
 * flash.
 */
const DELAY_MS = 400;

export type NotificationProgress = Progress<{ message?: string; increment?: number }>;

/** Like `window.withProgress` in a notification with Cancel, which appears only where the work takes a while. */
export async function withLateProgress<T>(
  title: string,
  work: (progress: NotificationProgress, token: CancellationToken) => Promise<T>,
): Promise<T> {
  const source = new CancellationTokenSource();
  const missed: { message: string | undefined; increment: number } = { message: undefined, increment: 0 };
  const shown: { progress?: NotificationProgress } = {};
  const relay: NotificationProgress = {
    report: value => {
      if (shown.progress !== undefined) return shown.progress.report(value);
      missed.message = value.message ?? missed.message;
      missed.increment += value.increment ?? 0;
    },
  };
  const working = work(relay, source.token);
  const timer = setTimeout(() => {
    void window.withProgress(
      { location: ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        shown.progress = progress;
        token.onCancellationRequested(() => source.cancel());
        progress.report({
          ...(missed.message === undefined ? {} : { message: missed.message }),
          increment: missed.increment,
        });
        // The editor leaves the notification up for a moment: it must not say then that something is still being done.
        // Whoever asked for the work hears of its failure.
        await working.then(
          () => progress.report({ message: l10n.t('Done') }),
          () => progress.report({ message: l10n.t('Stopped') }),
        );
      },
    );
  }, DELAY_MS);
  try {
    return await working;
  } finally {
    clearTimeout(timer);
    source.dispose();
  }
}
