/** What is known of one prompt on one picture: the one shape in which an answer is kept, sent and shown. */
import type { ErrorKind, HostErrorReason } from './failures';
import type { Region, RunDevice, StopReason } from './facts';

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

/** What is known of one prompt on one picture with one model: plain JSON, kept in the result store. */
export interface RunResult {
  readonly image: {
    readonly path: string;
    readonly widthPx: number;
    readonly heightPx: number;
    readonly sha256: string;
  };
  /** Name of the model, for example `paligemma2-demo-224`. */
  readonly model: string;
  readonly device: RunDevice;
  readonly prompt: string;
  /** The raw answer; never lost, even where regions were parsed from it. */
  readonly suffix: string;
  /** Empty where an inference server does not tell them. */
  readonly tokenIds: readonly number[];
  /** Empty for an inference server. */
  readonly tokenProbabilities: readonly number[];
  readonly stopReason: StopReason;
  readonly regions: readonly Region[];
  /** What of the suffix is not part of a region. */
  readonly text: string;
  readonly timings: Timings;
  /** True where the answer came from the result store. */
  readonly fromStore: boolean;
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
