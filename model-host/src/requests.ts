/** One registration per request of the contract. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken, MessageConnection, ResponseError } from 'vscode-jsonrpc';
import { answer } from './wire/answer';
import { Failure, type FailureData } from '../../paligemma/src/failures';
import * as host from './contract/protocol';
import type { Engine, OnProgress } from './engines/engine';
import type { HostLog } from './wire/hostLog';
import { textLayerPlan } from './engines/textLayer';
import { TokenCounter } from './engines/tokenCounter';
import { likenessOf } from './image/likeness';
import { countPages } from './image/load';
import { writeOverlay } from './image/overlay';
import { writeThumbnail } from './image/thumbnail';
import { MaskCodecs } from './output/maskCodecs';
import { uniteMasks } from './output/uniteMasks';
import { ProgressLimit } from './wire/progressLimit';
import {
  readConvertParams,
  readCountPagesParams,
  readCountTokensParams,
  readEncodeMasksParams,
  readGenerateParams,
  readInitializeParams,
  readLikenessParams,
  readOverlayParams,
  readProbeServerParams,
  readSuffixRegionsParams,
  readThumbnailParams,
  readTilesParams,
  readUniteMasksParams,
} from './wire/requestParams';
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
  const counter = new TokenCounter();

  connection.onRequest(host.initialize, (sent, token) =>
    answer(token, log, () => {
      const params = readInitializeParams(sent);
      checkProtocol(params.protocolVersion);
      cachePath = params.cachePath;
      engine ??= createEngine(cachePath);
      return { protocolVersion: host.PROTOCOL_VERSION, pid: process.pid };
    }));

  connection.onRequest(host.generate, (sent, token) =>
    withEngine(token, (ready, signal) => {
      const params = readGenerateParams(sent);
      return withProgress(connection, params, onProgress => ready.generate(params, onProgress, signal));
    }));

  connection.onRequest(host.convert, (sent, token) =>
    withEngine(token, (ready, signal) => {
      const params = readConvertParams(sent);
      return withProgress(connection, params, onProgress => ready.convert(params, onProgress, signal));
    }));

  connection.onRequest(
    host.probeServer,
    (sent, token) => withEngine(token, (ready, signal) => ready.probe(readProbeServerParams(sent).endpoint, signal)),
  );

  connection.onRequest(
    host.thumbnail,
    (sent, token) => withEngine(token, (_, signal) => writeThumbnail(readThumbnailParams(sent), cachePath, signal)),
  );

  connection.onRequest(host.planTiles, (sent, token) =>
    withEngine(token, async (ready, signal) => {
      const params = readTilesParams(sent);
      return await textLayerPlan(params, signal) ?? ready.planTiles(params, signal);
    }));

  connection.onRequest(
    host.countTokens,
    (sent, token) => withEngine(token, (_, signal) => counter.counts(readCountTokensParams(sent), cachePath, signal)),
  );

  registerPictures(connection, log);
  registerMasks(connection, log);
  registerFacts(connection, log);

  connection.onRequest(host.shutdown, async () => {
    await engine?.dispose();
    setImmediate(exit);
    return null;
  });

  function withEngine<T>(
    token: CancellationToken,
    work: (engine: Engine, signal: AbortSignal) => Promise<T>,
  ): Promise<T | ResponseError<FailureData>> {
    return answer(token, log, signal => {
      if (engine === undefined) {
        throw new Failure('protocolMismatch', l10n.t('The model host was asked for work before the handshake.'));
      }
      return work(engine, signal);
    });
  }
}

/** Does `work`, whose progress goes to whoever asked for it. */
async function withProgress<T>(
  connection: MessageConnection,
  { progressToken }: { readonly progressToken: string },
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  const limit = new ProgressLimit(progress => connection.sendProgress(host.runProgress, progressToken, progress));
  try {
    return await work(progress => limit.push(progress));
  } finally {
    limit.end();
  }
}

/** What is asked of pictures without a model; it needs no handshake. */
function registerPictures(connection: MessageConnection, log: HostLog): void {
  connection.onRequest(host.overlay, (sent, token) =>
    answer(token, log, signal => {
      const params = readOverlayParams(sent);
      return writeOverlay(params.imagePath, params.regions, params.outPath, signal);
    }));

  connection.onRequest(
    host.uniteMasks,
    (sent, token) => answer(token, log, signal => uniteMasks(readUniteMasksParams(sent).masks, signal)),
  );

  connection.onRequest(
    host.likeness,
    (sent, token) => answer(token, log, signal => likenessOf(readLikenessParams(sent).imagePath, signal)),
  );

  connection.onRequest(
    host.countPages,
    (sent, token) => answer(token, log, signal => countPages(readCountPagesParams(sent).imagePath, signal)),
  );
}

/** What is asked of a mask codec; it needs no handshake. */
function registerMasks(connection: MessageConnection, log: HostLog): void {
  const codecs = new MaskCodecs();
  connection.onRequest(
    host.encodeMasks,
    (sent, token) => answer(token, log, signal => codecs.encode(readEncodeMasksParams(sent), signal)),
  );

  connection.onRequest(
    host.suffixRegions,
    (sent, token) => answer(token, log, signal => codecs.regions(readSuffixRegionsParams(sent), signal)),
  );
}

/** What is asked of the process itself; it needs no handshake. */
function registerFacts(connection: MessageConnection, log: HostLog): void {
  connection.onRequest(host.selfTest, token => answer(token, log, () => selfTest()));
  // In kilobytes. Source: Node.js, process.resourceUsage().
  connection.onRequest(host.usage, () => ({ peakRssBytes: process.resourceUsage().maxRSS * 1024 }));
}

/** @throws Failure protocolMismatch */
function checkProtocol(version: number): void {
  if (version === host.PROTOCOL_VERSION) return;
  throw new Failure(
    'protocolMismatch',
    l10n.t(
      'The model host speaks protocol {0}, the server {1}: parts of two versions are mixed. Reinstall the extension.',
      host.PROTOCOL_VERSION,
      version,
    ),
  );
}
