/** What is evaluated, with what, and how far it is. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { MetricName } from '../../../datasets/src/evaluation/metricName';
import type { Chemistry } from '../../../metrics/src/molecules';
import type { Mask } from '../../../paligemma/src/facts';
import type { PreparedModel, Runner } from '../runs/runner';
import type { RunPriority } from '../runs/runQueue';
import type { Log } from '../util/log';

export interface EvaluationWish {
  /** Absolute. */
  readonly file: string;
  readonly model: PreparedModel;
  /** Answers the same lines for comparison. */
  readonly against?: PreparedModel | undefined;
  /** For every line; without it the one that suits each. */
  readonly metric?: MetricName | undefined;
  /** The first so many lines that can be evaluated. */
  readonly limit?: number | undefined;
  readonly maxNewTokens?: number | undefined;
  /** False: nothing that is known already counts, and nothing is kept. */
  readonly useStore: boolean;
  readonly priority: RunPriority;
}

export interface EvaluationTools {
  readonly runner: Pick<Runner, 'laneOf' | 'run'>;
  /** The mask that a suffix's first region has; undefined where none can be decoded. */
  readonly decodeMask: (wish: MaskWish, token: CancellationToken) => Promise<Mask | undefined>;
  readonly loadChemistry: () => Promise<Chemistry>;
  readonly log: Log;
}

export interface MaskWish {
  readonly model: PreparedModel;
  readonly suffix: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface EvaluationProgress {
  /** 0…1 of all runs of both models. */
  readonly fraction: number;
  /** Runs that have ended, and all of them. */
  readonly done: number;
  readonly total: number;
  /** What is being done, in a few words. */
  readonly text: string;
}
