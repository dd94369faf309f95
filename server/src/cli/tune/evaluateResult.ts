/** What a training has come to, by the evaluation that any model gets: held-out lines before and after it. */
import { jsonText } from '../../../../paligemma/src/answers/json';
import type { EvaluationSummary } from '../../contract/evaluation';
import type { TuneResult } from '../../contract/tuning';
import { CancelledError } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import { evaluateInSession } from '../evaluate/runEvaluation';
import { summaryLines } from '../evaluate/summaryLines';
import type { RunOptions } from '../terminal/options';
import { textFailure } from '../terminal/output';
import { openSession, type Session } from '../terminal/session';
import type { VerbContext } from '../terminal/verb';

export interface ResultEvaluation {
  /** Absolute, of the lines that were trained on. */
  readonly file: string;
  /** Absolute, of the lines that were held out. */
  readonly valid: string;
  /** At least 1: the first so many held-out lines. */
  readonly limit: number;
  /** Device, weights, JSON; the model is that of the training. */
  readonly options: RunOptions;
}

/** Enough to see that lines were learnt by heart. */
const TRAINING_LINES = 50;

/**
 * Tells figures of the base and of the result on held-out lines, and of the result on lines that it has learnt. A model
 * that cannot be evaluated is trained all the same: that is noted and no failure. @throws CancelledError.
 */
export async function evaluateResult(
  context: VerbContext,
  result: TuneResult,
  wish: ResultEvaluation,
): Promise<void> {
  const { terminal } = context;
  const session = openSession(context, wish.options);
  try {
    await evaluateBoth(context, session, result, wish);
  } catch (error) {
    if (error instanceof CancelledError) {
      terminal.note(
        `The training is complete and ${result.id} stays in the list of models. The same command goes on with the evaluation.`,
      );
      throw error;
    }
    terminal.note(textFailure(undefined, toFailure(error)));
    terminal.note(`${result.id} was not evaluated, and stays in the list of models.`);
  } finally {
    await session.close();
  }
}

async function evaluateBoth(
  context: VerbContext,
  session: Session,
  { path, kind, base }: TuneResult,
  { file, valid, limit, options }: ResultEvaluation,
): Promise<void> {
  const { terminal } = context;
  const trained = kind === 'adapter'
    ? { ...options, model: base, adapterPath: path }
    : { ...options, model: path, adapterPath: undefined };
  const run = async (lines: string, most: number, against: string | undefined) =>
    (await evaluateInSession(
      context,
      session,
      { file: lines, options: trained, against, metric: undefined, limit: most, reportPath: undefined },
      true,
    )).summary;
  const tell = async (set: 'valid' | 'train', summary: EvaluationSummary) => {
    if (options.json) return printSummary(context, set, summary);
    for (const line of summaryLines(summary, true)) terminal.note(line);
  };
  // Answers of the base that are known already are not asked for again.
  terminal.note(`Evaluating held-out lines, ${limit} at most, before and after the training, with ${options.weights}.`);
  await tell('valid', await run(valid, limit, base));
  const some = Math.min(limit, TRAINING_LINES);
  terminal.note(`Evaluating lines that were trained on, ${some} at most.`);
  await tell('train', await run(file, some, undefined));
}

/** A contract for scripts. */
async function printSummary(
  { terminal }: VerbContext,
  set: 'valid' | 'train',
  summary: EvaluationSummary,
): Promise<void> {
  const { against } = summary;
  if (against !== undefined) {
    const { model, adapter, weights, lines, metrics, tasks, left } = against;
    const before = { model, adapter, weights, lines, metrics, tasks, left };
    await terminal.print(jsonText({ event: 'evaluated', when: 'before', set, summary: before }));
  }
  await terminal.print(jsonText({ event: 'evaluated', when: 'after', set, summary }));
}
