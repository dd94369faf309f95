/** Custom requests of the language server, beside standard LSP. Methods are called 'paligemma/…'. */
import { NotificationType, ProgressType, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { ErrorKind, HostErrorData, HostErrorReason } from '../../../model-host/src/contract/errors';
import type { DeviceName, Region, StopReason, WeightType } from '../../../model-host/src/contract/paligemma';
import type { RunProgress, Timings } from '../../../model-host/src/contract/protocol';

/**
 * Client → server. Runs one prompt on each picture, one after the other; cancellable. A picture that fails becomes an
 * outcome with an error and the others go on. Progress: `workDoneToken` as LSP defines it; text and outcomes of single
 * pictures through `partialResultToken` as {@link runUpdate}.
 */
export const run = new RequestType<RunParams, RunResponse, HostErrorData>('paligemma/run');
/** Server → client, keyed by `partialResultToken` of {@link run}. */
export const runUpdate = new ProgressType<RunUpdate>();
/** Client → server. The models that can be chosen, installed ones first. */
export const listModels = new RequestType0<readonly ModelInfo[], HostErrorData>('paligemma/listModels');
/** Client → server. Ends the host and frees its memory; the next run starts it again. */
export const unloadModel = new RequestType0<null, HostErrorData>('paligemma/unloadModel');
/** Server → client. What the status item shows; sent on every change. */
export const statusChanged = new NotificationType<ServerStatus>('paligemma/statusChanged');

export interface RunParams {
  /** `file:` URIs. */
  readonly imageUris: readonly string[];
  /** The prompt as it is sent; the empty string is a legal prompt. */
  readonly prompt: string;
  /** Model id or folder; without it the setting `paligemma.model` decides. */
  readonly model?: string;
  readonly maxNewTokens?: number;
  readonly workDoneToken?: string | number;
  readonly partialResultToken?: string | number;
}

export interface RunResponse {
  /** One for each of `imageUris`, in their order. */
  readonly outcomes: readonly RunOutcome[];
}

export type RunOutcome =
  | { readonly imageUri: string; readonly result: RunResult }
  | { readonly imageUri: string; readonly error: RunFailure };

export interface RunFailure {
  readonly code: number;
  readonly kind: ErrorKind;
  readonly reason: HostErrorReason;
  readonly message: string;
}

export interface RunUpdate {
  /** Index into `imageUris`. */
  readonly index: number;
  readonly progress?: RunProgress;
  readonly outcome?: RunOutcome;
}

/** What is known of one prompt on one picture with one model: plain JSON, kept in the result store. */
export interface RunResult {
  readonly image: { readonly path: string; readonly widthPx: number; readonly heightPx: number; readonly sha256: string };
  /** Name of the model, for example `paligemma2-demo-224`. */
  readonly model: string;
  readonly device: Exclude<DeviceName, 'auto'>;
  readonly prompt: string;
  /** The raw answer; never lost, even where regions were parsed from it. */
  readonly suffix: string;
  readonly tokenIds: readonly number[];
  readonly tokenProbabilities: readonly number[];
  readonly stopReason: StopReason;
  readonly regions: readonly Region[];
  /** What of the suffix is not part of a region. */
  readonly text: string;
  readonly timings: Timings;
  /** True where the answer came from the result store. */
  readonly fromStore: boolean;
}

/** Which prompts a checkpoint knows: `pt` pretrained, `ft` fine-tuned for one task, `mix` all tasks, `demo` the bundled one. */
export type CheckpointKind = 'pt' | 'ft' | 'mix' | 'demo' | 'unknown';

export interface ModelInfo {
  /** What `paligemma.model`, `--model` and `@model` take. */
  readonly id: string;
  readonly kind: CheckpointKind;
  readonly isInstalled: boolean;
  /** Absolute folder; absent while not installed. */
  readonly path?: string;
  readonly resolutionPx?: number;
  /** Bytes on disk of the checkpoint. */
  readonly bytes?: number;
  /** Weight types that are converted already. */
  readonly converted: readonly WeightType[];
  /** One sentence, set where the model cannot be used as it is, for example for lack of a readable config.json. */
  readonly problem?: string;
}

export type ServerState = 'idle' | 'starting' | 'loading' | 'running' | 'ready' | 'failed';

export interface ServerStatus {
  readonly state: ServerState;
  readonly model?: string;
  readonly device?: Exclude<DeviceName, 'auto'>;
  /** One sentence for the person. */
  readonly detail?: string;
  readonly lastTimings?: Timings;
}

