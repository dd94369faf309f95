import * as l10n from '@vscode/l10n';
import { RefusedFile } from '../../../../batch/src/disk';
import { Failure } from '../../../../paligemma/src/failures';
import { CancelledError } from '../../util/cancellation';

/**
 * What ended the writing of a file, for a person. A file that is written while another one is read ends with what reading met, too.
 * @returns The error itself where it is none of writing.
 */
export function unwrittenFile(error: unknown): unknown {
  if (!(error instanceof RefusedFile)) return error;
  const { filePath, code, cause } = error;
  if (cause instanceof Failure || cause instanceof CancelledError || code === undefined) return cause;
  return new Failure('fileUnwritable', l10n.t('“{0}” cannot be written ({1}).', filePath, code), { cause: error });
}
