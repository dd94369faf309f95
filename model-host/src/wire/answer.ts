/** Bridges the wire to the core: token in, AbortSignal out; Failure in, ResponseError out; a bug is logged. */
import * as l10n from '@vscode/l10n';
import { ResponseError, type CancellationToken } from 'vscode-jsonrpc';
import { Failure, failureTable, type FailureData, type FailureReason } from '../../../paligemma/src/failures';
import type { HostLog } from './hostLog';

/** LSP's code for a request that its sender cancelled. */
const REQUEST_CANCELLED = -32800;

export async function answer<T>(
  token: CancellationToken,
  log: HostLog,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T | ResponseError<FailureData>> {
  const controller = new AbortController();
  const subscription = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) {
      return new ResponseError<FailureData>(REQUEST_CANCELLED, 'The run was cancelled.', {
        kind: 'cancelled',
        reason: 'internal',
      });
    }
    if (error instanceof Failure) return failure(error.reason, error.message);
    log.error('host.request', error);
    const message = error instanceof Error ? error.message : String(error);
    return failure(
      'internal',
      l10n.t('Something went wrong in the model host ({0}). The log has the details.', message),
    );
  } finally {
    subscription.dispose();
  }
}

function failure(reason: FailureReason, message: string): ResponseError<FailureData> {
  const { code, kind } = failureTable[reason];
  return new ResponseError<FailureData>(code, message, { kind, reason });
}
