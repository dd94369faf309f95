/** Messages between the language server (or the command line) and the model host: JSON-RPC over the child's IPC channel. */
import { NotificationType, ProgressType, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { HostErrorData } from './errors';
import type { AttentionMode, DeviceName, LocDivisor, Region, StopReason, WeightType } from './paligemma';

/** Raised by one whenever a message changes its meaning; both sides must agree. */
export const PROTOCOL_VERSION = 1;

/** Server → host, first message. The host answers nothing else before it. */
export const initialize = new RequestType<InitializeParams, InitializeResult, HostErrorData>('modelHost/initialize');
/** Server → host. Runs one prompt on one picture; cancellable between native runs. */
export const generate = new RequestType<GenerateParams, GenerateResult, HostErrorData>('modelHost/generate');
/** Server → host. Converts a Hugging Face checkpoint to a folder of graphs; cancellable between tensors. */
export const convert = new RequestType<ConvertParams, ConvertResult, HostErrorData>('modelHost/convert');
/** Server → host. Draws the regions onto the picture and writes a PNG. */
export const overlay = new RequestType<OverlayParams, OverlayResult, HostErrorData>('modelHost/overlay');
/** Server → host. A small PNG of a picture, with regions drawn where there are some; kept in the cache folder. Needs no model; cancellable. */
export const thumbnail = new RequestType<ThumbnailParams, ThumbnailResult, HostErrorData>('modelHost/thumbnail');
/** Server → host. Loads both native modules and says which versions and devices they bring. */
export const selfTest = new RequestType0<SelfTestResult, HostErrorData>('modelHost/selfTest');
/** Server → host. Releases sessions; the answer comes before the process ends by itself. */
export const shutdown = new RequestType0<null, HostErrorData>('modelHost/shutdown');

/** Host → server, keyed by the `progressToken` of a request. */
export const runProgress = new ProgressType<RunProgress>();
/** Host → server. One record of the host's log. */
export const log = new NotificationType<LogRecord>('modelHost/log');

export interface InitializeParams {
  readonly protocolVersion: number;
  /** Absolute; the only folder that the host writes to by itself. */
  readonly cachePath: string;
}

export interface InitializeResult {
  readonly protocolVersion: number;
  readonly pid: number;
}

/** A model as the host loads it. */
export interface ModelSpec {
  /** Absolute path of a Hugging Face checkpoint or of a converted folder. */
  readonly path: string;
  readonly weights: WeightType;
  readonly device: DeviceName;
  readonly attention: AttentionMode;
  /** Absolute path of a PEFT adapter folder to merge at conversion. */
  readonly adapterPath?: string;
}

export interface GenerateParams {
  readonly model: ModelSpec;
  /** Absolute. */
  readonly imagePath: string;
  /** Prompt text only: the host adds image tokens, `<bos>` and the closing newline. */
  readonly prefix: string;
  /** At least 1. */
  readonly maxNewTokens: number;
  readonly locDivisor: LocDivisor;
  readonly progressToken: string;
}

export interface GenerateResult {
  /** Upright picture, pixels; `sha256` of the file's bytes, hexadecimal. */
  readonly image: { readonly widthPx: number; readonly heightPx: number; readonly sha256: string };
  /** The device that ran, never `auto`. */
  readonly device: Exclude<DeviceName, 'auto'>;
  /** The whole answer as the model wrote it, `<eos>` excluded. */
  readonly suffix: string;
  /** Ids of the suffix without `<eos>`. */
  readonly tokenIds: readonly number[];
  /** Probability of each id of `tokenIds` at its step, 0…1. */
  readonly tokenProbabilities: readonly number[];
  readonly stopReason: StopReason;
  readonly regions: readonly Region[];
  /** What of the suffix is not part of a region, trimmed. */
  readonly text: string;
  readonly timings: Timings;
}

/** Milliseconds; a part that was not needed (model loaded already, features known) is 0. */
export interface Timings {
  readonly loadMs: number;
  readonly imageMs: number;
  readonly visionMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** Suffix tokens, `<eos>` excluded. */
  readonly tokens: number;
}

/** What a run is doing. `text` is everything produced so far, in whole characters. */
export type RunProgress =
  | { readonly kind: 'phase'; readonly phase: RunPhase; readonly done: number; readonly total: number }
  | { readonly kind: 'text'; readonly text: string; readonly tokens: number };

/** `convert` counts bytes, `load` and `prefill` groups of layers, the rest is 0 of 1 until done. */
export type RunPhase = 'convert' | 'load' | 'image' | 'vision' | 'prefill' | 'decode';

export interface ConvertParams {
  readonly sourcePath: string;
  /** Must not exist yet, or be an empty folder. */
  readonly outPath: string;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly adapterPath?: string;
  readonly progressToken: string;
}

export interface ConvertResult {
  readonly path: string;
  readonly bytes: number;
  readonly elapsedMs: number;
}

export interface OverlayParams {
  readonly imagePath: string;
  readonly regions: readonly Region[];
  readonly outPath: string;
}

export interface OverlayResult {
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface ThumbnailParams {
  /** Absolute. */
  readonly imagePath: string;
  /** Longest side of the small picture, pixels, 16…2048; a smaller picture stays as it is. */
  readonly maxSidePx: number;
  /** Drawn onto the small picture; their coordinates are those of the upright source picture. */
  readonly regions?: readonly Region[];
  /** Height of the letters of labels on the small picture, pixels, 8…200; without it they follow its size. */
  readonly labelPx?: number;
}

export interface ThumbnailResult {
  /** Absolute path of a PNG below the cache folder; its name follows from the picture's content and the other parameters. */
  readonly path: string;
  /** The upright source picture, pixels. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the source file's bytes, hexadecimal. */
  readonly sha256: string;
}

export interface SelfTestResult {
  readonly onnxruntime: string;
  readonly sharp: string;
  readonly libvips: string;
  /** Execution providers that this build of the runtime brings. */
  readonly providers: readonly string[];
}

export type LogLevel = 'trace' | 'info' | 'warn' | 'error';
export type LogScope = 'host.process' | 'host.request' | 'host.convert' | 'host.load' | 'host.image' | 'host.vision' | 'host.prefill' | 'host.decode';

export interface LogRecord {
  readonly level: LogLevel;
  readonly scope: LogScope;
  readonly message: string;
}
