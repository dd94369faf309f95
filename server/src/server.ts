/** The language server: what it can do, and one line for each part that does it. */
import os from 'node:os';
import { TextDocumentSyncKind, type Connection, type InitializeResult } from 'vscode-languageserver/node';
import { statusChanged } from './contract/protocol';
import { Configuration } from './configuration';
import { Documents } from './documents';
import { cachePath } from './models/cachePath';
import { registerRequests, RUN_COMMAND } from './requests';
import { createRunServices, type RunServices } from './runs/runServices';
import { StatusReporter } from './runs/statusReporter';
import { toHostError } from './util/failure';
import type { Log } from './util/log';

export interface ServerPaths {
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  readonly hostPath: string;
}

/** Serves `connection` until the process ends: by the client's `exit`, or when the client is gone. */
export function startServer(connection: Connection, paths: ServerPaths): void {
  const log = connectionLog(connection);
  const configuration = new Configuration(connection, log);
  const documents = new Documents();
  const status = new StatusReporter(value => void connection.sendNotification(statusChanged, value).catch(() => undefined));
  const services = createRunServices({
    ...paths, cachePath: cachePath({ env: process.env, platform: process.platform, homePath: os.homedir() }), settings: () => configuration.settings, log, observer: status,
  });
  services.host.onDidChangeState(state => status.hostChanged(state));
  endWithParent(services);
  process.on('unhandledRejection', error => log('error', 'lsp.request', error instanceof Error ? error.stack ?? error.message : String(error)));

  connection.onInitialize(params => {
    configuration.initialize(params);
    return initializeResult();
  });
  connection.onInitialized(() => {
    configuration.listen();
    configuration.onDidChange(() => {
      services.host.reconsider();
      void showModel();
    });
    void configuration.ready.then(showModel);
  });
  connection.onShutdown(() => services.host.stop('The editor is closing.'));
  registerFeatures();
  connection.listen();

  /** The only place where LSP methods meet what answers them. */
  function registerFeatures(): void {
    registerRequests({ connection, services, configuration, log });
    documents.listen(connection, () => 'utf-16', () => undefined);
  }

  async function showModel(): Promise<void> {
    try {
      const { id, note } = await services.catalog.choose(configuration.settings.model);
      status.modelChosen(id, note);
    } catch (error) {
      status.modelChosen(undefined, undefined, toHostError(error).message);
    }
  }
}

function initializeResult(): InitializeResult {
  return {
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      executeCommandProvider: { commands: [RUN_COMMAND], workDoneProgress: true },
    },
    serverInfo: { name: 'paligemma' },
  };
}

/** The host must not outlive this process, however it ends; a host that is killed notices by its channel. */
function endWithParent({ host }: RunServices): void {
  process.once('exit', () => host.dispose());
  // Over stdio the connection itself ends the process when its input closes.
  process.once('disconnect', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
}

function connectionLog({ console: remote }: Connection): Log {
  return (level, scope, message) => {
    const line = `${scope} ${message}`;
    switch (level) {
      case 'trace': return remote.debug(line);
      case 'info': return remote.info(line);
      case 'warn': return remote.warn(line);
      case 'error': return remote.error(line);
    }
  };
}
