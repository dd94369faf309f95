/**
 * Messages between the language server (or the command line) and the model host: JSON-RPC over the child's IPC channel.
 */
import { NotificationType, ProgressType, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { FailureData } from '../../../paligemma/src/failures';
import type { RemoteModelSpec, ServerEndpoint, ServerProbe, ServerTrace } from './inferenceServer';
import type {
  AttentionMode,
  Box,
  DeviceName,
  LocDivisor,
  Mask,
  Region,
  WeightType,
} from '../../../paligemma/src/facts';
import type { Answer, PictureFacts } from '../../../paligemma/src/runResult';
import type { TileGrid } from '../../../paligemma/src/tileChoice';
import type { WeightForm } from '../../../paligemma/src/weightForms';
import type { TileKind } from '../../../paligemma/src/tiles/kind';

/** Raised by one whenever a message changes its meaning; both sides must agree. */
export const PROTOCOL_VERSION = 3;

/** Server → host, first message. The host answers nothing else before it. */
export const initialize = new RequestType<InitializeParams, InitializeResult, FailureData>('modelHost/initialize');
/**
 * Server → host. Runs one prompt on one picture, here or on an inference server; cancellable between native runs, at
 * once for a server.
 */
export const generate = new RequestType<GenerateParams, GenerateResult, FailureData>('modelHost/generate');
/** Server → host. Converts a Hugging Face checkpoint to a folder of graphs; cancellable between tensors. */
export const convert = new RequestType<ConvertParams, ConvertResult, FailureData>('modelHost/convert');
/**
 * Server → host. Asks an inference server which models it serves, and each of them whether it gets the prompt as the
 * model needs it. Sends a picture of one colour. Cancellable at once.
 */
export const probeServer = new RequestType<ProbeServerParams, ServerProbe, FailureData>('modelHost/probeServer');
/** Server → host. Decodes a picture and says in which parts it is to be read. Needs no model; cancellable. */
export const planTiles = new RequestType<TilesParams, TilesResult, FailureData>('modelHost/planTiles');
/** Server → host. Masks of one picture as one: inside is what is inside any of them. */
export const uniteMasks = new RequestType<UniteMasksParams, Mask, FailureData>('modelHost/uniteMasks');
/**
 * Server → host. The regions of a suffix that no model of this process wrote, such as an expected answer: with masks,
 * where there is a decoder. Needs no model; cancellable between regions.
 */
export const suffixRegions = new RequestType<SuffixRegionsParams, readonly Region[], FailureData>(
  'modelHost/suffixRegions',
);
/** Server → host. Draws the regions onto the picture and writes a PNG. */
export const overlay = new RequestType<OverlayParams, OverlayResult, FailureData>('modelHost/overlay');
/**
 * Server → host. A small PNG of a picture, with regions drawn where there are some; kept in the cache folder. Needs no
 * model; cancellable.
 */
export const thumbnail = new RequestType<ThumbnailParams, ThumbnailResult, FailureData>('modelHost/thumbnail');
/** Server → host. How many pages a document has; a picture has one. Needs no model; cancellable. */
export const countPages = new RequestType<CountPagesParams, number, FailureData>('modelHost/countPages');
/** Server → host. How many tokens texts have, as a model counts them. Needs no graphs; cancellable between texts. */
export const countTokens = new RequestType<CountTokensParams, readonly number[], FailureData>('modelHost/countTokens');
/** Server → host. Masks as the codes of `<seg>` tokens, 16 each. Needs no model; cancellable between masks. */
export const encodeMasks = new RequestType<EncodeMasksParams, readonly (readonly number[])[], FailureData>(
  'modelHost/encodeMasks',
);
/** Server → host. What a picture looks like from afar, to find pictures that are nearly the same. Cancellable. */
export const likeness = new RequestType<LikenessParams, LikenessResult, FailureData>('modelHost/likeness');
/** Server → host. Loads both native modules and says which versions and devices they bring. */
export const selfTest = new RequestType0<SelfTestResult, FailureData>('modelHost/selfTest');
/** Server → host. What the host's process has taken so far. */
export const usage = new RequestType0<UsageResult, FailureData>('modelHost/usage');
/** Server → host. Releases sessions; the answer comes before the process ends by itself. */
export const shutdown = new RequestType0<null, FailureData>('modelHost/shutdown');

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
  /** Absolute path of a Hugging Face checkpoint, of a converted folder, or of a folder of transformers.js graphs. */
  readonly path: string;
  readonly weights: WeightType;
  readonly device: DeviceName;
  /** Layers of the decoder on a GPU, the others on the CPU; chosen by the GPU's memory where left out. */
  readonly gpuLayers?: number;
  readonly attention: AttentionMode;
  /** Absolute path of a PEFT adapter folder to merge at conversion. */
  readonly adapterPath?: string;
  /** Absolute folders whose `tokenizer.json` may serve, the best first, where the checkpoint's form brings none. */
  readonly tokenizerPaths?: readonly string[];
}

export interface GenerateParams {
  readonly model: ModelSpec | RemoteModelSpec;
  /** Absolute; of a document with the page as fragment, such as `#page=3`. */
  readonly imagePath: string;
  /** True: the model reads the page even where the document has a text of its own. */
  readonly ignoresTextLayer?: boolean;
  /** Prompt text only: the host adds image tokens, `<bos>` and the closing newline. */
  readonly prefix: string;
  /** At least 1. */
  readonly maxNewTokens: number;
  readonly locDivisor: LocDivisor;
  /**
   * The only part of the picture that the model sees: whole pixels of the upright picture, `x2` and `y2` just outside.
   * Regions are in pixels of the whole picture all the same, and masks have its size.
   */
  readonly crop?: Box;
  /** True: goes before the runs that wait, for a person who waits for it; the one at work is finished first. */
  readonly isUrgent?: boolean;
  /** True: is not decoded together with others, whom it may take along where the host ends. */
  readonly isAlone?: boolean;
  /** True: the image features are computed even where they are known, so that every run takes the same time. */
  readonly freshFeatures?: boolean;
  readonly progressToken: string;
}

/** A run on a model of this machine. */
export interface LocalGenerateParams extends GenerateParams {
  readonly model: ModelSpec;
}

/** A run on a model of inference servers. */
export interface RemoteGenerateParams extends GenerateParams {
  readonly model: RemoteModelSpec;
}

export interface GenerateResult extends Answer {
  /** Set for a run on an inference server. */
  readonly server?: ServerTrace;
}

/** What a run is doing. `text` is everything produced so far, in whole characters. */
export type RunProgress =
  & (
    | { readonly kind: 'phase'; readonly phase: RunPhase; readonly done: number; readonly total: number }
    | { readonly kind: 'text'; readonly text: string; readonly tokens: number }
  )
  & {
    /** Where a picture is read in parts: how many of them are read. The host, which knows of one only, never says it. */
    readonly tiles?: { readonly done: number; readonly total: number };
  };

/** `convert` counts bytes, `load`, `vision` and `prefill` groups of layers, the rest is 0 of 1 until done. */
export type RunPhase = 'convert' | 'load' | 'image' | 'vision' | 'prefill' | 'decode';

export interface ConvertParams {
  readonly sourcePath: string;
  /** Must not exist yet, or be an empty folder. */
  readonly outPath: string;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly adapterPath?: string;
  /** As of a {@link ModelSpec}. */
  readonly tokenizerPaths?: readonly string[];
  readonly progressToken: string;
}

export interface ConvertResult {
  readonly path: string;
  readonly bytes: number;
  /** How the checkpoint's weights are stored; absent for plain numbers in the form of transformers. */
  readonly form?: WeightForm;
  readonly elapsedMs: number;
}

export interface ProbeServerParams {
  readonly endpoint: ServerEndpoint;
}

export interface TilesParams {
  /** Absolute. */
  readonly imagePath: string;
  /** Columns and rows; as many as the picture needs; or a single part, in pixels, cut to what lies in the picture. */
  readonly tiles: TileGrid | 'auto' | Box;
  /** Side of the model's square. */
  readonly resolutionPx: number;
  readonly kind: TileKind;
  /** A page of a document that brings its text is not cut: the text is all that is asked for. */
  readonly takesTextLayer: boolean;
}

export interface TilesResult {
  readonly image: PictureFacts;
  /** `box` as in `GenerateParams.crop`. `isBlank`: of one colour, nothing is to be seen in it. */
  readonly tiles: readonly { readonly box: Box; readonly isBlank: boolean }[];
}

export interface UniteMasksParams {
  /** Of equal size, at least one. */
  readonly masks: readonly Mask[];
}

/** Of a picture whose masks are decoded: each mask is as large as the picture. */
export const MOST_MASK_PIXELS = 1 << 26;

/** Without a decoder, regions have boxes only. */
export interface SuffixRegionsParams {
  readonly suffix: string;
  /** Of the upright picture; at most {@link MOST_MASK_PIXELS} together. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly locDivisor: LocDivisor;
  /** The decoder, absolute, as in `EncodeMasksParams`. */
  readonly codecPath?: string;
  /** Absolute; where `codecPath` names none, the first that holds a decoder is taken. */
  readonly decoderFolders?: readonly string[];
}

export interface CountTokensParams {
  /** Absolute path of a folder with a tokenizer: a checkpoint, or a converted one. */
  readonly modelPath: string;
  /** Each is tokenised by itself, nothing added. */
  readonly texts: readonly string[];
}

export interface EncodeMasksParams {
  /** Absolute path of `vae-oid.npz`, or of a `.safetensors` file with the same names. */
  readonly codecPath: string;
  /** Each base64 of `[64, 64]` levels of 8 bits: 255 inside the object, 0 outside. */
  readonly masks: readonly string[];
}

export interface LikenessParams {
  /** Absolute. */
  readonly imagePath: string;
}

export interface LikenessResult {
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** Base64 of `[16, 18]` levels of 8 bits: the upright picture in grey. */
  readonly levels: string;
}

export interface CountPagesParams {
  /** Absolute. */
  readonly imagePath: string;
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
  /**
   * Absolute path of a PNG below the cache folder; its name follows from the picture's content and the other
   * parameters.
   */
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

export interface UsageResult {
  /** The most memory that the process ever held at once, bytes. */
  readonly peakRssBytes: number;
}

export type LogLevel = 'trace' | 'info' | 'warn' | 'error';
export type LogScope =
  | 'host.process'
  | 'host.request'
  | 'host.convert'
  | 'host.load'
  | 'host.image'
  | 'host.vision'
  | 'host.prefill'
  | 'host.decode'
  | 'host.server';

export interface LogRecord {
  readonly level: LogLevel;
  readonly scope: LogScope;
  readonly message: string;
}
