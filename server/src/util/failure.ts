/** Failures at a boundary: anything thrown becomes one row of the table of errors, or a cancellation. */
import * as l10n from '@vscode/l10n';
import { ConnectionError, ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { Failure, failureTable, type FailureData, type FailureReason } from '../../../paligemma/src/failures';
import { CancelledError } from './cancellation';

/**
 * `LSPErrorCodes.RequestCancelled`, without loading the LSP types in the command line. Source: LSP 3.17, "Base
 * protocol".
 */
const REQUEST_CANCELLED = -32800;

/** Reads an error that came over JSON-RPC. What is not of the table is `internal`. */
export function fromResponseError(error: ResponseError<unknown>): Failure | CancelledError {
  if (error.code === REQUEST_CANCELLED) return new CancelledError();
  const reason = reasonOf(error.data);
  if (reason !== undefined) return new Failure(reason, error.message);
  return new Failure(
    'internal',
    l10n.t(
      'The model host failed in a way it should not have: {0}. The log has the details; please report it.',
      error.message,
    ),
    { cause: error },
  );
}

/** True for the rejection that a disposed or closed connection gives to its pending and new requests. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof ResponseError) {
    return error.code === ErrorCodes.PendingResponseRejected || error.code === ErrorCodes.MessageWriteError
      || error.code === ErrorCodes.ConnectionInactive;
  }
  return error instanceof ConnectionError;
}

/** Any failure as a {@link Failure}; a bug becomes `internal` with its message. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(
    'internal',
    l10n.t('Something failed that should not have: {0}. The log has the details; please report it.', message),
    { cause: error },
  );
}

/** The form that a language client receives. */
export function toResponseError(error: unknown): ResponseError<FailureData> {
  if (error instanceof CancelledError) {
    return new ResponseError(REQUEST_CANCELLED, 'cancelled', { kind: 'cancelled', reason: 'internal' });
  }
  const failure = toFailure(error);
  return new ResponseError(failure.code, failure.message, { kind: failure.kind, reason: failure.reason });
}

function reasonOf(data: unknown): FailureReason | undefined {
  if (typeof data !== 'object' || data === null || !('reason' in data)) return undefined;
  const { reason } = data;
  return typeof reason === 'string' && Object.hasOwn(failureTable, reason) ? (reason as FailureReason) : undefined;
}
