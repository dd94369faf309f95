/** The requests of a language client about getting and removing models. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { CancellationToken, WorkDoneProgressReporter } from 'vscode-languageserver/node';
import { Failure } from '../../../../paligemma/src/failures';
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
import { Seldom } from '../../util/seldom';
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
import { serverModelId } from '../../../../paligemma/src/serverNames';
import { verifyModel, type FileStatus } from '../../models/catalog/verifyModel';
import type { Client } from '../connection/client';

export interface ModelRequestContext {
  readonly client: Pick<Client, 'progressUnder' | 'requests' | 'log' | 'timers'> & {
    readonly configuration: { readonly ready: Promise<void> };
    readonly settings: Settings;
  };
  readonly services: {
    readonly catalog: ModelCatalog;
    readonly host: HostAccess & { stop(reason: string): Promise<void> };
  };
  readonly cachePath: string;
  /** Called after the models on this machine have changed. */
  readonly onDidChangeModels: () => void;
}

const INTERVAL_MS = 200;

export function registerModelRequests(context: ModelRequestContext): void {
  const { client: { requests, configuration }, services: { catalog }, onDidChangeModels } = context;

  requests.on(listPublishedModels, async () => {
    await configuration.ready;
    const [published, free] = await Promise.all([
      catalog.listPublished(),
      freeBytes(path.join(context.cachePath, 'models')).catch(() => undefined),
    ]);
    return free === undefined ? published : published.map(model => ({ ...model, freeBytes: free }));
  });

  requests.on(downloadModel, async (params, token) => {
    const valid = readDownloadParams(params);
    await configuration.ready;
    return reported(context, valid, reporter => install(context, valid, reporter, token)).finally(onDidChangeModels);
  });

  requests.on(verifyRequest, async (params, token) => {
    const { id, workDoneToken } = readNamed(params, 'verify');
    await configuration.ready;
    return reported(context, { id, workDoneToken }, reporter => verifyNamed(context, id, reporter, token));
  });

  requests.on(removeModel, params => {
    const { id } = readNamed(params, 'remove');
    return removeNamed(context, id).finally(onDidChangeModels);
  });
}

/** Work-done progress under the name of the model. */
async function reported<T>(
  { client }: ModelRequestContext,
  { id, workDoneToken }: { readonly id: string; readonly workDoneToken?: string | number | undefined },
  work: (reporter: WorkDoneProgressReporter) => Promise<T>,
): Promise<T> {
  const reporter = client.progressUnder(workDoneToken);
  reporter.begin('PaliGemma 2', 0, id, true);
  try {
    return await work(reporter);
  } finally {
    reporter.done();
  }
}

/** @throws Failure `badArgument` */
function readNamed<T extends { readonly id: string }>(params: T | null | undefined, verb: 'verify' | 'remove'): T {
  if (typeof params?.id !== 'string' || params.id === '') {
    throw new Failure(
      'badArgument',
      verb === 'verify'
        ? l10n.t('The name of a model is needed to verify it.')
        : l10n.t('The name of a model is needed to remove it.'),
    );
  }
  return params;
}

async function verifyNamed(
  { client, services: { catalog } }: ModelRequestContext,
  id: string,
  reporter: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<VerifyModelResult> {
  const progress = new Seldom(
    (done: number, total: number) => reporter.report(Math.floor(done / Math.max(1, total) * 100)),
    INTERVAL_MS,
    client.timers,
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
  { client: { settings, log, timers }, services, cachePath }: ModelRequestContext,
  params: DownloadModelParams,
  reporter: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<DownloadModelResult> {
  const progress = new Seldom(
    (fraction: number, text: string) => reporter.report(Math.floor(fraction * 100), text),
    INTERVAL_MS,
    timers,
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
        ...(accessToken === undefined ? {} : { accessToken: readToken(accessToken, l10n.t('the editor')) }),
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
  { services: { catalog, host }, cachePath }: ModelRequestContext,
  id: string,
): Promise<RemoveModelResult> {
  const server = (await catalog.servers()).find(candidate => serverModelId(candidate) === id);
  if (server !== undefined) return removed(await planServerRemoval(server, cachePath));
  // The host keeps files of a loaded model open, which Windows would not let go.
  await host.stop(l10n.t('A model is being removed.'));
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

/** @throws Failure badArgument. The token is never repeated in a sentence. */
export function readDownloadParams(params: unknown): DownloadModelParams {
  const value = (typeof params === 'object' && params !== null ? params : {}) as Readonly<Record<string, unknown>>;
  const isOptional = (key: string, type: 'string' | 'boolean') =>
    value[key] === undefined || typeof value[key] === type;
  const isValid = typeof value['id'] === 'string'
    && ['revision', 'token', 'proxyUrl'].every(key => isOptional(key, 'string'))
    && ['convert', 'deleteSource'].every(key => isOptional(key, 'boolean'));
  if (!isValid) {
    throw new Failure(
      'badArgument',
      l10n.t(
        'The request to download a model was not understood; the extension and its server may have different versions. Reload the window.',
      ),
    );
  }
  return params as DownloadModelParams;
}
