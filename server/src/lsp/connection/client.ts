/** The editor at the other end of the connection: what every part of the server knows of it, known once. */
import type { CancellationToken, ProgressToken } from 'vscode-jsonrpc/node';
import {
  ShowMessageNotification,
  type Connection,
  type InitializeParams,
  type MessageType,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver/node';
import { tameText } from '../../../../paligemma/src/plainText';
import type { Settings } from '../../contract/settings';
import type { Log } from '../../util/log';
import { systemTimers, type Timers } from '../../util/timers';
import { noAbilities, readAbilities, type ClientAbilities } from './clientAbilities';
import { Configuration } from './configuration';
import { Refresher } from './refresher';
import { Requests } from './requests';
import { tameReporter } from './tameReporter';
import { WorkspaceFolders } from './workspaceFolders';
import { WorkspaceTrust } from './workspaceTrust';

export class Client {
  readonly requests: Requests;
  readonly folders: WorkspaceFolders;
  readonly configuration: Configuration;
  readonly trust = new WorkspaceTrust();
  readonly refresher: Refresher;
  private known = noAbilities;

  constructor(readonly connection: Connection, readonly log: Log, readonly timers: Timers = systemTimers) {
    this.requests = new Requests(connection, log);
    this.folders = new WorkspaceFolders(connection);
    this.configuration = new Configuration(connection, log, this.folders);
    this.refresher = new Refresher(connection, () => this.known, timers);
  }

  /** None before {@link initialize}. */
  get abilities(): ClientAbilities {
    return this.known;
  }

  /** The last ones known. */
  get settings(): Settings {
    return this.configuration.settings;
  }

  initialize(params: InitializeParams): void {
    this.known = readAbilities(params);
    this.folders.initialize(params);
    this.trust.initialize(params);
    this.configuration.initialize(params);
  }

  /** Work-done progress under a token of the client's; without one nobody hears of it. */
  progressUnder(token: ProgressToken | undefined): WorkDoneProgressReporter {
    return tameReporter(this.connection.window.attachWorkDoneProgress(token));
  }

  /** The same under a token that the client is asked to make; cancelled from there. */
  async ownProgress(): Promise<{ readonly reporter: WorkDoneProgressReporter; readonly token: CancellationToken }> {
    const reporter = await this.connection.window.createWorkDoneProgress();
    return { reporter: tameReporter(reporter), token: reporter.token };
  }

  /** Shows a message, on one line. A notification: a request would wait until the message is closed. */
  async tell(type: MessageType, message: string): Promise<void> {
    await this.connection.sendNotification(ShowMessageNotification.type, { type, message: tameText(message) });
  }
}
