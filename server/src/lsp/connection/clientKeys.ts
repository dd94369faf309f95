/** Keys of inference servers that a language client keeps; our own client does, others do not know the request. */
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import type { Connection } from 'vscode-languageserver/node';
import { apiKey } from '../../contract/protocol';
import { CancelledError, orCancelled, throwIfCancelled } from '../../util/cancellation';
import type { Log } from '../../util/log';
import type { KeyOfServer } from '../../models/servers/serverEndpoints';

/** Asks anew for each run, keeps nothing. A client that does not know the request is asked once. */
export function clientKeys(connection: Connection, log: Log): KeyOfServer {
  let isUnknown = false;
  return async (url, token) => {
    if (isUnknown) return undefined;
    try {
      const answer = await orCancelled(connection.sendRequest(apiKey, { url }, token), token);
      return typeof answer?.apiKey === 'string' ? answer.apiKey : undefined;
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      throwIfCancelled(token);
      if (error instanceof ResponseError && error.code === ErrorCodes.MethodNotFound) {
        isUnknown = true;
      } else {
        const why = error instanceof Error ? error.message : String(error);
        log('warn', 'server.models', `The editor did not tell its key for ${new URL(url).host}: ${why}`);
      }
      return undefined;
    }
  };
}
