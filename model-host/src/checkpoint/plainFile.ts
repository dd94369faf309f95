/**
 * Reads files of a model folder, which anybody may have made: never a pipe that has no end, never more than a file of
 * its kind has.
 */
import * as l10n from '@vscode/l10n';
import { readFile, stat } from 'node:fs/promises';

/** Why a file is not read: a sentence that names it. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
}

/** @throws FileRefused for what is no file or is too long; the error of the file system. */
export async function checkPlainFile(file: string, maxBytes: number): Promise<void> {
  // Before opening: opening a pipe would wait for its writer.
  const info = await stat(file);
  if (!info.isFile()) throw new FileRefused(l10n.t('{0} is a folder, a device or a pipe, not a file.', file));
  if (info.size > maxBytes) {
    throw new FileRefused(l10n.t('{0} has {1} bytes, far more than such a file has.', file, info.size));
  }
}

/** The whole file. @throws as {@link checkPlainFile}. */
export async function readPlainFile(file: string, maxBytes: number): Promise<Buffer> {
  await checkPlainFile(file, maxBytes);
  return readFile(file);
}
