/** Requests about answers that are known already: none of them runs a model or decodes a picture. */
import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { KindName } from '../../../paligemma/src/kinds/kinds';
import type { FailureData } from '../../../paligemma/src/failures';
import type { RunResult } from '../../../paligemma/src/runResult';

/** Client → server. Everything that was ever answered about a picture as it is now, newest first; cancellable. */
export const knownAnswers = new RequestType<KnownAnswersParams, readonly KnownAnswer[], FailureData>(
  'paligemma/knownAnswers',
);

/**
 * Client → server. One of {@link knownAnswers} as a whole, or null where it is not kept any more; cancellable. Its
 * `image.path` is where the picture lay when it was asked about.
 */
export const storedAnswer = new RequestType<StoredAnswerParams, RunResult | null, FailureData>(
  'paligemma/storedAnswer',
);

/**
 * Server → client, for one whose `initializationOptions` hold `showsAnswers: true`: the person wants to see a prompt's
 * pictures with its answers. Other clients get `window/showDocument` with the first picture.
 */
export const showAnswers = new NotificationType<AskedPictures>('paligemma/showAnswers');

export interface KnownAnswersParams {
  /** A `file:` URI. */
  readonly imageUri: string;
}

export interface StoredAnswerParams {
  /** Of a {@link KnownAnswer}. */
  readonly key: string;
}

/** One answer, without its masks. */
export interface KnownAnswer {
  /** Of the result store. */
  readonly key: string;
  readonly prompt: string;
  /** What of the answer is not part of a region. */
  readonly text: string;
  /** The beginning of the answer as what it is; absent where text and labels are all of it. */
  readonly line?: string;
  /** Who answered, in words: the model, and its server where it is not on this machine. */
  readonly model: string;
  /** One for each region. */
  readonly labels: readonly string[];
  readonly widthPx: number;
  readonly heightPx: number;
  /** When it was answered, milliseconds since 1970. */
  readonly storedAtMs: number;
}

/** A prompt and the pictures that it is asked of, in their order. */
export interface AskedPictures {
  readonly prompt: string;
  /** What the answers are; absent: what they look like. */
  readonly show?: KindName;
  readonly pictures: readonly AskedPicture[];
}

export interface AskedPicture {
  readonly imageUri: string;
  /** Of its answer; absent where none is known. */
  readonly key?: string;
  /** The sentence of a run that failed. */
  readonly error?: string;
}
