/** The language server: what it can do, and one line for each part that does it. */
import type { RunResult } from '../../../paligemma/src/runResult';
import os from 'node:os';
import path from 'node:path';
import type { Connection, InitializeResult } from 'vscode-languageserver/node';
import { serverCapabilities } from './capabilities';
import { Configuration } from './configuration';
import { imageCaption, imageHover, imagesAt, picturePreview } from '../contract/imageLinks';
import { statusChanged, trustGranted } from '../contract/protocol';
import { ImageLinkService } from './imageLinks/service';
import { cachePath } from '../models/folders/cachePath';
import { clientKeys } from './requests/clientKeys';
import { registerDownloadRequests } from './requests/modelRequests';
import { registerServerRequests } from './requests/serverRequests';
import { PromptLanguage } from './promptFiles/promptFiles';
import { registerRequests, RUN_COMMAND } from './requests/runRequests';
import { createRunServices, type RunServices } from '../runs/runServices';
import { StatusReporter } from './statusReporter';
import { toHostError, toResponseError } from '../util/failure';
import type { Log } from '../util/log';
import { WorkspaceTrust } from './workspaceTrust';

export interface ServerPaths {
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  readonly hostPath: string;
}

/** Serves `connection` until the process ends: by the client's `exit`, or when the client is gone. */
export function startServer(connection: Connection, paths: ServerPaths): void {
  const log = connectionLog(connection);
  const configuration = new Configuration(connection, log);
  const trust = new WorkspaceTrust();
  const isTrusted = () => trust.isGiven;
  const status = new StatusReporter(value =>
    void connection.sendNotification(statusChanged, value).catch(() => undefined)
  );
  const cache = cachePath({ env: process.env, platform: process.platform, homePath: os.homedir() });
  // The only thing that loading warns of is that the device is another one than it would have preferred.
  const hostLog: Log = (level, scope, message) => {
    if (level === 'warn' && scope === 'host.load') status.deviceFellBack(message);
    log(level, scope, message);
  };
  const services = createRunServices({
    ...paths,
    cachePath: cache,
    settings: () => configuration.settings,
    log: hostLog,
    observer: { progress: (...args) => status.progress(...args), failed: (...args) => status.failed(...args), done },
    keyOf: clientKeys(connection, log),
    isTrusted,
  });
  const imageLinks: ImageLinkService = new ImageLinkService({
    connection,
    services,
    configuration,
    cachePath: cache,
    log,
    isTrusted,
    thumbnail: (params, token) => services.pictureHost.use(client => client.thumbnail(params, token), token),
  });
  const language = new PromptLanguage({
    connection,
    services,
    configuration,
    cachePath: cache,
    documentationPath: path.join(paths.packageRoot, 'docs', 'diagnostics.md'),
    log,
    other: imageLinks,
  });
  const commands = { ...language.commands, ...imageLinks.commands };
  services.host.onDidChangeState(state => status.hostChanged(state));
  endWithParent(services);
  process.on(
    'unhandledRejection',
    error => log('error', 'lsp.request', error instanceof Error ? error.stack ?? error.message : String(error)),
  );

  connection.onInitialize(params => {
    configuration.initialize(params);
    trust.initialize(params);
    const abilities = language.initialize(params);
    imageLinks.initialize(params);
    return {
      capabilities: serverCapabilities(abilities, [RUN_COMMAND, ...Object.keys(commands)]),
      serverInfo: { name: 'paligemma' },
    } satisfies InitializeResult;
  });
  connection.onInitialized(() => {
    configuration.listen();
    configuration.onDidChange(() => {
      services.host.reconsider();
      services.serverHost.reconsider();
      void showModel();
    });
    void configuration.ready.then(showModel);
    void language.start();
  });
  connection.onShutdown(async () =>
    void await Promise.all([services.host, services.serverHost].map(host => host.stop('The editor is closing.')))
  );
  registerRequests({ connection, services, configuration, log, commands, packageRoot: paths.packageRoot });
  registerDownloadRequests({
    connection,
    services,
    configuration,
    cachePath: cache,
    log,
    onDidChangeModels: () => void showModel(),
  });
  registerServerRequests({
    connection,
    services,
    configuration,
    cachePath: cache,
    log,
    onDidChangeModels: () => void showModel(),
  });
  const refuse = (error: unknown): never => {
    throw toResponseError(error);
  };
  connection.onRequest(imageHover, (params, token) => imageLinks.imageHover(params, token).catch(refuse));
  connection.onRequest(picturePreview, (params, token) => imageLinks.picturePreview(params, token).catch(refuse));
  connection.onNotification(trustGranted, () => trust.grant());
  connection.onRequest(
    imagesAt,
    (params, token) =>
      language.imagesAt(params).then(found => found ?? imageLinks.imagesAt(params, token)).catch(refuse),
  );
  connection.onRequest(imageCaption, (params, token) => imageLinks.imageCaption(params, token).catch(refuse));
  language.listen();
  connection.listen();

  function done(result: RunResult): void {
    status.done(result);
    language.runDone(result);
    imageLinks.runDone(result);
  }

  async function showModel(): Promise<void> {
    try {
      const { id, note } = await services.catalog.choose(configuration.settings.model, 'setting');
      status.modelChosen(id, note);
    } catch (error) {
      status.modelChosen(undefined, undefined, toHostError(error).message);
    }
  }
}

/** The host must not outlive this process, however it ends; a host that is killed notices by its channel. */
function endWithParent({ host, serverHost }: RunServices): void {
  process.once('exit', () => [host, serverHost].forEach(child => child.dispose()));
  // Over stdio the connection itself ends the process when its input closes.
  process.once('disconnect', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
  }
}

function connectionLog({ console: remote }: Connection): Log {
  return (level, scope, message) => {
    const line = `${scope} ${message}`;
    switch (level) {
      case 'trace':
        return remote.debug(line);
      case 'info':
        return remote.info(line);
      case 'warn':
        return remote.warn(line);
      case 'error':
        return remote.error(line);
    }
  };
}
