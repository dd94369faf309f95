/** Fine-tuning: what the trainer says, and the request that starts it. */
import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { FailureData } from '../../../paligemma/src/failures';

/**
 * Client → server. Trains on a file of lines with the person's own Python; cancellable: the trainer ends after its step
 * with a checkpoint, from which the same request goes on. Events come through `partialResultToken` as {@link tuneEvent}.
 * Refused in a workspace that is not trusted.
 */
export const tune = new RequestType<TuneParams, TuneResult, FailureData>('paligemma/tune');
/** Server → client, keyed by `partialResultToken` of {@link tune}. */
export const tuneEvent = new ProgressType<TrainerEvent>();

export const tuningMethods = ['lora', 'qlora', 'full'] as const;
/** `lora`: an adapter; `qlora`: the same over a base of four bits, which needs a graphics card; `full`: every weight. */
export type TuningMethod = (typeof tuningMethods)[number];

export interface TuneParams {
  /** Absolute path of the lines. */
  readonly file: string;
  /** Absolute path of held-out lines. */
  readonly valid?: string;
  /** As `paligemma.model` takes it; one of this machine. */
  readonly model: string;
  /** Absolute; a new folder, or the one of a training that was interrupted. */
  readonly out: string;
  readonly method: TuningMethod;
  /** Absolute path of a JSON file. */
  readonly settings?: string;
  readonly partialResultToken?: string | number;
}

export interface TuneResult {
  /** What `paligemma.model`, `--model` and `@model` take. */
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  readonly kind: 'adapter' | 'checkpoint';
  /** Absolute folder of the model that it was trained on. */
  readonly base: string;
}

/** `past`: the event belongs to the part of the training before it was interrupted. Steps are counted from 1. */
export type TrainerEvent =
  & { readonly past?: true }
  & (
    | { readonly event: 'phase'; readonly phase: 'load' }
    | TrainerStart
    | TrainerStep
    | {
      readonly event: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly step: number;
      readonly loss: number;
    }
    | TrainerEvaluation
    | TrainerSample
    | { readonly event: 'saved'; readonly step: number; readonly path: string }
    | {
      readonly event: 'done';
      readonly step: number;
      readonly path: string;
      readonly kind: TuneResult['kind'];
      readonly seconds: number;
    }
    | { readonly event: 'stopped'; readonly path: string }
    | { readonly event: 'error'; readonly reason: string; readonly message: string }
  );

export interface TrainerStart {
  readonly event: 'start';
  readonly method: TuningMethod;
  readonly lines: number;
  readonly validLines: number;
  readonly epochs: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Weights that are trained, and all. */
  readonly trainable: number;
  readonly parameters: number;
  readonly precision: string;
  readonly device: string;
  readonly processes: number;
  /** 0 for one that begins. */
  readonly resumedAt: number;
}

export interface TrainerStep {
  readonly event: 'step';
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly secondsLeft: number;
}

export interface TrainerEvaluation {
  readonly event: 'eval';
  readonly step: number;
  /** Held-out lines, or as many of those that are trained on. */
  readonly set: 'valid' | 'train';
  readonly loss: number;
  /** Answers that are the expected ones to the letter, of `lines` that were asked for. */
  readonly exact: number;
  readonly lines: number;
}

export interface TrainerSample {
  readonly event: 'sample';
  readonly step: number;
  readonly image: string;
  readonly prefix: string;
  readonly expected: string;
  readonly answer: string;
}
