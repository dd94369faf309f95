/** Identity of a picture: the hash of its bytes, read once for as long as its file is not written. */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc/node';
import { isPdfStart, pageIdentity, pageOfFile } from '../../../paligemma/src/documentPages';
import { Failure } from '../../../paligemma/src/failures';
import { checkPictureFile, MOST_PICTURE_BYTES, unreadPicture } from '../../../paligemma/src/pictureFiles';
import { FileRefused, plainFileBlocks } from '../../../system/src/plainFile';
import { orCancelled, throwIfCancelled } from '../util/cancellation';
import { errorCode } from '../util/files';
import { fileStamp } from '../workspace/filePaths';

export interface PictureHash {
  /** SHA-256 of the file's bytes, hexadecimal; of a page, see `pageIdentity`. */
  readonly sha256: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** Equal for as long as the file is not written: size, times and file number. */
  readonly stamp: string;
}

interface FileHash {
  readonly hash: PictureHash;
  readonly isPdf: boolean;
}

interface Reading {
  readonly stamp: string;
  /** False where the file was written so recently that it could be written again without its stamp changing. */
  readonly isSure: boolean;
  readonly hash: Promise<FileHash>;
  /** Who waits for it; where nobody is left before it is read, it is given up. */
  waiting: number;
  isRead: boolean;
  readonly source: CancellationTokenSource;
}

const MOST_KNOWN = 20_000;
/** Clocks of file systems tick as seldom as every two seconds (FAT). */
const COARSE_MS = 3000;

export class PictureHashes {
  /** By path, least recently asked first. */
  private readonly known = new Map<string, Reading>();

  /** `now`: milliseconds since 1970, as the file system counts them. */
  constructor(private readonly now: () => number = Date.now) {}

  /**
   * Also the first look at whether the picture can be read at all.
   * @throws Failure `imageMissing`, `imageUnsupported` (a folder, a pipe), `imageUnreadable`, `imageEmpty`,
   *   `imageTooLarge`; CancelledError.
   */
  async of(imagePath: string, token: CancellationToken): Promise<PictureHash> {
    const { file, page } = pageOfFile(imagePath);
    const { isPdf, hash } = await this.ofFile(file, token);
    const identity = pageIdentity(hash.sha256, page, isPdf);
    return identity === undefined ? hash : { ...hash, sha256: createHash('sha256').update(identity).digest('hex') };
  }

  private async ofFile(imagePath: string, token: CancellationToken): Promise<FileHash> {
    throwIfCancelled(token);
    const info = await lookAt(imagePath);
    const reading = this.readingOf(imagePath, info);
    reading.waiting++;
    try {
      return await orCancelled(reading.hash, token);
    } finally {
      if (--reading.waiting === 0 && !reading.isRead) this.giveUp(imagePath, reading);
    }
  }

  private readingOf(imagePath: string, info: Stats): Reading {
    const stamp = fileStamp(info);
    const before = this.known.get(imagePath);
    // One under way is shared: it began after the file looked like this.
    const isGood = before?.stamp === stamp && (before.isSure || before.waiting > 0);
    const reading = isGood ? before : this.begin(imagePath, info, stamp);
    this.known.delete(imagePath);
    this.known.set(imagePath, reading);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    return reading;
  }

  private begin(imagePath: string, info: Stats, stamp: string): Reading {
    const source = new CancellationTokenSource();
    const { token } = source;
    const reading: Reading = {
      stamp,
      isSure: this.now() - Math.max(info.mtimeMs, info.ctimeMs) > COARSE_MS,
      waiting: 0,
      isRead: false,
      source,
      hash: read(imagePath, token).then(({ isPdf, sha256 }) => ({ isPdf, hash: { sha256, bytes: info.size, stamp } })),
    };
    reading.hash.then(() => (reading.isRead = true), () => this.giveUp(imagePath, reading));
    return reading;
  }

  private giveUp(imagePath: string, reading: Reading): void {
    reading.source.cancel();
    if (this.known.get(imagePath) === reading) this.known.delete(imagePath);
  }
}

async function lookAt(imagePath: string): Promise<Stats> {
  try {
    const info = await stat(imagePath);
    checkPictureFile(imagePath, info);
    return info;
  } catch (error) {
    throw pictureError(imagePath, error);
  }
}

async function read(
  imagePath: string,
  token: CancellationToken,
): Promise<{ readonly sha256: string; readonly isPdf: boolean }> {
  try {
    const hash = createHash('sha256');
    let isPdf: boolean | undefined;
    for await (const block of plainFileBlocks(imagePath, MOST_PICTURE_BYTES)) {
      throwIfCancelled(token);
      isPdf ??= isPdfStart(block);
      hash.update(block);
    }
    return { sha256: hash.digest('hex'), isPdf: isPdf === true };
  } catch (error) {
    throw pictureError(imagePath, error);
  }
}

function pictureError(imagePath: string, error: unknown): unknown {
  if (error instanceof FileRefused) return new Failure('imageUnsupported', error.message, { cause: error });
  const code = errorCode(error);
  return code === undefined ? error : unreadPicture(imagePath, code, error);
}
