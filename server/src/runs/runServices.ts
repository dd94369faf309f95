/** Builds catalog, store, host and runner, the same way for the editor and for the terminal. */
import path from 'node:path';
import { BATCH_ROWS } from '../../../model-host/src/contract/batch';
import type { Settings } from '../contract/settings';
import { trustedHost, type HostAccess } from '../host/hostAccess';
import { HostProcess } from '../host/hostProcess';
import { openCache } from '../models/folders/cachePath';
import { isSafeCache } from '../models/folders/cacheSafety';
import { ModelCatalog } from '../models/catalog/catalog';
import { proxyFrom } from '../../../net/src/proxy';
import { ServerEndpoints, type KeyOfServer } from '../models/servers/serverEndpoints';
import type { Log } from '../util/log';
import { systemTimers } from '../util/timers';
import { KnownResults } from './knownResults';
import { PictureHashes } from './pictureHashes';
import { ResultStore } from './resultStore';
import { Runner, type RunObserver } from './runner';

export interface RunServicesOptions {
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  readonly hostPath: string;
  readonly cachePath: string;
  /** Read anew for each run. */
  readonly settings: () => Settings;
  readonly log: Log;
  readonly observer?: RunObserver;
  /** Whom to ask for the keys of inference servers; without it the environment decides. */
  readonly keyOf?: KeyOfServer;
  /** False: no picture may be decoded and no model may run; default true. */
  readonly isTrusted?: () => boolean;
  /** True: who reads of a missing model has the editor's list of models; default false. */
  readonly hasModelList?: () => boolean;
}

/**
 * Runs of one prompt that the host gets at once: those that it decodes together, and one whose picture it reads
 * meanwhile.
 */
const LOCAL_RUNS = BATCH_ROWS + 1;

export interface RunServices {
  readonly catalog: ModelCatalog;
  readonly host: HostProcess;
  /** Asks inference servers; started by the first run or probe that needs it. */
  readonly serverHost: HostProcess;
  readonly endpoints: ServerEndpoints;
  readonly runner: Runner;
  /** The results that are known, for the whole process. */
  readonly store: ResultStore;
  /** The same by picture. */
  readonly known: KnownResults;
  readonly pictureHashes: PictureHashes;
  /** `host` for whatever decodes pictures: refused in a workspace that is not trusted. */
  readonly pictureHost: HostAccess;
}

export function createRunServices(options: RunServicesOptions): RunServices {
  const { packageRoot, hostPath, cachePath, settings, log, observer, keyOf, isTrusted = () => true } = options;
  const timers = systemTimers;
  const catalog = new ModelCatalog({
    packageRoot,
    cachePath,
    modelFolders: () => settings().modelFolders,
    ...(options.hasModelList === undefined ? {} : { hasModelList: options.hasModelList }),
  });
  const resultsPath = path.join(cachePath, 'results');
  const store = new ResultStore(resultsPath, log);
  const known = new KnownResults({
    folderPath: resultsPath,
    read: key => store.peek(key),
    mayRead: () => isSafeCache(cachePath),
    timers,
  });
  const pictureHashes = new PictureHashes();
  const newHost = () =>
    new HostProcess({
      hostPath,
      openCache: () => openCache(cachePath),
      log,
      timers,
      keepLoadedMinutes: () => settings().keepLoadedMinutes,
    });
  const host = newHost();
  const serverHost = newHost();
  const endpoints = new ServerEndpoints({
    env: process.env,
    proxy: proxyFrom(process.env),
    ...(keyOf === undefined ? {} : { keyOf }),
  });
  const pictureHost = trustedHost(host, isTrusted);
  const runner = new Runner({
    catalog,
    store,
    hashes: pictureHashes,
    host: pictureHost,
    serverHost: trustedHost(serverHost, isTrusted),
    endpoints,
    settings,
    timers,
    localRows: LOCAL_RUNS,
    ...(observer === undefined ? {} : { observer }),
  });
  return { catalog, host, serverHost, endpoints, runner, store, known, pictureHashes, pictureHost };
}

/**
 * Where the bundles of a package lie. `distPath`: the folder of the running bundle. `PALIGEMMA_HOST_PATH` names another
 * host; it exists for tests, which put a scripted one there, and nothing else sets it.
 */
export function bundlePaths(
  distPath: string,
  env: NodeJS.ProcessEnv,
): { readonly packageRoot: string; readonly hostPath: string } {
  const other = env['PALIGEMMA_HOST_PATH'];
  return {
    packageRoot: path.dirname(distPath),
    hostPath: other === undefined || other === '' ? path.join(distPath, 'model-host.js') : path.resolve(other),
  };
}
