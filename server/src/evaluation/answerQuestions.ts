/** Asks one model all questions of a data set and judges what it says. */
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { SetEvaluation, type Place, type SetSummary } from '../../../datasets/src/evaluation/setEvaluation';
import { isPooled } from '../../../datasets/src/evaluation/pooling';
import type { AnsweredQuestion } from '../../../datasets/src/evaluation/lineScore';
import { referredBox } from '../../../datasets/src/evaluation/placeJudges';
import { CaseFault } from '../../../metrics/src/common/caseFault';
import { readGreyPng } from '../../../paligemma/src/answers/greyPng';
import { Failure } from '../../../paligemma/src/failures';
import { given } from '../../../paligemma/src/given';
import type { RunResult } from '../../../paligemma/src/runResult';
import { tokenLimit } from '../../../paligemma/src/tasks';
import { describeProgress, runFraction } from '../runs/runProgress';
import { runMany, type ManyOutcome, type PlannedRun } from '../runs/runMany';
import { throwIfCancelled } from '../util/cancellation';
import { toFailure } from '../util/failure';
import { Slices } from '../util/slices';
import type { JudgedAnswer } from '../contract/evaluation';
import type { EvaluationProgress, EvaluationTools, EvaluationWish } from './evaluationWish';
import type { AskedLine, Questions } from './questions';

export interface Answered extends JudgedAnswer, Place {
  readonly widthPx: number;
  readonly heightPx: number;
}

interface AnswerObserver {
  progress(progress: EvaluationProgress): void;
  /** In the order of the lines, as the next. */
  answered(line: AskedLine, answer: Answered): Promise<void> | void;
  /** Of a line that could not be evaluated, why. */
  left(line: LineInPlan, failure: Failure): Promise<void> | void;
}

type LineInPlan = Questions['lines'][number];

interface OneModel extends Omit<EvaluationWish, 'against' | 'file' | 'limit'> {
  /** Models that have answered already, and all of them: for the progress. */
  readonly before: number;
  readonly sides: number;
}

/** Bins are read as the papers' programs read them, so that masks have the pixels that those have. */
const MASK_DIVISOR = 1023;

/** @throws CancelledError; what the observer rejects with. */
export async function answerQuestions(
  { lines, asked }: Questions,
  wish: OneModel,
  tools: EvaluationTools,
  observer: AnswerObserver,
  token: CancellationToken,
): Promise<SetSummary> {
  const set = new SetEvaluation(wish.metric, tools.loadChemistry);
  const plan: PlannedRun<Planned>[] = [];
  const slices = new Slices();
  for (const line of lines) {
    // References of many captions take a while.
    if (slices.isOver) await slices.turn();
    throwIfCancelled(token);
    plan.push(planned(line, wish, set));
  }
  const { before, sides, maxNewTokens } = wish;
  const total = asked * sides;
  const unfit = plan.length - asked;
  await runMany(plan, {
    runner: tools.runner,
    log: tools.log,
    observer: {
      progress: (index, progress, over) => {
        const line = lines[index];
        if (line === undefined || 'failure' in line) return;
        const done = before * asked + Math.max(0, over - unfit);
        const limit = tokenLimit(line.prefix, maxNewTokens, 0);
        observer.progress({
          fraction: (done + runFraction(progress, limit)) / total,
          done,
          total,
          text: `${path.basename(line.image)}: ${describeProgress(progress)}`,
        });
      },
      inOrder: async (index, outcome) => {
        const payload = plan[index]?.payload;
        if (payload === undefined || outcome.kind === 'cancelled') return;
        const { line, place } = payload;
        if ('failure' in line) return observer.left(line, line.failure);
        if (outcome.kind !== 'done' || place === undefined) return observer.left(line, failureOf(outcome));
        const answer = await judged(line, place, outcome.result, { set, tools, wish, token });
        if (answer instanceof Failure) await observer.left(line, answer);
        else await observer.answered(line, answer);
      },
    },
  }, token);
  throwIfCancelled(token);
  return set.summary();
}

interface Planned {
  readonly line: LineInPlan;
  readonly place?: Place;
}

function planned(line: LineInPlan, wish: OneModel, set: SetEvaluation): PlannedRun<Planned> {
  if ('failure' in line) return { request: line.failure, payload: { line } };
  const { model, maxNewTokens, priority, useStore } = wish;
  const place = set.place(questionOf(line, set));
  if (!line.isRepeated) set.prepare(line, place);
  return {
    request: {
      model,
      imagePath: line.imagePath,
      prompt: line.prefix,
      maxNewTokens,
      // The whole picture, as it was in training.
      tiles: 'off',
      ...(place.metric === 'refcoco' ? { locDivisor: MASK_DIVISOR } : {}),
      priority,
      useStore,
    },
    payload: { line, place },
  };
}

/** Only texts have several right answers: of boxes each line has its own. */
function questionOf(line: AskedLine, set: SetEvaluation): AskedLine {
  return isPooled(set.place(line).metric) ? line : { ...line, references: [line.expected], isRepeated: false };
}

interface Judging {
  readonly set: SetEvaluation;
  readonly tools: EvaluationTools;
  readonly wish: OneModel;
  readonly token: CancellationToken;
}

function failureOf(outcome: Exclude<ManyOutcome, { readonly kind: 'cancelled' }>): Failure {
  return outcome.kind === 'done' ? toFailure(undefined) : outcome.error;
}

/** @returns Why it cannot be judged. */
async function judged(
  line: AskedLine,
  place: Place,
  result: RunResult,
  judging: Judging,
): Promise<Answered | Failure> {
  const { set } = judging;
  const question = questionOf(line, set);
  try {
    const answered = await answeredQuestion(question, place, result, judging);
    const { scores, rightness } = await set.judge(answered, place, question.isRepeated);
    return { suffix: result.suffix, scores, rightness, ...place, ...sizeOf(result) };
  } catch (error) {
    if (error instanceof CaseFault) return new Failure('badArgument', error.message, { cause: error });
    throw error;
  }
}

function sizeOf({ image: { widthPx, heightPx } }: RunResult): Pick<Answered, 'widthPx' | 'heightPx'> {
  return { widthPx, heightPx };
}

async function answeredQuestion(
  question: AskedLine,
  place: Place,
  result: RunResult,
  judging: Judging,
): Promise<AnsweredQuestion> {
  const masks = place.metric === 'refcoco' ? await masksOf(question, result, judging) : undefined;
  const { suffix, stopReason } = result;
  return {
    prefix: question.prefix,
    references: question.references,
    suffix,
    isTruncated: stopReason !== 'eos',
    ...sizeOf(result),
    ...given({ masks }),
  };
}

/** Undefined where the expected answer has no mask that could be decoded. */
async function masksOf(
  { expected }: AskedLine,
  result: RunResult,
  { tools, wish: { model }, token }: Judging,
): Promise<AnsweredQuestion['masks']> {
  if (referredBox(expected)?.codes === undefined) return undefined;
  const wanted = await tools.decodeMask({ model, suffix: expected, ...sizeOf(result) }, token);
  if (wanted === undefined) return undefined;
  const found = result.regions[0]?.mask;
  return { wanted: readGreyPng(wanted.png), found: found === undefined ? undefined : readGreyPng(found.png) };
}
