/** Failures at a boundary: anything thrown becomes one row of the table of errors, or a cancellation. */
import type { RunFailure } from '../../../paligemma/src/runResult';
import { ConnectionError, ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { HostError, hostErrors, type HostErrorData, type HostErrorReason } from '../../../paligemma/src/failures';
import { CancelledError } from './cancellation';

/**
 * `LSPErrorCodes.RequestCancelled`, without loading the LSP types in the command line. Source: LSP 3.17, "Base
 * protocol".
 */
const REQUEST_CANCELLED = -32800;

/** Reads an error that came over JSON-RPC. What is not of the table is `internal`. */
export function fromResponseError(error: ResponseError<unknown>): HostError | CancelledError {
  if (error.code === REQUEST_CANCELLED) return new CancelledError();
  const reason = reasonOf(error.data);
  if (reason !== undefined) return new HostError(reason, error.message);
  return new HostError(
    'internal',
    `The model host failed in a way it should not: ${error.message}. The log has the details; please report it.`,
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

/** Any failure as a {@link HostError}; a bug becomes `internal` with its message. */
export function toHostError(error: unknown): HostError {
  if (error instanceof HostError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new HostError(
    'internal',
    `Something failed that should not: ${message}. The log has the details; please report it.`,
    { cause: error },
  );
}

/** The plain form for results and the command line. */
export function toRunFailure(error: HostError): RunFailure {
  return { code: error.code, kind: error.kind, reason: error.reason, message: error.message };
}

/** The form that a language client receives. */
export function toResponseError(error: unknown): ResponseError<HostErrorData> {
  if (error instanceof CancelledError) {
    return new ResponseError(REQUEST_CANCELLED, 'cancelled', { kind: 'cancelled', reason: 'internal' });
  }
  const failure = toHostError(error);
  return new ResponseError(failure.code, failure.message, { kind: failure.kind, reason: failure.reason });
}

function reasonOf(data: unknown): HostErrorReason | undefined {
  if (typeof data !== 'object' || data === null || !('reason' in data)) return undefined;
  const { reason } = data;
  return typeof reason === 'string' && Object.hasOwn(hostErrors, reason) ? (reason as HostErrorReason) : undefined;
}
