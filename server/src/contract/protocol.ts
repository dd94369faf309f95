/** Custom requests of the language server, beside standard LSP. Methods are called 'paligemma/…'. */
import { NotificationType, NotificationType0, ProgressType, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { MaskSupport, ServerProbe } from '../../../model-host/src/contract/inferenceServer';
import type { OverlayResult, RunProgress } from '../../../model-host/src/contract/protocol';
import type { CheckpointKind, Region, RunDevice, WeightType } from '../../../paligemma/src/facts';
import type { FailureData } from '../../../paligemma/src/failures';
import type { RunChoices } from '../../../paligemma/src/runChoices';
import type { RunOutcome, RunResult, Timings } from '../../../paligemma/src/runResult';

/**
 * Client → server. Runs one prompt on each picture, on an inference server several at once; cancellable. A picture that
 * fails becomes an outcome with an error and the others go on; outcomes are told in the order of the pictures.
 * Progress: `workDoneToken` as LSP defines it; text and outcomes of single pictures through `partialResultToken` as
 * {@link runUpdate}.
 */
export const run = new RequestType<RunParams, RunResponse, FailureData>('paligemma/run');
/** Server → client, keyed by `partialResultToken` of {@link run}. */
export const runUpdate = new ProgressType<RunUpdate>();
/**
 * Client → server. What is known already of the runs that {@link run} would begin, without a run and without loading a
 * model; cancellable.
 */
export const storedResults = new RequestType<StoredResultsParams, StoredResults, FailureData>(
  'paligemma/storedResults',
);
/** Client → server. Draws regions onto a picture and writes a PNG; cancellable. An existing file is replaced. */
export const overlay = new RequestType<OverlayRequest, OverlayResult, FailureData>('paligemma/overlay');
/** Client → server. The models that can be chosen, installed ones first. */
export const listModels = new RequestType0<readonly ModelInfo[], FailureData>('paligemma/listModels');
/**
 * Client → server. The published checkpoints, each with what it needs, whether it is here and whether it fits this
 * machine.
 */
export const listPublishedModels = new RequestType0<readonly ModelInfo[], FailureData>(
  'paligemma/listPublishedModels',
);
/**
 * Client → server. Downloads a checkpoint from Hugging Face, checks and converts it; cancellable, and what came so far
 * is kept for the next time. Progress: `workDoneToken` as LSP defines it.
 */
export const downloadModel = new RequestType<DownloadModelParams, DownloadModelResult, FailureData>(
  'paligemma/downloadModel',
);
/**
 * Client → server. Deletes what was downloaded and converted of a model; a folder that the user added stays, its entry
 * goes.
 */
export const removeModel = new RequestType<RemoveModelParams, RemoveModelResult, FailureData>(
  'paligemma/removeModel',
);
/**
 * Client → server. Reads every byte of a model on this machine, and of what was prepared of it, and compares it with
 * the hashes that are known; cancellable. Progress: `workDoneToken` as LSP defines it.
 */
export const verifyModel = new RequestType<VerifyModelParams, VerifyModelResult, FailureData>(
  'paligemma/verifyModel',
);
/**
 * Client → server. Asks an inference server which models it serves and whether it applies the model's prefix mask.
 * Sends a picture of one colour, never one of the person's. Cancellable.
 */
export const probeServer = new RequestType<ProbeServerParams, ServerProbe, FailureData>('paligemma/probeServer');
/**
 * Client → server. Registers a model of an inference server. Send it only after the person agreed that pictures go
 * there.
 */
export const addServer = new RequestType<AddServerParams, AddServerResult, FailureData>('paligemma/addServer');
/**
 * Server → client. The key that the person keeps for an inference server; asked before each run that needs it, never
 * stored or logged.
 */
export const apiKey = new RequestType<ApiKeyParams, ApiKeyResult, void>('paligemma/apiKey');
/**
 * Client → server. What of program and machine a report of a problem needs: no path, no secret, nothing about pictures.
 */
export const problemFacts = new RequestType0<readonly ProblemFact[], FailureData>('paligemma/problemFacts');
/** Client → server. Ends the host and frees its memory; the next run starts it again. */
export const unloadModel = new RequestType0<null, FailureData>('paligemma/unloadModel');
/** Server → client. What the status item shows; sent on every change. */
export const statusChanged = new NotificationType<ServerStatus>('paligemma/statusChanged');

/**
 * Client → server. The workspace is trusted from now on. A client whose `initializationOptions` hold `workspaceTrust:
 * false` sends it when its person says so; until then no picture is decoded and no model runs.
 */
export const trustGranted = new NotificationType0('paligemma/trustGranted');

/**
 * Server command, for `workspace/executeCommand`: runs the prompts of a range of lines. Argument: `{ uri, line, endLine
 * }`, lines from 0, the last one included.
 */
export const RUN_PROMPTS_IN_LINES = 'paligemma.runPromptsInLines';

export interface StoredResultsParams extends RunChoices {
  /** `file:` URIs. */
  readonly imageUris: readonly string[];
  /** The prompt as it is sent; the empty string is a legal prompt. */
  readonly prompt: string;
}

export interface StoredResults {
  /** One for each of `imageUris`, in their order; null where nothing is known of the picture's content of now. */
  readonly results: readonly (RunResult | null)[];
}

export interface RunParams extends StoredResultsParams {
  readonly workDoneToken?: string | number;
  readonly partialResultToken?: string | number;
}

export interface OverlayRequest {
  /** A `file:` URI. */
  readonly imageUri: string;
  /** As a run on this picture told them. */
  readonly regions: readonly Region[];
  /** Absolute; never the picture itself. */
  readonly outPath: string;
}

export interface RunResponse {
  /** One for each of `imageUris`, in their order. */
  readonly outcomes: readonly RunOutcome[];
  /** One sentence, set where the model was not trained for such a prompt: it stands beside the answers. */
  readonly note?: string;
}

export interface RunUpdate {
  /** Index into `imageUris`. */
  readonly index: number;
  readonly progress?: RunProgress;
  readonly outcome?: RunOutcome;
}

export interface ModelInfo {
  /** What `paligemma.model`, `--model` and `@model` take. */
  readonly id: string;
  readonly kind: CheckpointKind;
  readonly isInstalled: boolean;
  /** Absolute folder; absent while not installed. */
  readonly path?: string;
  /** Absolute folder of the LoRA adapter that was registered under this name; `path` is its base. */
  readonly adapter?: string;
  readonly resolutionPx?: number;
  /** Bytes on disk of the checkpoint. */
  readonly bytes?: number;
  /** Weight types that need no conversion any more: converted already, or there in a folder of transformers.js. */
  readonly converted: readonly WeightType[];
  /** Form of the weights and what reading does to them, a phrase; absent for plain ones in the form of transformers. */
  readonly form?: string;
  /** One sentence, set where the model cannot be used as it is, for example for lack of a readable config.json. */
  readonly problem?: string;
  /** Where it lies; absent while not installed. */
  readonly origin?: ModelOrigin;
  /** Parameters as published names say it; absent where neither name nor config tell. */
  readonly size?: ModelSize;
  /** Bytes that a download takes; for published checkpoints. */
  readonly downloadBytes?: number;
  /** Bytes that an interrupted download has left behind, from which it goes on. */
  readonly partialBytes?: number;
  /** Free bytes of the disk that a download goes to; told by `listPublishedModels` only. */
  readonly freeBytes?: number;
  /** Estimated memory for one run, bytes, by weight type. */
  readonly memoryBytes?: Readonly<Record<WeightType, number>>;
  /** The weight types whose memory this machine has. */
  readonly fits?: readonly WeightType[];
  readonly licence?: { readonly name: string; readonly url: string };
  /** Set for a model of an inference server, whose `path` is absent. */
  readonly server?: { readonly urls: readonly string[]; readonly mask: MaskSupport };
}

/**
 * `bundled` comes with the program, `downloaded` by it; `added` was registered, `folder` lies where a setting looks,
 * `server` runs elsewhere.
 */
export type ModelOrigin = 'bundled' | 'downloaded' | 'added' | 'folder' | 'huggingFaceCache' | 'server';

export type ModelSize = '3b' | '10b' | '28b';

export interface DownloadModelParams {
  /** Repository, for example `google/paligemma2-3b-mix-448`. */
  readonly id: string;
  /** Branch, tag or commit; default `main`. */
  readonly revision?: string;
  /**
   * The user's access token; without it the server looks where Hugging Face's own tools keep theirs. Never logged or
   * stored.
   */
  readonly token?: string;
  /** VS Code's `http.proxy`; without it the environment decides. */
  readonly proxyUrl?: string;
  /** Default true: converts to the weight type of the settings, so that the first run is quick. */
  readonly convert?: boolean;
  /** True: keeps the converted model only. */
  readonly deleteSource?: boolean;
  readonly workDoneToken?: string | number;
}

export type DownloadModelResult =
  | { readonly outcome: 'installed'; readonly id: string; readonly path: string; readonly bytes: number }
  /** The licence is not accepted or the token is missing or not enough: ask for a token, offer the page, try again. */
  | { readonly outcome: 'refused'; readonly message: string; readonly licenceUrl: string; readonly hadToken: boolean };

export interface RemoveModelParams {
  /** As listed. */
  readonly id: string;
}

export interface RemoveModelResult {
  readonly bytesFreed: number;
  /** What stays, and what the person can do about it; one sentence. */
  readonly note?: string;
}

export interface VerifyModelParams {
  /** As listed; not one of a server. */
  readonly id: string;
  readonly workDoneToken?: string | number;
}

export interface VerifyModelResult {
  readonly files: number;
  /** Absolute paths of files that are not as they were, or gone. */
  readonly damaged: readonly string[];
  readonly missing: readonly string[];
  /** Files without a known hash: only their presence was checked. */
  readonly unknown: number;
}

export interface ProbeServerParams {
  /** `http:` or `https:`; with or without the closing `/v1`. */
  readonly url: string;
  readonly apiKey?: string;
}

export type { MaskSupport, ServedModel, ServerProbe } from '../../../model-host/src/contract/inferenceServer';

export interface AddServerParams {
  /** One or more servers of the same model; a folder of pictures is spread over them. */
  readonly urls: readonly string[];
  readonly model: string;
  /** Side of the model's picture, pixels: 224, 448 or 896. Needed where the probe could not tell. */
  readonly resolutionPx?: number;
}

export interface AddServerResult {
  /** What `paligemma.model`, `--model` and `@model` take: `<url>#<model>`. */
  readonly id: string;
}

export interface ApiKeyParams {
  readonly url: string;
}

export interface ApiKeyResult {
  /** Absent where none is kept. */
  readonly apiKey?: string;
}

/** One line of a report of a problem. */
export interface ProblemFact {
  readonly name: string;
  readonly value: string;
}

export type ServerState = 'idle' | 'starting' | 'loading' | 'running' | 'ready' | 'failed';

export interface ServerStatus {
  readonly state: ServerState;
  readonly model?: string;
  readonly device?: RunDevice;
  /** Set while the chosen model is one of an inference server: pictures leave this machine for this host. */
  readonly sendsTo?: string;
  /** One sentence for the person. */
  readonly detail?: string;
  readonly lastTimings?: Timings;
}
