import * as l10n from '@vscode/l10n';
import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';

/**
 * Writes a file whole or not at all: into a new file beside it, then renamed over it. A file of that name is replaced.
 * @throws Failure `diskFull`, `fileUnwritable`; DOMException `AbortError`. Nothing is left behind.
 */
export async function writeAtomically(file: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    signal?.throwIfAborted();
    await writeFile(temporary, bytes, { flag: 'wx', ...(signal && { signal }) });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Failure(
        'diskFull',
        l10n.t('There is no room on the disk for “{0}”. Free some space, then try again.', file),
        {
          cause: error,
        },
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure(
        'fileUnwritable',
        l10n.t('The folder of “{0}” does not exist. Create it, or choose another one.', file),
        { cause: error },
      );
    case 'EISDIR':
      return new Failure('fileUnwritable', l10n.t('“{0}” is a folder. Choose a file name in it.', file), {
        cause: error,
      });
    default:
      return new Failure(
        'fileUnwritable',
        l10n.t(
          '“{0}” cannot be written ({1}). Check the folder’s permissions, or choose another one.',
          file,
          code ?? String(error),
        ),
        { cause: error },
      );
  }
}
