/** Files of a batch on the disk: whole or not there, whatever ends the process. */
import { randomBytes } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { copyFile, constants, link, lstat, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../paligemma/src/errorCode';
import { makeFolder } from '../../system/src/makeFolder';
import { openPlainFile, openPlainFileToChange, openPlainFileToWrite, readPlainFile } from '../../system/src/plainFile';

/** `kept`: a file came into being meanwhile, and was left as it is. */
export type WriteOutcome = 'written' | 'kept';

/** What a file is called until it is whole: the process that writes it, and what no other file of it is called. */
const partialEnding = /\.partial-(\d+)-[0-9a-f]{8}$/;

export function partialOf(filePath: string): string {
  return `${filePath}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** A file that the system did not let be read or written. */
export class RefusedFile extends Error {
  override readonly name = 'RefusedFile';
  /** Such as `ENOSPC`; undefined where it is none of the file system. */
  readonly code: string | undefined;

  constructor(readonly filePath: string, cause: unknown) {
    super(`${filePath}: ${String(cause)}`, { cause });
    this.code = errorCode(cause);
  }
}

async function on<T>(filePath: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof RefusedFile ? error : new RefusedFile(filePath, error);
  }
}

/** Whether something has this name, be it a link that leads nowhere. */
export function isThere(filePath: string): boolean {
  try {
    return lstatSync(filePath, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A part of the way to it is a file.
    return false;
  }
}

export function isFolder(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Makes a file of this content that nobody sees half-written, and the folders above it. A link of its name is replaced,
 * never followed.
 * @param replaces False: what is there stays. @param isPrivate Only its owner can read it, and folders that are made.
 * @throws RefusedFile, with nothing left behind.
 */
export function placeFile(
  filePath: string,
  content: string | Uint8Array | Iterable<string> | AsyncIterable<string>,
  replaces: boolean,
  isPrivate = false,
): Promise<WriteOutcome> {
  return placeWhole(filePath, replaces, async partial => {
    await makeFolder(path.dirname(filePath), isPrivate ? 0o700 : undefined);
    await writeFile(partial, content, { flag: 'wx', ...(isPrivate ? { mode: 0o600 } : {}) });
  });
}

/** A copy of a file, in the same way. @throws RefusedFile, with nothing left behind. */
export function placeCopy(from: string, filePath: string, replaces: boolean): Promise<WriteOutcome> {
  return placeWhole(filePath, replaces, async partial => {
    await makeFolder(path.dirname(filePath));
    await copyFile(from, partial, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  });
}

/** @param make Makes the file under the name that it has until it is whole. */
function placeWhole(
  filePath: string,
  replaces: boolean,
  make: (partial: string) => Promise<void>,
): Promise<WriteOutcome> {
  return on(filePath, async () => {
    const partial = partialOf(filePath);
    try {
      await make(partial);
      if (!replaces) return await isMoved(partial, filePath) ? 'written' : 'kept';
      await rename(partial, filePath);
      return 'written';
    } finally {
      await rm(partial, { force: true });
    }
  });
}

/** Gives the file a second name where that is free; where the file system knows no such thing, a copy. */
async function isMoved(partial: string, filePath: string): Promise<boolean> {
  try {
    await link(partial, filePath);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
  }
  try {
    await copyFile(partial, filePath, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The same for a file that a person named: where it is a link, the file behind it is replaced. */
export async function replaceNamedFile(
  filePath: string,
  content: string | Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  await placeFile(await realpath(filePath).catch(() => filePath), content, true);
}

/** Takes a link away that stands where a file of our own is to grow: whoever put it there chose what it leads to. */
export async function removeLink(filePath: string): Promise<void> {
  const info = await lstat(filePath).catch(() => undefined);
  if (info?.isSymbolicLink() === true) await removeFile(filePath);
}

/** Removes a file, or a link of its name, where there is one. @throws RefusedFile */
export function removeFile(filePath: string): Promise<void> {
  return on(filePath, () => rm(filePath, { force: true }));
}

/** Adds a text to the end of a file, or makes it of it. @throws RefusedFile, with the file as it was. */
export function addText(filePath: string, text: string): Promise<void> {
  return on(filePath, async () => {
    const isNew = !isThere(filePath);
    const file = await openPlainFileToWrite(filePath, 'append');
    try {
      const { size } = await file.stat();
      try {
        await file.writeFile(text);
      } catch (error) {
        await file.truncate(size).catch(() => undefined);
        if (isNew) await rm(filePath, { force: true }).catch(() => undefined);
        throw error;
      }
    } finally {
      await file.close();
    }
  });
}

/** The last line of a file begins in its last so many bytes, or is none of ours. */
const LONGEST_LINE_BYTES = 1 << 20;

/**
 * Ends the last line of a file, where it has no end: a person may have left it out. One that {@link isCut} calls cut
 * off, as a process leaves it that was killed while it wrote, is taken away.
 * @throws RefusedFile
 */
export function endLastLine(filePath: string, isCut: (line: string) => boolean): Promise<void> {
  return on(filePath, async () => {
    const { size } = await stat(filePath).catch(() => ({ size: 0 }));
    if (size === 0) return;
    const file = await openPlainFileToChange(filePath);
    try {
      const tail = await readEnd(file, size, LONGEST_LINE_BYTES);
      if (tail.at(-1) === 0x0a) return;
      const begin = tail.lastIndexOf(0x0a) + 1;
      const isWhole = begin > 0 || tail.length === size;
      if (isWhole && isCut(tail.subarray(begin).toString('utf8'))) await file.truncate(size - (tail.length - begin));
      else await file.write('\n', size);
    } finally {
      await file.close();
    }
  });
}

async function readEnd(file: FileHandle, size: number, most: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.min(size, most));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
  return buffer.subarray(0, bytesRead);
}

/** Larger files are none that a batch wrote. */
const MOST_BYTES = 256 << 20;

/**
 * A text file; undefined where nothing has its name.
 * @throws RefusedFile also for a pipe or a device, which are not opened, and for more than 256 MB.
 */
export function readText(filePath: string): Promise<string | undefined> {
  return on(filePath, async () => {
    try {
      return (await readPlainFile(filePath, MOST_BYTES)).toString('utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}

/** Bytes of one read, and characters of the longest line that is taken for one. */
const PIECE_BYTES = 1 << 20;
const LONGEST_LINE = 64 << 20;

/**
 * The lines of a text file of any length, but for a last one without an end; none where nothing has its name.
 * @throws RefusedFile also for a pipe or a device, which are not opened, and for a line that a batch does not write.
 */
export function eachLine(filePath: string, take: (line: string) => void): Promise<void> {
  return on(filePath, async () => {
    if (!isThere(filePath)) return;
    const file = await openPlainFile(filePath);
    try {
      const [piece, decoder] = [Buffer.alloc(PIECE_BYTES), new TextDecoder()];
      let rest = '';
      for (;;) {
        const { bytesRead } = await file.read(piece);
        if (bytesRead === 0) return;
        const lines = (rest + decoder.decode(piece.subarray(0, bytesRead), { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) take(line);
        if (rest.length > LONGEST_LINE) throw new Error('It holds a line of more than 64 million characters.');
      }
    } finally {
      await file.close();
    }
  });
}

/** Removes what processes that were killed left of files with these names. Never rejects. */
export async function sweepPartials(filePaths: readonly string[]): Promise<void> {
  const names = new Map<string, Set<string>>();
  for (const filePath of filePaths) {
    const folder = path.dirname(filePath);
    const inFolder = names.get(folder) ?? new Set();
    names.set(folder, inFolder.add(path.basename(filePath)));
  }
  for (const [folder, own] of names) {
    for (const name of await readdir(folder).catch(() => [])) {
      const [ending, pid] = partialEnding.exec(name) ?? [];
      if (ending === undefined || !own.has(name.slice(0, -ending.length)) || isAlive(Number(pid))) continue;
      await rm(path.join(folder, name), { force: true }).catch(() => undefined);
    }
  }
}

/** Whether a process of this machine has the number. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
