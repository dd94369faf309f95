/**
 * Opens files that anybody may have made: never a pipe, a device or a socket, which wait for their other end or have
 * none, and never reads more than a file of its kind has.
 */
import * as l10n from '@vscode/l10n';
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { parseShallow } from '../../paligemma/src/shallowJson';
import { whileOpen } from './descriptors';

/** Why a file is not read: a sentence that names it. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
}

/** A pipe that took the place of a file after it was looked at is opened without waiting for its writer. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;
/** One call reads no more, so that a cancel is heard. */
const PIECE_BYTES = 1 << 26;
const LEAST_BYTES = 4096;
const BLOCK_BYTES = 1 << 20;

/** What happens to the content that a file has already. */
export type WriteMode = 'append' | 'replace';

const writing: Readonly<Record<WriteMode, number>> = { append: constants.O_APPEND, replace: constants.O_TRUNC };

/**
 * The file, opened for reading; close it. @throws FileRefused for what is no file or has more than `mostBytes`; the
 * error of the file system.
 */
export async function openPlainFile(file: string, mostBytes = Infinity): Promise<FileHandle> {
  // Before opening: some devices do something when they are opened.
  check(file, await stat(file), mostBytes);
  return checked(file, await open(file, READ), mostBytes);
}

/**
 * The file, opened for writing, and made where there is none; close it. @throws FileRefused; the error of the file
 * system.
 */
export async function openPlainFileToWrite(file: string, mode: WriteMode): Promise<FileHandle> {
  const there = await stat(file).catch(() => undefined);
  if (there !== undefined) check(file, there, Infinity);
  return checked(file, await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK | writing[mode]));
}

/** Something else may have taken the place of the file between the two looks: then it is closed. */
async function checked(file: string, handle: FileHandle, mostBytes = Infinity): Promise<FileHandle> {
  try {
    check(file, await handle.stat(), mostBytes);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The file that is there, opened to be read and changed; close it. @throws as {@link openPlainFile}. */
export async function openPlainFileToChange(file: string): Promise<FileHandle> {
  check(file, await stat(file), Infinity);
  return checked(file, await open(file, constants.O_RDWR | constants.O_NONBLOCK));
}

/**
 * A new file, opened for writing; close it. @param mode Default: as the system has it.
 * @throws the error of the file system, `EEXIST` for one that is there.
 */
export async function openNewFile(file: string, mode?: number): Promise<FileHandle> {
  return open(file, 'wx', mode);
}

/** Writes a text, or bytes, into a file. @throws as {@link openPlainFileToWrite}. */
export async function writePlainFile(file: string, content: string | Uint8Array, mode: WriteMode): Promise<void> {
  const handle = await openPlainFileToWrite(file, mode);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

/** The same as {@link openPlainFile} at once, as a number. @throws as there. */
export function openPlainFileSync(file: string): number {
  check(file, statSync(file), Infinity);
  const handle = openSync(file, READ);
  try {
    check(file, fstatSync(handle), Infinity);
    return handle;
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

/** @throws as {@link openPlainFile}. */
export async function checkPlainFile(file: string, mostBytes: number): Promise<void> {
  check(file, await stat(file), mostBytes);
}

/** The whole file. @throws as {@link openPlainFile}; the reason of `signal`. */
export async function readPlainFile(file: string, mostBytes: number, signal?: AbortSignal): Promise<Buffer> {
  return whileOpen(
    () => openPlainFile(file, mostBytes),
    handle => readAll(handle, file, mostBytes, signal),
  );
}

/** The whole file as UTF-8; undefined where it is not there or cannot be read. Never throws. */
export async function readPlainText(file: string, mostBytes: number): Promise<string | undefined> {
  return readPlainFile(file, mostBytes).then(bytes => bytes.toString('utf8'), () => undefined);
}

/** The value of a JSON file; undefined where it is none, is nested without end, or cannot be read. Never throws. */
export async function readPlainJson(file: string, mostBytes: number): Promise<unknown> {
  try {
    return parseShallow(await readPlainText(file, mostBytes) ?? '');
  } catch {
    return undefined;
  }
}

/** The first `bytes` of a file, fewer where it is shorter; undefined where it cannot be read. Never throws. */
export async function readStart(file: string, bytes: number): Promise<Buffer | undefined> {
  return readPart(file, bytes, () => 0);
}

/** The last `bytes` of a file, likewise. */
export async function readEnd(file: string, bytes: number): Promise<Buffer | undefined> {
  return readPart(file, bytes, size => Math.max(0, size - bytes));
}

async function readPart(
  file: string,
  bytes: number,
  startIn: (size: number) => number,
): Promise<Buffer | undefined> {
  try {
    return await whileOpen(() => openPlainFile(file), async handle => {
      const start = startIn((await handle.stat()).size);
      const buffer = Buffer.alloc(bytes);
      let filled = 0;
      while (filled < bytes) {
        const { bytesRead } = await handle.read(buffer, filled, bytes - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    });
  } catch {
    return undefined;
  }
}

/**
 * The content in pieces, for files that should not lie in memory at once. @throws as {@link openPlainFile}, and what
 * reading throws.
 */
export async function* plainFileBlocks(file: string, mostBytes = Infinity): AsyncGenerator<Buffer, void, void> {
  for await (const block of await plainFileStream(file, mostBytes)) yield block as Buffer;
}

/** The same as a stream, which closes the file, also where it is not read to the end. @throws as {@link openPlainFile}. */
export async function plainFileStream(file: string, mostBytes = Infinity): Promise<Readable> {
  return (await openPlainFile(file, mostBytes)).createReadStream({ highWaterMark: BLOCK_BYTES });
}

interface FileFacts {
  readonly size: number;
  isFile(): boolean;
}

function check(file: string, info: FileFacts, mostBytes: number): void {
  if (!info.isFile()) throw new FileRefused(l10n.t('{0} is a folder, a device or a pipe, not a file.', file));
  if (info.size > mostBytes) throw tooLong(file, info.size);
}

function tooLong(file: string, bytes: number): FileRefused {
  return new FileRefused(l10n.t('{0} has {1} bytes, far more than such a file has.', file, bytes));
}

/** What a file says of its size is a promise only: it may grow while it is read, and those of Linux’ `/proc` say 0. */
async function readAll(
  handle: FileHandle,
  file: string,
  mostBytes: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const { size } = await handle.stat();
  const room = (bytes: number) => Buffer.allocUnsafeSlow(Math.min(bytes, mostBytes) + 1);
  let bytes = room(Math.max(size, LEAST_BYTES));
  let filled = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, filled, Math.min(bytes.length - filled, PIECE_BYTES));
    if (bytesRead === 0) return bytes.subarray(0, filled);
    filled += bytesRead;
    if (filled > mostBytes) throw tooLong(file, filled);
    if (filled < bytes.length) continue;
    const larger = room(2 * bytes.length);
    bytes.copy(larger);
    bytes = larger;
  }
}
