import type { WorkDoneProgressReporter } from 'vscode-languageserver/node';
import { tameText } from '../../../../paligemma/src/plainText';

/** Work-done progress whose titles and messages, which name pictures and models, are lines that control nothing. */
export function tameReporter(reporter: WorkDoneProgressReporter): WorkDoneProgressReporter {
  return {
    begin: (title, percentage, message, cancellable) =>
      reporter.begin(tameText(title), percentage, message === undefined ? undefined : tameText(message), cancellable),
    report(first: number | string, message?: string) {
      if (typeof first === 'string') reporter.report(tameText(first));
      else if (message === undefined) reporter.report(first);
      else reporter.report(first, tameText(message));
    },
    done: () => reporter.done(),
  };
}
