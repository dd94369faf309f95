import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';

/** A failed write as a failure of the table: disk full, or a folder that cannot be written. */
export function writeFailure(file: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Failure(
      'diskFull',
      l10n.t(
        'The disk is full: {0} could not be written. Free some space, or set PALIGEMMA_CACHE to a folder on a larger disk.',
        file,
      ),
      { cause: error },
    );
  }
  return new Failure(
    'cacheUnwritable',
    l10n.t(
      '{0} cannot be written ({1}). Check the permissions of the folder, or set PALIGEMMA_CACHE to a writable folder.',
      file,
      message,
    ),
    { cause: error },
  );
}
