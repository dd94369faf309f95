/** The requests of a language client about getting and removing models. */
import path from 'node:path';
import type { CancellationToken, Connection, WorkDoneProgressReporter } from 'vscode-languageserver/node';
import { HostError } from '../../../../paligemma/src/failures';
import {
  downloadModel,
  listPublishedModels,
  removeModel,
  verifyModel as verifyRequest,
  type VerifyModelResult,
  type DownloadModelParams,
  type DownloadModelResult,
  type RemoveModelResult,
} from '../../contract/protocol';
import type { Settings } from '../../contract/settings';
import { answered } from './answered';
import type { Log } from '../../util/log';
import { Seldom } from '../../util/seldom';
import { systemTimers } from '../../util/timers';
import { openCache } from '../../models/folders/cachePath';
import type { ModelCatalog } from '../../models/catalog/catalog';
import { AccessRefused } from '../../models/download/downloadFailures';
import { freeBytes } from '../../models/download/freeSpace';
import { readToken } from '../../models/folders/hubPlaces';
import { installModel, type HostAccess } from '../../models/download/installModel';
import {
  planPartialRemoval,
  planRemoval,
  planServerRemoval,
  remove,
  type Removal,
} from '../../models/catalog/removeModel';
import { serverModelId } from '../../models/servers/serverAddress';
import { verifyModel, type FileStatus } from '../../models/catalog/verifyModel';

export interface DownloadRequestContext {
  readonly connection: Connection;
  readonly services: {
    readonly catalog: ModelCatalog;
    readonly host: HostAccess & { stop(reason: string): Promise<void> };
  };
  readonly configuration: { readonly ready: Promise<void>; readonly settings: Settings };
  readonly cachePath: string;
  readonly log: Log;
  /** Called after the models on this machine have changed. */
  readonly onDidChangeModels?: () => void;
}

const INTERVAL_MS = 200;

export function registerDownloadRequests(context: DownloadRequestContext): void {
  const { connection, services: { catalog }, configuration } = context;

  connection.onRequest(listPublishedModels, () =>
    answered(context, async () => {
      await configuration.ready;
      const [published, free] = await Promise.all([
        catalog.listPublished(),
        freeBytes(path.join(context.cachePath, 'models')).catch(() => undefined),
      ]);
      return free === undefined ? published : published.map(model => ({ ...model, freeBytes: free }));
    }));

  connection.onRequest(downloadModel, (params, token) =>
    answered(context, async () => {
      const valid = readDownloadParams(params);
      await configuration.ready;
      const reporter = connection.window.attachWorkDoneProgress(valid.workDoneToken);
      reporter.begin('PaliGemma 2', 0, valid.id, true);
      try {
        return await install(context, valid, reporter, token);
      } finally {
        reporter.done();
        context.onDidChangeModels?.();
      }
    }));

  connection.onRequest(verifyRequest, (params, token) =>
    answered(context, async () => {
      if (typeof params?.id !== 'string' || params.id === '') {
        throw new HostError('badArgument', 'The name of a model is needed to verify it.');
      }
      await configuration.ready;
      const reporter = connection.window.attachWorkDoneProgress(params.workDoneToken);
      reporter.begin('PaliGemma 2', 0, params.id, true);
      try {
        return await verifyNamed(context, params.id, reporter, token);
      } finally {
        reporter.done();
      }
    }));

  connection.onRequest(removeModel, params =>
    answered(context, async () => {
      if (typeof params?.id !== 'string' || params.id === '') {
        throw new HostError('badArgument', 'The name of a model is needed to remove it.');
      }
      try {
        return await removeNamed(context, params.id);
      } finally {
        context.onDidChangeModels?.();
      }
    }));
}

async function verifyNamed(
  { services: { catalog } }: DownloadRequestContext,
  id: string,
  reporter: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<VerifyModelResult> {
  const progress = new Seldom(
    (done: number, total: number) => reporter.report(Math.floor(done / Math.max(1, total) * 100)),
    INTERVAL_MS,
    systemTimers,
  );
  const files = await verifyModel(await catalog.inspect(id), progress.tell, token).finally(() => progress.end());
  const pathsOf = (wanted: FileStatus) => files.filter(({ status }) => status === wanted).map(({ path: file }) => file);
  return {
    files: files.length,
    damaged: pathsOf('damaged'),
    missing: pathsOf('missing'),
    unknown: pathsOf('unknown').length,
  };
}

async function install(
  { services, configuration: { settings }, cachePath, log }: DownloadRequestContext,
  params: DownloadModelParams,
  reporter: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<DownloadModelResult> {
  const progress = new Seldom(
    (fraction: number, text: string) => reporter.report(Math.floor(fraction * 100), text),
    INTERVAL_MS,
    systemTimers,
  );
  const { id, revision = 'main', token: accessToken, proxyUrl, convert = true, deleteSource = false } = params;
  const { weights, attention, device } = settings;
  try {
    const installed = await installModel(
      {
        id,
        revision,
        proxyUrl,
        convert,
        deleteSource,
        weights,
        attention,
        device,
        ...(accessToken === undefined ? {} : { accessToken: readToken(accessToken, 'the editor') }),
      },
      { cachePath: await openCache(cachePath), host: services.host, env: process.env, log, onProgress: progress.tell },
      token,
    );
    return { outcome: 'installed', id: installed.id, path: installed.path, bytes: installed.bytes };
  } catch (error) {
    if (error instanceof AccessRefused) {
      return { outcome: 'refused', message: error.message, licenceUrl: error.licenceUrl, hadToken: error.hadToken };
    }
    throw error;
  } finally {
    progress.end();
  }
}

async function removeNamed(
  { services: { catalog, host }, cachePath }: DownloadRequestContext,
  id: string,
): Promise<RemoveModelResult> {
  const server = (await catalog.servers()).find(candidate => serverModelId(candidate) === id);
  if (server !== undefined) return removed(await planServerRemoval(server, cachePath));
  // The host keeps files of a loaded model open, which Windows would not let go.
  await host.stop('A model is being removed.');
  const removal = await catalog.inspect(id).then(
    inspected => planRemoval(inspected, cachePath),
    async (error: unknown) => {
      const left = await planPartialRemoval(id, 'main', cachePath);
      if (left === undefined) throw error;
      return left;
    },
  );
  return removed(removal);
}

async function removed(removal: Removal): Promise<RemoveModelResult> {
  await remove(removal);
  return { bytesFreed: removal.bytes, ...(removal.note === undefined ? {} : { note: removal.note }) };
}

/** @throws HostError badArgument. The token is never repeated in a sentence. */
export function readDownloadParams(params: unknown): DownloadModelParams {
  const value = (typeof params === 'object' && params !== null ? params : {}) as Readonly<Record<string, unknown>>;
  const isOptional = (key: string, type: 'string' | 'boolean') =>
    value[key] === undefined || typeof value[key] === type;
  const isValid = typeof value['id'] === 'string'
    && ['revision', 'token', 'proxyUrl'].every(key => isOptional(key, 'string'))
    && ['convert', 'deleteSource'].every(key => isOptional(key, 'boolean'));
  if (!isValid) {
    throw new HostError(
      'badArgument',
      'The request to download a model is not understood; the extension and its server may be of different versions.',
    );
  }
  return params as DownloadModelParams;
}
