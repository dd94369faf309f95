/** Why a file of a data set cannot be read, in one sentence. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../../paligemma/src/failures';
import { FileRefused } from '../../../../system/src/plainFile';
import { errorCode } from '../../util/files';

/** What `items` gives. @throws Failure `fileUnreadable` in the place of the system's errors. */
export async function* readable<T>(items: AsyncIterable<T>, file: string): AsyncGenerator<T, void, void> {
  try {
    yield* items;
  } catch (error) {
    throw unreadable(error, file);
  }
}

/** @returns The error itself where it is none of reading. */
export function unreadable(error: unknown, file: string): unknown {
  if (error instanceof FileRefused) return new Failure('fileUnreadable', error.message, { cause: error });
  const code = errorCode(error);
  if (code === undefined) return error;
  return new Failure(
    'fileUnreadable',
    code === 'ENOENT'
      ? l10n.t('There is no file {0}. Check the path.', file)
      : l10n.t('The file {0} cannot be read ({1}). Check the path and its permissions.', file, code),
    { cause: error },
  );
}

/** A file that is not what it should be. */
export function notOfForm(file: string, what: string): Failure {
  return new Failure('fileUnreadable', l10n.t('{0} cannot be read as a data set: {1}', file, what));
}
