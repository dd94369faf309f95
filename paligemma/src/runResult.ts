/**
 * What is known of one prompt on one picture: the one shape in which an answer is kept, sent and shown. A field of an
 * answer is added here, type and check, and where its value comes from; whoever hands answers on does not name it.
 */
import {
  isAbsentOr,
  isAmount,
  isBoolean,
  isCount,
  isFiniteNumber,
  isListOf,
  isOneOf,
  isShare,
  isShape,
  isString,
  type Check,
  type FieldChecks,
} from './checks';
import { runDevices, stopReasons, type Box, type Mask, type Region, type RunDevice, type StopReason } from './facts';
import type { ErrorKind, Failure, FailureReason } from './failures';

/**
 * Milliseconds; a part that was not needed (model loaded already, features known) is 0. For an inference server
 * `prefillMs` is the time until its first text, waiting and sending included, and `visionMs` is 0.
 */
export interface Timings {
  readonly loadMs: number;
  readonly imageMs: number;
  readonly visionMs: number;
  readonly prefillMs: number;
  /** Of all steps that the run took part in, those shared with other pictures included. */
  readonly decodeMs: number;
  /** Suffix tokens, `<eos>` excluded. */
  readonly tokens: number;
}

/** The upright picture that was looked at. */
export interface PictureFacts {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
}

/** What the model said, as the model host tells it. */
export interface Answer {
  readonly image: PictureFacts;
  readonly device: RunDevice;
  /** The whole answer as the model wrote it, `<eos>` excluded; never lost, even where regions were parsed from it. */
  readonly suffix: string;
  /** Ids of the suffix without `<eos>`; empty where an inference server does not tell them. */
  readonly tokenIds: readonly number[];
  /**
   * Probability of each id of `tokenIds` at its step, 0…1; empty for an inference server, which would have to be asked
   * for them at a price.
   */
  readonly tokenProbabilities: readonly number[];
  readonly stopReason: StopReason;
  readonly regions: readonly Region[];
  /** The rest of the suffix, beside its regions. */
  readonly text: string;
  /** Where the answer comes from; absent: the model. */
  readonly source?: AnswerSource;
  readonly timings: Timings;
}

/**
 * A part of the picture that was read by itself, or the whole picture where it was looked at beside its parts: whole
 * pixels of the upright picture, `x2` and `y2` just outside, and the answer as the model wrote it, its `<loc>` tokens those of
 * the part. Empty for a part of one colour, which the model does not see.
 */
export interface Tile extends Box {
  readonly suffix: string;
}

/** `text layer`: of the document itself, letter by letter; no model was asked. */
export const answerSources = ['text layer'] as const;
export type AnswerSource = (typeof answerSources)[number];

/** An answer with what was asked: plain JSON, kept in the result store. */
export interface RunResult extends Answer {
  readonly image: PictureFacts & { readonly path: string };
  /** Name of the model, for example `paligemma2-demo-224`. */
  readonly model: string;
  readonly prompt: string;
  /** Address of the inference server that answered; absent for a run on this machine. */
  readonly server?: string;
  /** True where the answer came from the result store. */
  readonly fromStore: boolean;
  /**
   * Where the picture was read in parts. Then `regions` and `text` are those of all parts, each thing once; `suffix` is what
   * says the same of the whole picture: the joined text, or regions in `<loc>` tokens of the whole picture, with `<seg>`
   * tokens only for a mask that one part has. `tokenIds` and `tokenProbabilities` are empty, as no model has written
   * this suffix; `timings` are sums; `stopReason` is another than `eos` where that of any part is.
   */
  readonly tiles?: readonly Tile[];
  /** Into how many parts `auto` would cut the picture, where its text was likely too small to be read as a whole. */
  readonly advisedTiles?: number;
}

export type RunOutcome =
  | { readonly imageUri: string; readonly result: RunResult }
  /** `endsOthers`: every other picture would meet it too, so whoever has more of them asks no further. */
  | { readonly imageUri: string; readonly error: RunFailure; readonly endsOthers?: true };

export interface RunFailure {
  readonly code: number;
  readonly kind: ErrorKind;
  readonly reason: FailureReason;
  readonly message: string;
}

/** The plain form of a failure. */
export function runFailureOf({ code, kind, reason, message }: Failure): RunFailure {
  return { code, kind, reason, message };
}

export const isBox = isShape<Box>({ x1: isFiniteNumber, y1: isFiniteNumber, x2: isFiniteNumber, y2: isFiniteNumber });
export const isMask = isShape<Mask>({ width: isCount, height: isCount, png: isString });
/** Strict enough for whoever draws, counts or exports. */
export const isRegion: Check<Region> = isShape<Region>({
  label: isString,
  box: isBox,
  confidence: isAbsentOr(isShare),
  mask: isAbsentOr(isMask),
});
const isTile = isShape<Tile>({
  x1: isFiniteNumber,
  y1: isFiniteNumber,
  x2: isFiniteNumber,
  y2: isFiniteNumber,
  suffix: isString,
});
const isTimings = isShape<Timings>({
  loadMs: isAmount,
  imageMs: isAmount,
  visionMs: isAmount,
  prefillMs: isAmount,
  decodeMs: isAmount,
  tokens: isCount,
});

const fields: FieldChecks<RunResult> = {
  image: isShape<RunResult['image']>({ path: isString, widthPx: isCount, heightPx: isCount, sha256: isString }),
  model: isString,
  device: isOneOf(runDevices),
  prompt: isString,
  suffix: isString,
  tokenIds: isListOf(isCount),
  tokenProbabilities: isListOf(isFiniteNumber),
  stopReason: isOneOf(stopReasons),
  regions: isListOf(isRegion),
  text: isString,
  source: isAbsentOr(isOneOf(answerSources)),
  timings: isTimings,
  server: isAbsentOr(isString),
  fromStore: isBoolean,
  tiles: isAbsentOr(isListOf(isTile)),
  advisedTiles: isAbsentOr(isCount),
};

/** The one reader of results from files, pages and other processes. Undefined for anything that is not one. */
export const isRunResult: Check<RunResult> = isShape(fields);

/** A result without what takes much room: its masks. */
export function withoutMasks<T extends Pick<RunResult, 'regions'>>(result: T): T {
  return { ...result, regions: result.regions.map(({ mask: _, ...region }) => region) };
}
