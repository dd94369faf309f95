/** What happens when the language server is gone unasked: it is started again, unless it keeps dying. */
import type { CloseHandlerResult, ErrorHandler, ErrorHandlerResult } from 'vscode-languageclient/node';
import type * as ClientLibrary from 'vscode-languageclient/node';

/** So many ends within the window, and it is left alone until the next command. */
const MOST_ENDS = 4;
const WINDOW_MS = 3 * 60_000;

export interface ServerRestartsOptions {
  readonly library: Pick<typeof ClientLibrary, 'CloseAction' | 'ErrorAction'>;
  /** Called where it is not started again. */
  readonly onGiveUp: () => void;
  /** Milliseconds of a clock that never goes backwards. */
  readonly now?: () => number;
}

export class ServerRestarts implements ErrorHandler {
  private ends: number[] = [];

  constructor(private readonly options: ServerRestartsOptions) {}

  /**
   * A message that cannot be written says that the server is gone or about to be: its end decides, and is heard of in
   * any case.
   */
  error(): ErrorHandlerResult {
    return { action: this.options.library.ErrorAction.Continue, handled: true };
  }

  /** Who waits for an answer is told by the failure of the request. */
  closed(): CloseHandlerResult {
    const { library: { CloseAction }, onGiveUp, now = () => performance.now() } = this.options;
    const time = now();
    this.ends = [...this.ends.filter(end => end > time - WINDOW_MS), time];
    if (this.ends.length <= MOST_ENDS) return { action: CloseAction.Restart, handled: true };
    this.ends = [];
    onGiveUp();
    return { action: CloseAction.DoNotRestart, handled: true };
  }
}
