/** The main thread's side of a model thread. */
import { Worker } from 'node:worker_threads';
import {
  CancellationTokenSource,
  createMessageConnection,
  PortMessageReader,
  PortMessageWriter,
  ResponseError,
  type MessageConnection,
  type RequestType,
} from 'vscode-jsonrpc/node';
import { Failure, type FailureData } from '../../../../paligemma/src/failures';
import * as host from '../../contract/protocol';
import type { LogRecord } from '../../contract/protocol';
import type { Manifest } from '../../manifest/manifest';
import type { CacheId, DecoderPart, PartInput, PartOutput, PartSpec } from '../decoderPart';
import type { Device } from '../ort';
import type { RunHooks } from '../prediction';
import type { Tower } from '../visionTower';
import * as thread from './messages';

export interface ThreadHooks {
  readonly onFault: (error: Error) => void;
  readonly onLog: (record: LogRecord) => void;
}

/**
 * Opens and runs graphs in a thread of its own: graphs of several threads open at the same time, and none of them
 * blocks the main thread. Sessions and their tensors belong to the thread that opened them, so a whole part of the
 * model lives in one.
 */
export class ModelThread {
  private requests = 0;

  private constructor(private readonly worker: Worker, private readonly connection: MessageConnection) {}

  /**
   * @param file The program, `model-thread.js`.
   * @param hooks `onFault`: why the thread has ended by itself, after it was started. @throws whatever kept it from
   *   starting.
   */
  static async start(file: string, { onFault, onLog }: ThreadHooks): Promise<ModelThread> {
    const worker = new Worker(file);
    const connection = createMessageConnection(new PortMessageReader(worker), new PortMessageWriter(worker));
    connection.onNotification(host.log, onLog);
    connection.listen();
    let fault: Error | undefined;
    let isStarted = false;
    worker.on('error', error => {
      fault = error;
      // What waits for an answer ends.
      connection.dispose();
      if (isStarted) onFault(error);
    });
    try {
      await connection.sendRequest(thread.hello);
    } catch (error) {
      await worker.terminate();
      throw fault ?? error;
    }
    isStarted = true;
    return new ModelThread(worker, connection);
  }

  async openTower(folder: string, manifest: Manifest, device: Device, hooks: RunHooks): Promise<Tower> {
    await this.ask(thread.openTower, { folder, manifest, device }, hooks);
    return {
      features: (pixelValues, { signal = new AbortController().signal, ...rest } = {}) =>
        this.ask(thread.features, { pixelValues }, { signal, ...rest }),
      release: () => this.release('tower'),
    };
  }

  async openPart(folder: string, manifest: Manifest, spec: PartSpec, hooks: RunHooks): Promise<DecoderPart> {
    await this.ask(thread.openPart, { folder, manifest, spec }, hooks);
    const run =
      (kind: 'prefill' | 'step') => (cache: CacheId, input: PartInput, runHooks: RunHooks): Promise<PartOutput> =>
        this.ask(thread.runPart, { kind, cache, input }, runHooks);
    const signal = new AbortController().signal;
    return {
      groups: spec.endGroup - spec.firstGroup,
      prefill: run('prefill'),
      step: run('step'),
      join: async (caches, joined) => void await this.ask(thread.joinCaches, { caches, joined }, { signal }),
      keepRows: async (cache, rows) => void await this.ask(thread.keepRows, { cache, rows }, { signal }),
      discard: (cache, count) => void this.connection.sendNotification(thread.discard, { cache, count }),
      drop: cache => void this.connection.sendNotification(thread.dropCache, cache),
      release: () => this.release('part'),
    };
  }

  /** Ends the thread. What it has open is to be released before. */
  async close(): Promise<void> {
    this.connection.dispose();
    await this.worker.terminate();
  }

  private async release(which: 'tower' | 'part'): Promise<void> {
    await this.connection.sendRequest(thread.release, which);
  }

  /** @throws Failure as the thread threw it; DOMException AbortError. */
  private async ask<P extends object, R>(
    type: RequestType<P, R, FailureData>,
    params: P,
    { signal, onGroup }: RunHooks,
  ): Promise<R> {
    signal.throwIfAborted();
    const cancellation = new CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const progressToken = this.requests++;
    const following = onGroup === undefined
      ? undefined
      : this.connection.onProgress(thread.graphsDone, progressToken, ({ done, total }) => onGroup(done, total));
    try {
      return await this.connection.sendRequest<R>(
        type.method,
        following === undefined ? params : { ...params, progressToken },
        cancellation.token,
      );
    } catch (error) {
      signal.throwIfAborted();
      throw asFailure(error);
    } finally {
      following?.dispose();
      signal.removeEventListener('abort', cancel);
      cancellation.dispose();
    }
  }
}

function asFailure(error: unknown): unknown {
  if (!(error instanceof ResponseError)) return error;
  const { reason } = (error as ResponseError<FailureData | undefined>).data ?? {};
  return new Failure(reason ?? 'internal', error.message, { cause: error });
}
