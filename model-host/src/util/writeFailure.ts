import { HostError } from '../../../paligemma/src/failures';

/** A failed write as a failure of the table: disk full, or a folder that cannot be written. */
export function writeFailure(file: string, error: unknown): HostError {
  if (error instanceof HostError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new HostError(
      'diskFull',
      `The disk is full while writing ${file}. Free some space, or set PALIGEMMA_CACHE to a folder on a larger disk.`,
      { cause: error },
    );
  }
  return new HostError(
    'cacheUnwritable',
    `${file} cannot be written (${message}). Check the permissions of the folder, or set PALIGEMMA_CACHE to a folder that can be written.`,
    { cause: error },
  );
}
