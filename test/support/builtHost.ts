/** Talks to the built model host as the server does: JSON-RPC over the child's IPC channel. */
import { fork } from 'node:child_process';
import path from 'node:path';
import { IPCMessageReader, IPCMessageWriter, createMessageConnection } from 'vscode-jsonrpc/node';
import { PROTOCOL_VERSION, generate, initialize } from '../../model-host/src/contract/protocol';
import type { GenerateParams, GenerateResult, ModelSpec } from '../../model-host/src/contract/protocol';

export interface BuiltHost {
  /** @throws ResponseError as the host answers it. */
  generate(model: ModelSpec, imagePath: string, prefix: string, maxNewTokens: number): Promise<GenerateResult>;
  stop(): Promise<void>;
}

/** @param env Environment of the host beside that of the tests, for example a graphics driver's. */
export async function startBuiltHost(
  cachePath: string,
  env: Readonly<Record<string, string>> = {},
): Promise<BuiltHost> {
  const child = fork(path.resolve('dist/model-host.js'), [], {
    env: { ...process.env, ...env },
    serialization: 'json',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  // A pending request would stay pending for ever.
  void exited.then(() => connection.dispose());
  connection.listen();
  await connection.sendRequest(initialize, { protocolVersion: PROTOCOL_VERSION, cachePath });
  return {
    generate: (model, imagePath, prefix, maxNewTokens) => {
      const params: GenerateParams = { model, imagePath, prefix, maxNewTokens, locDivisor: 1024, progressToken: '' };
      return connection.sendRequest(generate, params);
    },
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
}
