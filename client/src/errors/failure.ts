/** What went wrong, and how a person is told. Free of the editor. */
import type { RunFailure } from '../../../paligemma/src/runResult';
import { Failure, failureTable } from '../../../paligemma/src/failures';
import type { ErrorKind, FailureReason } from '../../../paligemma/src/failures';
import { FileRefused } from '../../../system/src/plainFile';
import type { Translate } from '../../../paligemma/src/translate';

/** A failure of whatever origin, sorted by who can act on it. */
export interface ShownFailure {
  readonly kind: ErrorKind;
  /** Absent where the failure came from elsewhere than the table of the model host. */
  readonly reason?: FailureReason;
  readonly message: string;
}

export type FailureAction = 'openLog' | 'chooseModel';

export interface FailureNotice {
  readonly message: string;
  readonly actions: readonly FailureAction[];
}

/**
 * Codes of JSON-RPC and LSP that say something about the connection.
 * Source: vscode-jsonrpc 9.0.3 `common/messages.js`; vscode-languageserver-protocol 3.18.4 `common/api.js`.
 */
const CANCELLED_CODES: readonly number[] = [-32800, -32802];
const CONNECTION_CODES: readonly number[] = [-32099, -32098, -32097, -32096];

/** Sorts anything that was thrown by a request to the language server, or by a failure of the table met here. */
export function toFailure(error: unknown, t: Translate): ShownFailure {
  if (error instanceof Failure) return runFailure(error);
  if (error instanceof FileRefused) return { kind: 'user', reason: 'fileUnreadable', message: error.message };
  const { code, name, message, data } = fieldsOf(error);
  if (typeof code === 'number' && CANCELLED_CODES.includes(code)) return { kind: 'cancelled', message };
  // `vscode.CancellationError` is called "Canceled".
  if (name === 'Canceled' || name === 'AbortError') return { kind: 'cancelled', message };
  const told = hostDataOf(data);
  if (told !== undefined) return { ...told, message };
  if (typeof code === 'number' && CONNECTION_CODES.includes(code)) {
    return {
      kind: 'environment',
      message: t(
        'The language server of PaliGemma 2 stopped before it answered. Please try again; the log says why it stopped.',
      ),
    };
  }
  return { kind: 'internal', message };
}

export function runFailure({ kind, reason, message }: RunFailure): ShownFailure {
  return { kind, reason, message };
}

/** What is shown of a failure; undefined where nothing is. */
export function failureNotice(failure: ShownFailure, t: Translate): FailureNotice | undefined {
  switch (failure.kind) {
    case 'cancelled':
      return undefined;
    case 'user':
      return { message: failure.message, actions: isAboutModel(failure.reason) ? ['chooseModel'] : [] };
    case 'environment':
      return {
        message: failure.message,
        actions: isAboutModel(failure.reason) ? ['openLog', 'chooseModel'] : ['openLog'],
      };
    case 'internal':
      return {
        message: t('PaliGemma 2 failed because of an internal error. The log has the details.'),
        actions: ['openLog'],
      };
  }
}

/** Failures that another model would not have. */
function isAboutModel(reason: FailureReason | undefined): boolean {
  if (reason === undefined) return false;
  const { code } = failureTable[reason];
  return (code >= 1101 && code <= 1199) || (code >= 1601 && code <= 1699) || reason === 'outOfMemory';
}

function fieldsOf(error: unknown): { code: unknown; name: unknown; message: string; data: unknown } {
  if (typeof error !== 'object' || error === null) {
    return { code: undefined, name: undefined, message: String(error), data: undefined };
  }
  const { code, name, message, data } = error as { code?: unknown; name?: unknown; message?: unknown; data?: unknown };
  return { code, name, message: typeof message === 'string' ? message : 'unknown', data };
}

function hostDataOf(data: unknown): Pick<ShownFailure, 'kind' | 'reason'> | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { kind, reason } = data as { kind?: unknown; reason?: unknown };
  if (kind !== 'cancelled' && kind !== 'user' && kind !== 'environment' && kind !== 'internal') return undefined;
  return typeof reason === 'string' && reason in failureTable ? { kind, reason: reason as FailureReason } : { kind };
}
