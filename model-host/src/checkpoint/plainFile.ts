/**
 * Reads files of a model folder, which anybody may have made: never a pipe that has no end, never more than a file of
 * its kind has.
 */
import { readFile, stat } from 'node:fs/promises';

/** Why a file is not read: a phrase that follows its name. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
}

/** @throws FileRefused for what is no file or is too long; the error of the file system. */
export async function checkPlainFile(file: string, maxBytes: number): Promise<void> {
  // Before opening: opening a pipe would wait for its writer.
  const info = await stat(file);
  if (!info.isFile()) throw new FileRefused('is a folder, a device or a pipe, not a file');
  if (info.size > maxBytes) throw new FileRefused(`has ${info.size} bytes, far more than such a file has`);
}

/** The whole file. @throws as {@link checkPlainFile}. */
export async function readPlainFile(file: string, maxBytes: number): Promise<Buffer> {
  await checkPlainFile(file, maxBytes);
  return readFile(file);
}
