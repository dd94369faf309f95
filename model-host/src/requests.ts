/** One registration per request of the contract. */
import { ResponseError, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc';
import { answer } from './answer';
import { HostError, hostErrors, type HostErrorData } from './contract/errors';
import * as host from './contract/protocol';
import type { Engine } from './engines/engine';
import type { HostLog } from './hostLog';
import { writeOverlay } from './image/overlay';
import { writeThumbnail } from './image/thumbnail';
import { selfTest } from './selfTest';

export interface HostServices {
  readonly log: HostLog;
  /** Called once, with the first valid handshake. */
  readonly createEngine: (cachePath: string) => Engine;
  /** Ends the process once the answer to `shutdown` is on its way. */
  readonly exit: () => void;
}

export function registerRequests(connection: MessageConnection, { log, createEngine, exit }: HostServices): void {
  let engine: Engine | undefined;
  let cachePath = '';

  connection.onRequest(host.initialize, params => {
    if (params.protocolVersion !== host.PROTOCOL_VERSION) {
      const { code, kind } = hostErrors.protocolMismatch;
      return new ResponseError<HostErrorData>(code, `The model host speaks protocol ${host.PROTOCOL_VERSION}, the server ${params.protocolVersion}. Reinstall the extension; parts of two versions are mixed.`, { kind, reason: 'protocolMismatch' });
    }
    cachePath = params.cachePath;
    engine ??= createEngine(cachePath);
    return { protocolVersion: host.PROTOCOL_VERSION, pid: process.pid };
  });

  connection.onRequest(host.generate, (params, token) => withEngine(token, (ready, signal) =>
    ready.generate(params, progress => void connection.sendProgress(host.runProgress, params.progressToken, progress), signal)));

  connection.onRequest(host.convert, (params, token) => withEngine(token, (ready, signal) =>
    ready.convert(params, progress => void connection.sendProgress(host.runProgress, params.progressToken, progress), signal)));

  connection.onRequest(host.probeServer, ({ endpoint }, token) => withEngine(token, (ready, signal) => ready.probe(endpoint, signal)));

  connection.onRequest(host.overlay, (params, token) => answer(token, log, signal => writeOverlay(params.imagePath, params.regions, params.outPath, signal)));

  connection.onRequest(host.thumbnail, (params, token) => withEngine(token, (_, signal) => writeThumbnail(params, cachePath, signal)));

  connection.onRequest(host.selfTest, token => answer(token, log, () => selfTest()));

  // In kilobytes. Source: Node.js, process.resourceUsage().
  connection.onRequest(host.usage, () => ({ peakRssBytes: process.resourceUsage().maxRSS * 1024 }));

  connection.onRequest(host.shutdown, async () => {
    await engine?.dispose();
    setImmediate(exit);
    return null;
  });

  function withEngine<T>(token: CancellationToken, work: (engine: Engine, signal: AbortSignal) => Promise<T>): Promise<T | ResponseError<HostErrorData>> {
    return answer(token, log, signal => {
      if (engine === undefined) throw new HostError('protocolMismatch', 'The model host was asked for work before the handshake.');
      return work(engine, signal);
    });
  }
}
