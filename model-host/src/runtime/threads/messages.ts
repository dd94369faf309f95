/**
 * Messages between the host's main thread and a model thread: JSON-RPC over the port of the worker, arrays by
 * structured clone.
 */
import { NotificationType, ProgressType, RequestType, RequestType0, RequestType1 } from 'vscode-jsonrpc';
import type { FailureData } from '../../../../paligemma/src/failures';
import type { Manifest } from '../../manifest/manifest';
import type { CacheId, PartInput, PartOutput, PartSpec } from '../decoderPart';
import type { Device } from '../ort';

/** Answered as soon as the thread can work. */
export const hello = new RequestType0<null, FailureData>('modelThread/hello');
/** Opens the vision tower, one to a thread. Cancellable between graphs, as are all runs. */
export const openTower = new RequestType<OpenTowerParams & Followed, null, FailureData>('modelThread/openTower');
/** Opens a part of the decoder, one to a thread. */
export const openPart = new RequestType<OpenPartParams & Followed, null, FailureData>('modelThread/openPart');
export const features = new RequestType<{ readonly pixelValues: Float32Array } & Followed, Float32Array, FailureData>(
  'modelThread/features',
);
export const runPart = new RequestType<RunPartParams & Followed, PartOutput, FailureData>('modelThread/runPart');
export const joinCaches = new RequestType<
  { readonly caches: readonly CacheId[]; readonly joined: CacheId },
  null,
  FailureData
>('modelThread/joinCaches');
export const keepRows = new RequestType<
  { readonly cache: CacheId; readonly rows: readonly number[] },
  null,
  FailureData
>('modelThread/keepRows');
/** Heard in the order in which they and the runs are sent. */
export const discard = new NotificationType<{ readonly cache: CacheId; readonly count: number }>('modelThread/discard');
export const dropCache = new NotificationType<CacheId>('modelThread/dropCache');
/** Releases the tower or the part; the other one stays. */
export const release = new RequestType1<'tower' | 'part', null, FailureData>('modelThread/release');

/** Main thread ← model thread, keyed by the `progressToken` of a request: graphs done, of all. */
export const graphsDone = new ProgressType<{ readonly done: number; readonly total: number }>();

/** A request whose sender wants to hear of each graph. */
export interface Followed {
  readonly progressToken?: number;
}

export interface OpenTowerParams {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly device: Device;
}

export interface OpenPartParams {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly spec: PartSpec;
}

export interface RunPartParams {
  readonly kind: 'prefill' | 'step';
  readonly cache: CacheId;
  readonly input: PartInput;
}
