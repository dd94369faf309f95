/** What an evaluation tells: of each line of a data set, and of the whole. */
import { RequestType } from 'vscode-jsonrpc';
import type { Scores } from '../../../datasets/src/evaluation/lineScore';
import type { MetricName } from '../../../datasets/src/evaluation/metricName';
import type { SetSummary } from '../../../datasets/src/evaluation/setEvaluation';
import type { WeightType } from '../../../paligemma/src/facts';
import type { FailureData } from '../../../paligemma/src/failures';
import type { RunFailure } from '../../../paligemma/src/runResult';

/**
 * Client → server. Runs the lines of a data set, judges the answers and makes a page of them; cancellable, and what was
 * answered is kept for the next time. Progress: `workDoneToken` as LSP defines it.
 */
export const evaluate = new RequestType<EvaluateParams, EvaluateResult, FailureData>('paligemma/evaluate');

export interface EvaluateParams {
  /** Of a file on this machine. */
  readonly fileUri: string;
  /** As listed; without it the setting, or the best one installed. */
  readonly model?: string;
  /** As listed: answers the same lines for comparison. */
  readonly against?: string;
  /** At least 1: the first so many lines. */
  readonly limit?: number;
  readonly workDoneToken?: string | number;
}

export interface EvaluateResult {
  readonly summary: EvaluationSummary;
  /** HTML that needs nothing else, with the worst lines first. */
  readonly page: string;
  /** Every line that was judged, in the order of the file. */
  readonly lines: readonly JudgedLine[];
}

/** What lists of lines show of an answer. */
export type JudgedLine = Pick<EvaluatedLine, 'image' | 'prefix' | 'expected' | 'suffix' | 'rightness'>;

/** An answer and what it is worth. */
export interface JudgedAnswer {
  readonly suffix: string;
  readonly scores: Scores;
  /** 0…1; 1 is right. Lists of the worst go by it. */
  readonly rightness: number;
}

/** Whether the answer is nearer to the expected one than that of the other model. */
export type Change = 'better' | 'worse' | 'same';

export interface EvaluatedLine extends JudgedAnswer {
  /** Of the file, from 1. */
  readonly line: number;
  /** As the line names it. */
  readonly image: string;
  /** Absolute. */
  readonly imagePath: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly prefix: string;
  readonly expected: string;
  readonly task: string;
  readonly metric: MetricName;
  readonly against?: JudgedAnswer & { readonly change: Change };
}

/** A line that was not evaluated. */
export interface LeftLine {
  readonly line: number;
  readonly image?: string;
  readonly error: RunFailure;
}

/** What answered. */
export interface EvaluatedModel {
  readonly model: string;
  /** Absolute folder; null without one. */
  readonly adapter: string | null;
  /** Null on an inference server, which does not tell. Answers to the letter as of the training program are a matter of `f32`. */
  readonly weights: WeightType | null;
}

export interface EvaluationSummary extends EvaluatedModel, SetSummary {
  /** Lines that have no place in `lines`: unreadable, without an answer, or their run failed. */
  readonly left: number;
  /** Where only the first lines were asked for: how many. */
  readonly limit?: number;
  readonly against?: EvaluatedModel & SetSummary & {
    /** Lines to which this model has no answer that could be judged. */
    readonly left: number;
    /** Of the figures that both have: the first minus the second. */
    readonly difference: Scores;
    readonly better: number;
    readonly worse: number;
    readonly same: number;
  };
}
