/** The language server: its parts, and how they are joined. */
import * as l10n from '@vscode/l10n';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from 'vscode-languageserver/node';
import { tameRecord } from '../../../paligemma/src/plainText';
import { atProcessEnd } from '../../../system/src/processEnd';
import type { RunResult } from '../../../paligemma/src/runResult';
import { statusChanged, trustGranted } from '../contract/protocol';
import { cachePath } from '../models/folders/cachePath';
import { createRunServices, type RunServices } from '../runs/runServices';
import { Listeners } from '../util/listeners';
import type { Log } from '../util/log';
import { loggedFailure } from '../util/loggedFailure';
import { speak } from '../util/words';
import { serverCapabilities } from './capabilities';
import { Client } from './connection/client';
import { clientKeys } from './connection/clientKeys';
import type { Commands } from './connection/commands';
import type { DocumentKind } from './connection/documentKind';
import { StatusReporter } from './connection/statusReporter';
import { DataSets } from './dataSets/dataSets';
import { DocumentKinds } from './documentKinds';
import { ImageLinks } from './imageLinks/imageLinks';
import { PictureHelp } from './pictures/pictureHelp';
import { PromptFiles } from './promptFiles/promptFiles';
import { registerCommands } from './requests/commandRequests';
import { registerEvaluationRequests } from './requests/evaluationRequests';
import { registerModelRequests } from './requests/modelRequests';
import { registerPictureRequests } from './requests/pictureRequests';
import { registerRunRequests, runCommand } from './requests/runRequests';
import { registerTuningRequests } from './requests/tuningRequests';
import { registerServerRequests } from './requests/serverRequests';

export interface ServerPaths {
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  readonly hostPath: string;
}

/** What answers, from the documents down to the runs. */
interface ServerParts {
  readonly client: Client;
  readonly status: StatusReporter;
  readonly services: RunServices;
  readonly pictures: PictureHelp;
  readonly kinds: readonly DocumentKind[];
  readonly documents: DocumentKinds;
  readonly dataSets: DataSets;
  readonly packageRoot: string;
  readonly cachePath: string;
}

/** Serves `connection` until the process ends: by the client's `exit`, or when the client is gone. */
export function startServer(connection: Connection, paths: ServerPaths): void {
  const parts = buildParts(connection, paths);
  const { client, services, kinds, documents } = parts;
  const handlers = [runCommand(parts), ...kinds.map(kind => kind.commands)].flatMap(each => Object.entries(each));
  const commands: Commands = Object.fromEntries(handlers);
  registerRequests(parts, commands);
  followClient(parts, Object.keys(commands));
  documents.listen();
  client.folders.listen();
  connection.onNotification(trustGranted, () => client.trust.grant());
  endWithParent(services);
  logUnhandledRejections(client.log);
  connection.listen();
}

function buildParts(connection: Connection, { packageRoot, hostPath }: ServerPaths): ServerParts {
  const client = new Client(connection, connectionLog(connection));
  const status = new StatusReporter(value =>
    void connection.sendNotification(statusChanged, value).catch(() => undefined)
  );
  const runsDone = new Listeners<RunResult>();
  const cache = cachePath({ env: process.env, platform: process.platform, homePath: os.homedir() });
  const services = createRunServices({
    packageRoot,
    hostPath,
    cachePath: cache,
    settings: () => client.settings,
    log: hostLog(client.log, status),
    observer: {
      progress: (model, progress) => status.progress(model, progress),
      failed: (model, error) => status.failed(model, error),
      done: result => runsDone.fire(result),
    },
    keyOf: clientKeys(connection, client.log),
    isTrusted: () => client.trust.isGiven,
    hasModelList: () => client.abilities.runsCommandLinks,
  });
  const pictures = new PictureHelp({ client, services, cachePath: cache });
  const documentationPath = path.join(packageRoot, 'docs', 'diagnostics.md');
  const promptFiles = new PromptFiles({ client, services, pictures, documentationPath });
  const dataSets = new DataSets({
    client,
    services,
    pictures,
    cachePath: cache,
    documentationPath: path.join(packageRoot, 'docs', 'data-set-diagnostics.md'),
    workspaceImages: () => promptFiles.workspaceImages(),
  });
  // One line for each kind of document.
  const kinds = [
    promptFiles,
    new ImageLinks({ client, services, pictures, documentationPath }),
    dataSets,
  ];
  const documents = new DocumentKinds(client, kinds);
  services.host.onDidChangeState(state => status.hostChanged(state));
  runsDone.add(result => status.done(result));
  runsDone.add(() => pictures.runDone());
  runsDone.add(result => documents.runDone(result));
  return { client, status, services, pictures, kinds, documents, dataSets, packageRoot, cachePath: cache };
}

function registerRequests(parts: ServerParts, commands: Commands): void {
  const { client, pictures, documents, dataSets } = parts;
  const context = { ...parts, onDidChangeModels: () => void showModel(parts) };
  registerRunRequests(context);
  registerEvaluationRequests(context);
  registerModelRequests(context);
  registerServerRequests(context);
  registerTuningRequests(context);
  registerPictureRequests({
    client,
    pictures,
    imagesAt: (place, token) => documents.imagesAt(place, token),
    hasHovers: uri => dataSets.isDataSet(uri),
  });
  registerCommands(client, commands);
}

/** Its beginning, its settings and its end. */
function followClient(parts: ServerParts, commands: readonly string[]): void {
  const { client, services, kinds, documents, packageRoot } = parts;
  const { connection, configuration, requests } = client;
  requests.onInitialize(params => {
    speak(params.locale, path.join(packageRoot, 'l10n'));
    client.initialize(params);
    return {
      capabilities: serverCapabilities(client.abilities, kinds, commands),
      serverInfo: { name: 'paligemma' },
    };
  });
  connection.onInitialized(() => {
    configuration.listen();
    configuration.onDidChange(() => {
      services.host.reconsider();
      services.serverHost.reconsider();
      void showModel(parts);
    });
    void configuration.ready.then(() => showModel(parts));
    documents.start();
  });
  requests.onShutdown(async () => {
    await Promise.all([services.host, services.serverHost].map(host => host.stop(l10n.t('The editor is closing.'))));
  });
}

/** The model that a run without one of its own would take, in the status. */
async function showModel({ client, services, status }: ServerParts): Promise<void> {
  try {
    const { id, note } = await services.catalog.choose(client.settings.model, 'setting');
    status.modelChosen(id, note);
  } catch (error) {
    status.modelChosen(undefined, undefined, loggedFailure(error, client.log, 'server.models').message);
  }
}

/** The host must not outlive this process, however it ends; a host that is killed notices by its channel. */
function endWithParent({ host, serverHost }: RunServices): void {
  atProcessEnd(() => [host, serverHost].forEach(child => child.dispose()));
  // Over stdio the connection itself ends the process when its input closes.
  process.once('disconnect', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
  }
}

function logUnhandledRejections(log: Log): void {
  process.on('unhandledRejection', error => void loggedFailure(error, log, 'lsp.request'));
}

/** The only thing that loading warns of is that the device is not the one that it would have preferred. */
function hostLog(log: Log, status: StatusReporter): Log {
  return (level, scope, message) => {
    if (level === 'warn' && scope === 'host.load') status.deviceFellBack(message);
    log(level, scope, message);
  };
}

function connectionLog({ console: remote }: Connection): Log {
  return (level, scope, message) => {
    const line = `${scope} ${tameRecord(message)}`;
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
