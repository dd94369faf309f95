/** One file of a repository, from wherever it broke off to verified on the disk. */
import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { rm, truncate } from 'node:fs/promises';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { openPlainFileToWrite } from '../../../../system/src/plainFile';
import { throwIfCancelled } from '../../util/cancellation';
import { hashMismatch, unexpected } from './downloadFailures';
import { hashFor, readInto } from './digests';
import { withSignal, type Hub, type Repository } from './hub';
import type { HubFile } from '../folders/hubFile';
import { ConnectionFailure } from './hubHttp';
import type { PartialFolder } from '../folders/partialFolder';

export interface FileDownload {
  readonly hub: Hub;
  readonly repository: Repository;
  readonly file: HubFile;
  readonly folder: PartialFolder;
  /** Bytes of this file that are on the disk. */
  readonly onProgress: (bytes: number) => void;
}

/** A connection that delivers this much is alive: the count of tries begins anew. */
const WORTH_BYTES = 1 << 20;
/** Smaller pieces are collected: a write for each would cost more than the disk itself. */
const WRITE_BYTES = 1 << 20;

/**
 * @returns the file's SHA-256, hexadecimal.
 * @throws Failure weightsCorrupt after two whole copies with another hash; RepositoryChanged; what `hub.open` throws;
 *   CancelledError.
 */
export async function downloadFile(download: FileDownload, token: CancellationToken): Promise<string> {
  const { hub, file, folder, onProgress } = download;
  const known = await folder.verified(file);
  if (known !== undefined) {
    onProgress(file.bytes);
    return known;
  }
  for (let copies = 0; copies < 2; copies++) {
    let received = 0;
    await hub.retried(token, () =>
      withSignal(token, signal =>
        receive(download, bytes => {
          received += bytes;
        }, signal)), () => Math.floor(received / WORTH_BYTES));
    const sha256 = await verify(download, token);
    if (sha256 !== undefined) {
      await folder.finished(file, sha256);
      return sha256;
    }
    await folder.discard(file);
    onProgress(0);
  }
  throw hashMismatch(file.name, hub.endpoint.host);
}

/** Appends what is missing. */
async function receive(
  { hub, repository, file, folder, onProgress }: FileDownload,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const part = await folder.part(file);
  const partPath = folder.partOf(file);
  if (file.bytes === part.bytes && file.bytes > 0) return onProgress(file.bytes);
  const { start, etag, answer } = await hub.open(repository, file, { offset: part.bytes, etag: part.etag }, signal);
  let size = start;
  try {
    await folder.begun(file, etag);
    if (start === 0) await rm(partPath, { force: true });
    const disk = await openPlainFileToWrite(partPath, 'append');
    try {
      onProgress(size);
      for await (const block of gathered(answer.chunks())) {
        size += block.length;
        if (size > file.bytes) {
          throw unexpected(answer.url.host, l10n.t('It is larger than the {0} bytes of {1}.', file.bytes, file.name));
        }
        await disk.writeFile(block);
        onBytes(block.length);
        onProgress(size);
      }
    } finally {
      await disk.close();
    }
  } catch (error) {
    if (size > file.bytes) await truncate(partPath, 0).catch(() => undefined);
    throw error;
  } finally {
    answer.discard();
  }
  if (size < file.bytes) {
    throw new ConnectionFailure(
      l10n.t('{0} ended {1} after {2} of {3} bytes.', answer.url.host, file.name, size, file.bytes),
    );
  }
}

/** Joins small pieces; what came before a failure is handed over first. */
async function* gathered(chunks: AsyncGenerator<Buffer, void, void>): AsyncGenerator<Buffer, void, void> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes < WRITE_BYTES) continue;
      const block = Buffer.concat(waiting, bytes);
      waiting = [];
      bytes = 0;
      yield block;
    }
  } catch (error) {
    if (bytes > 0) yield Buffer.concat(waiting, bytes);
    throw error;
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}

/** @returns SHA-256 where the part is what the server promised. */
async function verify({ file, folder }: FileDownload, token: CancellationToken): Promise<string | undefined> {
  throwIfCancelled(token);
  const own = createHash('sha256');
  const { digest } = file;
  const other = digest === undefined || digest.algorithm === 'sha256'
    ? undefined
    : hashFor(digest.algorithm, file.bytes);
  if (file.bytes > 0) await readInto(other === undefined ? [own] : [own, other], folder.partOf(file), token);
  const sha256 = own.digest('hex');
  const promised = other === undefined ? sha256 : other.digest('hex');
  return digest === undefined || promised === digest.hex ? sha256 : undefined;
}
