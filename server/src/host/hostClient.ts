/** Typed face of the model host. Knows the protocol; knows nothing of processes or of who asks. */
import { randomUUID } from 'node:crypto';
import { type CancellationToken, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import type { ServerProbe } from '../../../model-host/src/contract/inferenceServer';
import type { Mask, Region } from '../../../paligemma/src/facts';
import * as host from '../../../model-host/src/contract/protocol';
import { fromResponseError, isConnectionLost } from '../util/failure';

/**
 * Every method rejects with a Failure of the table, with CancelledError, or, where the connection was lost, with the
 * connection's own error, which {@link isConnectionLost} recognises.
 */
export class HostClient {
  constructor(private readonly connection: MessageConnection) {}

  initialize(params: host.InitializeParams): Promise<host.InitializeResult> {
    return answered(() => this.connection.sendRequest(host.initialize, params));
  }

  /** Cancelling reaches the host between two native runs. */
  generate(
    params: Omit<host.GenerateParams, 'progressToken'>,
    onProgress: (progress: host.RunProgress) => void,
    token: CancellationToken,
  ): Promise<host.GenerateResult> {
    return this.withProgress(
      onProgress,
      progressToken => this.connection.sendRequest(host.generate, { ...params, progressToken }, token),
    );
  }

  /** Cancelling reaches the host between two tensors. */
  convert(
    params: Omit<host.ConvertParams, 'progressToken'>,
    onProgress: (progress: host.RunProgress) => void,
    token: CancellationToken,
  ): Promise<host.ConvertResult> {
    return this.withProgress(
      onProgress,
      progressToken => this.connection.sendRequest(host.convert, { ...params, progressToken }, token),
    );
  }

  /** Cancelling reaches the server at once. */
  probeServer(params: host.ProbeServerParams, token: CancellationToken): Promise<ServerProbe> {
    return answered(() => this.connection.sendRequest(host.probeServer, params, token));
  }

  overlay(params: host.OverlayParams, token: CancellationToken): Promise<host.OverlayResult> {
    return answered(() => this.connection.sendRequest(host.overlay, params, token));
  }

  thumbnail(params: host.ThumbnailParams, token: CancellationToken): Promise<host.ThumbnailResult> {
    return answered(() => this.connection.sendRequest(host.thumbnail, params, token));
  }

  planTiles(params: host.TilesParams, token: CancellationToken): Promise<host.TilesResult> {
    return answered(() => this.connection.sendRequest(host.planTiles, params, token));
  }

  uniteMasks(params: host.UniteMasksParams, token: CancellationToken): Promise<Mask> {
    return answered(() => this.connection.sendRequest(host.uniteMasks, params, token));
  }

  suffixRegions(params: host.SuffixRegionsParams, token: CancellationToken): Promise<readonly Region[]> {
    return answered(() => this.connection.sendRequest(host.suffixRegions, params, token));
  }

  countPages(imagePath: string, token: CancellationToken): Promise<number> {
    return answered(() => this.connection.sendRequest(host.countPages, { imagePath }, token));
  }

  countTokens(params: host.CountTokensParams, token: CancellationToken): Promise<readonly number[]> {
    return answered(() => this.connection.sendRequest(host.countTokens, params, token));
  }

  encodeMasks(params: host.EncodeMasksParams, token: CancellationToken): Promise<readonly (readonly number[])[]> {
    return answered(() => this.connection.sendRequest(host.encodeMasks, params, token));
  }

  likeness(imagePath: string, token: CancellationToken): Promise<host.LikenessResult> {
    return answered(() => this.connection.sendRequest(host.likeness, { imagePath }, token));
  }

  selfTest(token: CancellationToken): Promise<host.SelfTestResult> {
    return answered(() => this.connection.sendRequest(host.selfTest, token));
  }

  usage(): Promise<host.UsageResult> {
    return answered(() => this.connection.sendRequest(host.usage));
  }

  shutdown(): Promise<null> {
    return answered(() => this.connection.sendRequest(host.shutdown));
  }

  private async withProgress<T>(
    onProgress: (progress: host.RunProgress) => void,
    send: (progressToken: string) => Promise<T>,
  ): Promise<T> {
    const progressToken = randomUUID();
    const subscription = this.connection.onProgress(host.runProgress, progressToken, onProgress);
    try {
      return await answered(() => send(progressToken));
    } finally {
      subscription.dispose();
    }
  }
}

/** `send` is called inside, because a closed connection throws at once instead of rejecting. */
async function answered<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof ResponseError && !isConnectionLost(error)) throw fromResponseError(error);
    throw error;
  }
}
