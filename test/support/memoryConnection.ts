/** A server's connection and the client at its other end, both in this process. */
import { PassThrough } from 'node:stream';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { createConnection, type Connection } from 'vscode-languageserver/node';

/** Neither listens yet. Dispose of the client when it is no longer needed. */
export function memoryConnection(): { readonly server: Connection; readonly client: MessageConnection } {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  return {
    server: createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toClient)),
    client: createMessageConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer)),
  };
}
