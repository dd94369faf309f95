import { CancelledError } from '../../util/cancellation';
import { toHostError, toResponseError } from '../../util/failure';
import type { Log } from '../../util/log';

/**
 * Every request of a client is answered, with a row of the table where it failed; a bug goes to the log with its stack.
 */
export async function answered<T>({ log }: { readonly log: Log }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isCancelled = error instanceof CancelledError;
    if (!isCancelled && toHostError(error).kind === 'internal') {
      log('error', 'lsp.request', error instanceof Error ? error.stack ?? error.message : String(error));
    }
    throw toResponseError(error);
  }
}
