/** What stands in the way of an answer's file, in words. */
import path from 'node:path';
import { Failure, type FailureReason } from '../../paligemma/src/failures';
import type { Translate } from '../../paligemma/src/translate';
import type { RefusedFile } from './disk';

/** An answer that could not be written. */
export class UnwrittenAnswer extends Failure {
  /** @param endsOthers The other answers cannot be written either. */
  constructor(reason: FailureReason, message: string, readonly endsOthers: boolean, cause: unknown) {
    super(reason, message, { cause });
  }
}

/** What any file on the disk would meet too. */
const wholeDisk: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

/** @param isSingle The file is for all answers, so it ends the others. */
export function unwritten(error: RefusedFile, isSingle: boolean, t: Translate): UnwrittenAnswer {
  const { filePath, code = '' } = error;
  const endsOthers = isSingle || wholeDisk.has(code);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = t('There is no room for “{0}”. Free some space and go on: what was written stays.', filePath);
    return new UnwrittenAnswer('diskFull', message, endsOthers, error);
  }
  // Where the system has no code, what was met says itself what it is.
  const message = code === '' && error.cause instanceof Error
    ? t('“{0}” could not be written: {1}', filePath, error.cause.message)
    : sentence(filePath, code, t);
  return new UnwrittenAnswer('fileUnwritable', message, endsOthers, error);
}

function sentence(filePath: string, code: string, t: Translate): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return t(
        '“{0}” may not be written by this user. Change the permissions of “{1}”, or choose another place.',
        filePath,
        path.dirname(filePath),
      );
    case 'EISDIR':
    case 'EEXIST':
    case 'ENOTDIR':
      return t(
        '“{0}” cannot be written: something else has its name, or a part of it. Choose another place.',
        filePath,
      );
    default:
      return t('“{0}” could not be written ({1}). Check the disk, or choose another place.', filePath, code);
  }
}
