/** What answers a command of `workspace/executeCommand`. */
import type { CancellationToken, WorkDoneProgressReporter } from 'vscode-languageserver/node';

/** `report` is called only where there is something to report; it brings a token where its person can cancel. */
export type CommandHandler = (
  argument: unknown,
  token: CancellationToken,
  report: () => Promise<ReportedWork>,
) => Promise<unknown>;

/** By the name of the command. */
export type Commands = Readonly<Record<string, CommandHandler>>;

export interface ReportedWork {
  readonly reporter: WorkDoneProgressReporter;
  /** Cancelled with the request or by the person. */
  readonly token: CancellationToken;
}
