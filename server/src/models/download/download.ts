/** From the name of a repository to a checkpoint on the disk: whole, verified, or not there at all. */
import * as l10n from '@vscode/l10n';
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import { makeFolder } from '../../../../system/src/makeFolder';
import { readPlainFile } from '../../../../system/src/plainFile';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { writeAtomically } from '../../util/files';
import type { Timers } from '../../util/timers';
import { checkConfig, checkpointFiles, filesOfIndex, isConfig } from './checkpointFiles';
import { CONFIG_FILE, INDEX_FILE } from '../../../../paligemma/src/folderContents';
import { downloadFailure, noSpace, RepositoryChanged } from './downloadFailures';
import { downloadFile } from './downloadFile';
import { DownloadRate, type DownloadProgress } from './downloadRate';
import { folderName, readRecord, RECORD_FILE, type DownloadRecord } from '../folders/downloadRecord';
import type { Hub, Repository } from './hub';
import type { HubFile } from '../folders/hubFile';
import { PARTIAL_SUFFIX, PartialFolder } from '../folders/partialFolder';

export interface DownloadRequest {
  readonly id: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** Absolute; default: the place of the repository in `<cache>/models`. */
  readonly folder?: string | undefined;
  /** Bytes to be kept free beyond the download, for a checkpoint of this size. */
  readonly reserve?: ((checkpointBytes: number) => number) | undefined;
}

export interface DownloadTools {
  readonly hub: Hub;
  readonly cachePath: string;
  readonly timers: Timers;
  /** Free bytes for this user on the disk of a folder. */
  readonly freeBytes: (folder: string) => Promise<number>;
  readonly onProgress: (progress: DownloadProgress) => void;
}

export interface Downloaded {
  /** Absolute. */
  readonly folder: string;
  readonly record: DownloadRecord;
  /** True where it was there already. */
  readonly wasThere: boolean;
}

/** Files at a time. One connection rarely fills a line; more than three gain nothing and look like an attack. */
const STREAMS = 3;
/** How often the list is read anew because the repository changes under the download. */
const MAX_LISTS = 3;

/**
 * @throws Failure of the table (AccessRefused where the licence is missing); CancelledError, with what came so far
 * kept.
 */
export async function download(
  request: DownloadRequest,
  tools: DownloadTools,
  token: CancellationToken,
): Promise<Downloaded> {
  const { id, revision } = request;
  checkName(id, revision);
  const folder = request.folder ?? path.join(tools.cachePath, 'models', folderName(id, revision));
  try {
    const installed = await readRecord(folder);
    if (installed !== undefined && installed.id === id && installed.revision === revision) {
      return { folder, record: installed, wasThere: true };
    }
    await checkTarget(folder);
    return await downloadTo(folder, request, tools, token);
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    if (error instanceof RepositoryChanged) {
      throw new Failure(
        'weightsMissing',
        l10n.t('{0} is being changed on the server right now. {1} Try again in a few minutes.', id, error.message),
        { cause: error },
      );
    }
    throw downloadFailure(error, folder);
  }
}

async function downloadTo(
  folder: string,
  request: DownloadRequest,
  tools: DownloadTools,
  token: CancellationToken,
): Promise<Downloaded> {
  const { id, revision } = request;
  for (let lists = 1;; lists++) {
    tools.onProgress({ phase: 'list', doneBytes: 0, totalBytes: 0 });
    // Before a folder is made: most refusals end here and leave nothing behind.
    const repository = await tools.hub.repository(id, revision, token);
    const files = checkpointFiles(repository);
    const partialPath = `${folder}${PARTIAL_SUFFIX}`;
    await makeFolder(partialPath);
    const partial = await PartialFolder.take(partialPath);
    try {
      const record = await fill({ partial, repository, files, request, tools }, token);
      await rmdir(folder).catch(() => undefined);
      await rename(partialPath, folder);
      return { folder, record, wasThere: false };
    } catch (error) {
      // A repository that will never do leaves nothing behind.
      if (error instanceof Failure && /^model/.test(error.reason)) {
        await rm(partialPath, { recursive: true, force: true });
      }
      if (!(error instanceof RepositoryChanged) || lists >= MAX_LISTS) throw error;
    } finally {
      await partial.release();
    }
  }
}

interface Filling {
  readonly partial: PartialFolder;
  readonly repository: Repository;
  /** Files that may be needed; the index of the weights says which are. */
  readonly files: readonly HubFile[];
  readonly request: DownloadRequest;
  readonly tools: DownloadTools;
}

/** Bytes of all files together, told at every block. */
class FillProgress {
  private readonly done = new Map<string, number>();
  private readonly rate: DownloadRate;

  constructor(private readonly tools: DownloadTools, public totalBytes: number) {
    this.rate = new DownloadRate(() => tools.timers.now());
  }

  report({ name }: HubFile, bytes: number): void {
    this.done.set(name, bytes);
    const { totalBytes } = this;
    const doneBytes = [...this.done.values()].reduce((all, each) => all + each, 0);
    this.tools.onProgress({
      phase: doneBytes === totalBytes ? 'check' : 'download',
      doneBytes,
      totalBytes,
      ...this.rate.measure(doneBytes, totalBytes),
    });
  }
}

async function fill(
  { partial, repository, files: listed, request, tools }: Filling,
  token: CancellationToken,
): Promise<DownloadRecord> {
  const { hub } = tools;
  const { id } = repository;
  const progress = new FillProgress(tools, sum(listed));
  const hashes = new Map<string, string>();
  const fetchOne = async (file: HubFile, ownToken: CancellationToken) => {
    const onProgress = (bytes: number) => progress.report(file, bytes);
    hashes.set(file.name, await downloadFile({ hub, repository, file, folder: partial, onProgress }, ownToken));
  };
  const text = async (name: string) => {
    const file = listed.find(candidate => candidate.name === name);
    if (file === undefined) return undefined;
    await fetchOne(file, token);
    return (await readPlainFile(partial.pathOf(file), file.bytes)).toString('utf8');
  };
  checkConfig(id, (await text(CONFIG_FILE)) ?? '');
  const files = filesOfIndex(id, listed, await text(INDEX_FILE));
  progress.totalBytes = sum(files);
  await checkSpace(partial, files, request, tools);
  await inParallel(files.filter(file => !isConfig(file)), fetchOne, token);
  await partial.tidy(files);
  const record: DownloadRecord = {
    formatVersion: 1,
    id,
    revision: repository.revision,
    commit: repository.commit,
    endpoint: hub.endpoint.origin,
    files: files.map(({ name, bytes }) => ({ name, bytes, sha256: hashes.get(name) ?? '' })),
  };
  await writeAtomically(path.join(partial.path, RECORD_FILE), `${JSON.stringify(record, undefined, 1)}\n`);
  return record;
}

/** @throws Failure diskFull, before gigabytes are on their way. */
async function checkSpace(
  partial: PartialFolder,
  files: readonly HubFile[],
  { reserve }: DownloadRequest,
  { freeBytes }: DownloadTools,
): Promise<void> {
  const total = sum(files);
  let here = 0;
  for (const file of files) {
    here += (await partial.verified(file)) !== undefined
      ? file.bytes
      : (await partial.part(file)).bytes;
  }
  const conversion = reserve?.(total) ?? 0;
  const free = await freeBytes(partial.path);
  if (total - here + conversion > free) throw noSpace(path.dirname(partial.path), total - here, free, conversion);
}

/** The first failure ends the others, and is thrown when all have ended: nothing writes to the folder afterwards. */
async function inParallel(
  files: readonly HubFile[],
  work: (file: HubFile, token: CancellationToken) => Promise<void>,
  token: CancellationToken,
): Promise<void> {
  throwIfCancelled(token);
  const source = new CancellationTokenSource();
  const subscription = token.onCancellationRequested(() => source.cancel());
  const waiting = [...files];
  const failures: unknown[] = [];
  const stream = async () => {
    for (let file = waiting.shift(); file !== undefined && failures.length === 0; file = waiting.shift()) {
      try {
        await work(file, source.token);
      } catch (error) {
        failures.push(error);
        source.cancel();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: STREAMS }, stream));
  } finally {
    subscription.dispose();
  }
  throwIfCancelled(token);
  if (failures.length > 0) throw failures[0];
}

/** @throws Failure badArgument. Source: huggingface_hub, `validate_repo_id`. */
function checkName(id: string, revision: string): void {
  const isName = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(id) && id.length <= 96 && !/--|\.\./.test(id)
    && !/[-.]$/.test(id);
  if (!isName) {
    throw new Failure(
      'badArgument',
      l10n.t(
        '{0} is not the name of a repository, such as google/paligemma2-3b-mix-448. “paligemma models list --all” shows the published checkpoints.',
        JSON.stringify(id),
      ),
    );
  }
  const isRevision = /^[\w][\w./-]{0,200}$/.test(revision) && !revision.includes('..');
  if (!isRevision) {
    throw new Failure(
      'badArgument',
      l10n.t(
        '{0} is not the name of a version: a branch, a tag or a commit is needed, for example main.',
        JSON.stringify(revision),
      ),
    );
  }
}

/** @throws Failure `folderTaken` where something else lies there. */
async function checkTarget(folder: string): Promise<void> {
  const info = await stat(folder).catch(() => undefined);
  if (info === undefined) return;
  const isEmpty = info.isDirectory() && (await readdir(folder)).length === 0;
  if (!isEmpty) {
    throw new Failure(
      'folderTaken',
      l10n.t(
        '{0} is there already and was not downloaded as this version of this model. Remove it, or choose another place with --to FOLDER.',
        folder,
      ),
    );
  }
}

function sum(files: readonly HubFile[]): number {
  return files.reduce((bytes, file) => bytes + file.bytes, 0);
}
