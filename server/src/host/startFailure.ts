/** Why the system did not start the process of the model host. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';

/** @param error Of the system. @returns Failure `hostUnavailable`, with what cures it. */
export function startFailure(error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Failure('hostUnavailable', sentenceOf(code, message), { cause: error });
}

function sentenceOf(code: string | undefined, message: string): string {
  switch (code) {
    case 'EMFILE':
      return l10n.t(
        'The model host could not be started: this program may open no more files (EMFILE). Raise the limit, for example by "ulimit -n 1024", and start it again.',
      );
    case 'ENFILE':
      return l10n.t(
        'The model host could not be started: the system may open no more files (ENFILE). Close other programs, then try again.',
      );
    case 'EAGAIN':
      return l10n.t(
        'The model host could not be started: no more processes may be started (EAGAIN). Close other programs, or raise the limit (ulimit -u), then try again.',
      );
    case 'ENOMEM':
      return l10n.t(
        'The model host could not be started: memory has run out (ENOMEM). Close other programs, then try again.',
      );
    default:
      return l10n.t(
        'The model host could not be started ({0}). Try again; if it keeps happening, reinstall the extension and look at the log.',
        message,
      );
  }
}
