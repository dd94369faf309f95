/** Download, conversion and, on request, the end of the source: one flow for editor and terminal. */
import * as l10n from '@vscode/l10n';
import { decimal } from '../../../../paligemma/src/words';
import { DEFAULT_LOC_DIVISOR } from '../../../../paligemma/src/facts';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { AttentionMode, DeviceName, WeightType } from '../../../../paligemma/src/facts';
import type { ConvertResult, RunProgress } from '../../../../model-host/src/contract/protocol';
import type { HostClient } from '../../host/hostClient';
import { writeAtomically } from '../../util/files';
import type { Log } from '../../util/log';
import { systemTimers, type Timers } from '../../util/timers';
import { register } from '../folders/addModel';
import { download, type Downloaded } from './download';
import { describeDownload, type DownloadProgress } from './downloadRate';
import { folderName, nameOfFolder, RECORD_FILE } from '../folders/downloadRecord';
import { freeBytes } from './freeSpace';
import { Hub } from './hub';
import { HttpClient } from './hubHttp';
import { findToken, hubEndpoint } from '../folders/hubPlaces';
import { PARTIAL_SUFFIX } from '../folders/partialFolder';
import { proxyFrom } from '../../../../net/src/proxy';

/** How the host is reached; it converts, and a first run shows that the model works. */
export interface HostAccess {
  use<T>(work: (client: HostClient) => Promise<T>, token: CancellationToken): Promise<T>;
}

export interface InstallRequest {
  readonly id: string;
  readonly revision: string;
  /** Absolute; default: the cache. */
  readonly folder?: string | undefined;
  /** The user's own; default: what Hugging Face's tools know. Valid already. */
  readonly accessToken?: string | undefined;
  readonly proxyUrl?: string | undefined;
  readonly convert: boolean;
  /** Keeps the converted model only; implies the conversion. */
  readonly deleteSource: boolean;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly device: DeviceName;
}

export interface InstallTools {
  readonly cachePath: string;
  readonly host: HostAccess;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** `fraction`: 0…1 of the whole. */
  readonly onProgress: (fraction: number, text: string) => void;
  /** For tests: free bytes of a disk, and the clock. */
  readonly freeBytes?: (folder: string) => Promise<number>;
  readonly timers?: Timers;
}

export interface InstalledModel {
  /** What `--model` takes. */
  readonly id: string;
  readonly path: string;
  readonly commit: string;
  /** Of the download. */
  readonly bytes: number;
  readonly wasThere: boolean;
  /** Weight type that is ready to run; undefined where nothing was converted. */
  readonly converted?: WeightType;
}

/** Part of the whole that the download takes in the progress, where a conversion follows. */
const DOWNLOAD_PART = 0.8;
/** Bits of a weight with its scale against the 16 of a published checkpoint. */
const CONVERTED_PART: Readonly<Record<WeightType, number>> = { int4: 0.32, int8: 0.54, f16: 1.01, f32: 2.01 };
/** A grey pixel: enough for the host to convert, load and run once. */
const PIXEL_PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

/**
 * @throws Failure of the table (AccessRefused where the licence is missing); CancelledError, with what came so far
 * kept.
 */
export async function installModel(
  request: InstallRequest,
  tools: InstallTools,
  token: CancellationToken,
): Promise<InstalledModel> {
  const converts = request.convert || request.deleteSource;
  const downloaded = await fetchModel(request, tools, converts, token);
  const { folder, record, wasThere } = downloaded;
  const id = request.folder === undefined
    ? nameOfFolder(folderName(request.id, request.revision))
    : (await register(folder, nameOfFolder(folderName(request.id, request.revision)), tools.cachePath, true)).id;
  const installed = {
    id,
    path: folder,
    commit: record.commit,
    bytes: record.files.reduce((sum, file) => sum + file.bytes, 0),
    wasThere,
  };
  if (!converts || record.isSourceDeleted === true) return installed;
  const onProgress = (progress: RunProgress) => {
    if (progress.kind === 'phase' && progress.phase === 'convert') {
      tools.onProgress(
        DOWNLOAD_PART + (1 - DOWNLOAD_PART) * (progress.done / Math.max(1, progress.total)),
        l10n.t(
          'converting, {0} of {1} GB',
          decimal((progress.done / 1e9).toFixed(1)),
          decimal((progress.total / 1e9).toFixed(1)),
        ),
      );
    } else tools.onProgress(1, l10n.t('trying the model'));
  };
  tools.onProgress(DOWNLOAD_PART, l10n.t('converting'));
  if (request.deleteSource) await replaceByConversion(downloaded, request, tools, onProgress, token);
  else await warmUp(folder, request, tools.host, onProgress, token);
  return { ...installed, converted: request.weights };
}

async function fetchModel(
  request: InstallRequest,
  tools: InstallTools,
  converts: boolean,
  token: CancellationToken,
): Promise<Downloaded> {
  const { env, cachePath, log, timers = systemTimers } = tools;
  const accessToken = request.accessToken ?? (await findToken({ env, homePath: os.homedir() }));
  let waiting: string | undefined;
  let last: DownloadProgress = { phase: 'list', doneBytes: 0, totalBytes: 0 };
  const show = () => {
    const part = last.totalBytes === 0 ? 0 : last.doneBytes / last.totalBytes;
    tools.onProgress(part * (converts ? DOWNLOAD_PART : 1), describeDownload({ ...last, waiting }));
  };
  const hub = new Hub({
    endpoint: hubEndpoint(env),
    http: new HttpClient(proxyFrom(env, request.proxyUrl), timers),
    timers,
    now: () => Date.now(),
    accessToken,
    onWait(waitMs, reason) {
      log('warn', 'server.models', `${reason} The next try is in ${waitMs / 1000} s.`);
      waiting = l10n.t('waiting {0} s: {1}', Math.ceil(waitMs / 1000), reason);
      show();
    },
  });
  return download({
    id: request.id,
    revision: request.revision,
    folder: request.folder,
    reserve: converts ? bytes => bytes * CONVERTED_PART[request.weights] : undefined,
  }, {
    hub,
    cachePath,
    timers,
    freeBytes: tools.freeBytes ?? freeBytes,
    onProgress(progress) {
      if (progress.doneBytes !== last.doneBytes) waiting = undefined;
      last = progress;
      show();
    },
  }, token);
}

/** Lets the host convert into its cache, where runs look for it, and answer once. */
async function warmUp(
  folder: string,
  { weights, attention, device }: InstallRequest,
  host: HostAccess,
  onProgress: (progress: RunProgress) => void,
  token: CancellationToken,
): Promise<void> {
  const temporary = await mkdtemp(path.join(os.tmpdir(), 'paligemma-'));
  try {
    const imagePath = path.join(temporary, 'pixel.png');
    await writeFile(imagePath, Buffer.from(PIXEL_PNG, 'base64'));
    await host.use(
      client =>
        client.generate(
          {
            model: { path: folder, weights, device, attention },
            imagePath,
            prefix: 'caption en',
            maxNewTokens: 1,
            locDivisor: DEFAULT_LOC_DIVISOR,
          },
          onProgress,
          token,
        ),
      token,
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Puts the converted folder in the place of the checkpoint; until then the checkpoint stays whole. */
async function replaceByConversion(
  { folder, record }: Downloaded,
  { weights, attention }: InstallRequest,
  { host }: InstallTools,
  onProgress: (progress: RunProgress) => void,
  token: CancellationToken,
): Promise<ConvertResult> {
  const outPath = `${folder}${PARTIAL_SUFFIX}-converted`;
  const oldPath = `${folder}${PARTIAL_SUFFIX}-source`;
  await rm(outPath, { recursive: true, force: true });
  await rm(oldPath, { recursive: true, force: true });
  const result = await host.use(
    client => client.convert({ sourcePath: folder, outPath, weights, attention }, onProgress, token),
    token,
  );
  await writeAtomically(
    path.join(outPath, RECORD_FILE),
    `${JSON.stringify({ ...record, files: [], isSourceDeleted: true }, undefined, 1)}\n`,
  );
  await rename(folder, oldPath);
  await rename(outPath, folder);
  await rm(oldPath, { recursive: true, force: true });
  return result;
}
