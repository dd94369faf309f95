/** What an answer can be, beside text: how such an answer is recognised, read, copied and exported. */
import type { Box } from '../facts';
import type { LocBins } from '../locTokens';
import type { Translate } from '../translate';

/** What is known of an answer whose kind is asked for. */
export interface AskedAnswer {
  readonly prompt: string;
  /** Name of the model. */
  readonly model: string;
  readonly suffix: string;
}

/** How an answer is read. */
export interface Reading {
  /** Whether generation ended without `<eos>`: what is open at the end was cut off. */
  readonly isTruncated: boolean;
  /** The language of the sentences about faults. */
  readonly t: Translate;
}

/** Something in an answer that is not as its kind wants it. */
export interface AnswerFault {
  /** One sentence for the person. */
  readonly message: string;
  /** The place: UTF-16 units of the suffix. */
  readonly start: number;
  readonly end: number;
}

/** The answer as far as it could be read. */
export interface KindReading<Data> {
  /** Plain JSON, and bounded, whatever the suffix holds. */
  readonly data: Data;
  /** In the order of their places; of many alike the first, which tells how many there are. */
  readonly faults: readonly AnswerFault[];
}

/** A part of the answer that has a place in the picture. */
export interface KindRegion {
  /** One line; may be empty. */
  readonly label: string;
  readonly bins: LocBins;
}

/** A form in which an answer is copied and saved. */
export interface KindExport<Data> {
  /** As a list offers it. */
  title(t: Translate): string;
  /** Behind the picture's name without its extension: `.csv`, `.table.json`. */
  readonly ending: string;
  /** The whole content of a file, with its last newline. */
  write(data: Data): string;
}

/**
 * One kind of answer. Pure; nothing here throws for any suffix, and time and size grow with its length only.
 * `Data` is what the page's drawing of the same name gets (`media/viewer/kinds`).
 */
export interface AnswerKind<Data> {
  /** Its text and regions show all of it: no drawing of its own, and nothing is printed otherwise than as text. */
  readonly isPlain?: true;
  /** As a list offers it: one or two words. */
  title(t: Translate): string;
  /** One line about it, for completion and help. */
  about(t: Translate): string;
  /** Whether an answer is clearly one of these. Never true for what a task that is known gives as text. */
  isLikely(asked: AskedAnswer): boolean;
  read(suffix: string, reading: Reading): KindReading<Data>;
  /** As a person would copy it: several lines, no control characters, nothing at the ends. */
  text(data: Data, t: Translate): string;
  /** The beginning of it on one line, for lists and hints; absent: the text on one line. */
  line?(data: Data, t: Translate): string;
  /** For a hover: Markdown in which nothing of the answer means anything; absent: the text, as a block of its own. */
  markdown?(data: Data): string;
  /** In the place of the regions that the suffix has by itself; absent: those. */
  regions?(data: Data): readonly KindRegion[];
  /**
   * What a result's JSON says of it beside its name. @param boxOf Turns a place into pixels.
   */
  json?(data: Data, boxOf: (bins: LocBins) => Box): Readonly<Record<string, unknown>>;
  /** By name, which is how `--output` and lists know it; in the order of the list. */
  readonly exports?: Readonly<Record<string, KindExport<Data>>>;
}

/** Lets a kind's parts agree on their data. */
export function answerKind<Data>(kind: AnswerKind<Data>): AnswerKind<Data> {
  return kind;
}
