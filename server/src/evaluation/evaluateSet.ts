/** Runs the lines of a data set and judges the answers: one model, or two of them side by side. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { Scores } from '../../../datasets/src/evaluation/lineScore';
import type { SetSummary } from '../../../datasets/src/evaluation/setEvaluation';
import type { Chemistry } from '../../../metrics/src/molecules';
import { Failure } from '../../../paligemma/src/failures';
import { given } from '../../../paligemma/src/given';
import { runFailureOf } from '../../../paligemma/src/runResult';
import type {
  Change,
  EvaluatedLine,
  EvaluatedModel,
  EvaluationSummary,
  JudgedAnswer,
  LeftLine,
} from '../contract/evaluation';
import type { PreparedModel } from '../runs/runner';
import { throwIfCancelled } from '../util/cancellation';
import { answerQuestions, type Answered } from './answerQuestions';
import type { EvaluationProgress, EvaluationTools, EvaluationWish } from './evaluationWish';
import { readQuestions, type AskedLine, type Questions } from './questions';

/** In the order of the lines, one after the other: the next one waits. */
export interface EvaluationObserver {
  line(line: EvaluatedLine): Promise<void> | void;
  left(line: LeftLine): Promise<void> | void;
  progress(progress: EvaluationProgress): void;
}

/**
 * What was answered until a cancel is kept, unless the wish says otherwise: the same wish goes on there.
 * @throws Failure `fileUnreadable`; `nothingToDo` where no line can be evaluated; CancelledError.
 */
export async function evaluateSet(
  wish: EvaluationWish,
  tools: EvaluationTools,
  observer: EvaluationObserver,
  token: CancellationToken,
): Promise<EvaluationSummary> {
  let chemistry: Promise<Chemistry> | undefined;
  const shared = { ...tools, loadChemistry: () => chemistry ??= tools.loadChemistry() };
  const questions = await readQuestions(wish.file, wish.limit ?? Infinity, token);
  if (questions.asked === 0) throw await nothingToEvaluate(wish.file, questions, observer);
  const { against } = wish;
  const sides = against === undefined ? 1 : 2;
  // The other model first: each line is told with both answers.
  const others = new Map<number, JudgedAnswer>();
  let leftByOther = 0;
  const other = against === undefined
    ? undefined
    : await answerQuestions(questions, { ...wish, model: against, before: 0, sides }, shared, {
      progress: progress => observer.progress(progress),
      answered: ({ line }, answer) => void others.set(line, judgedOnly(answer)),
      left: () => void leftByOther++,
    }, token);
  let left = 0;
  const tally: Record<Change, number> = { better: 0, worse: 0, same: 0 };
  const own = await answerQuestions(questions, { ...wish, before: sides - 1, sides }, shared, {
    progress: progress => observer.progress(progress),
    left: ({ line, image }, failure) => {
      left++;
      return observer.left({ line, ...given({ image }), error: runFailureOf(failure) });
    },
    answered: (line, answer) => {
      const before = others.get(line.line);
      const change = before === undefined ? undefined : changeOf(answer, before);
      if (change !== undefined) tally[change]++;
      return observer.line({
        ...toldLine(line, answer),
        ...(before === undefined || change === undefined ? {} : { against: { ...before, change } }),
      });
    },
  }, token);
  throwIfCancelled(token);
  return {
    ...modelFacts(wish.model),
    ...own,
    left,
    ...given({ limit: wish.limit }),
    ...(against === undefined || other === undefined
      ? {}
      : {
        against: { ...modelFacts(against), ...other, left: leftByOther, difference: difference(own, other), ...tally },
      }),
  };
}

/** Tells why each line cannot be evaluated. */
async function nothingToEvaluate(file: string, { lines }: Questions, observer: EvaluationObserver): Promise<Failure> {
  for (const line of lines) {
    if ('failure' in line) {
      const { failure, image } = line;
      await observer.left({ line: line.line, ...given({ image }), error: runFailureOf(failure) });
    }
  }
  return new Failure(
    'nothingToDo',
    l10n.t('{0} holds no line with a picture, a prompt and an expected answer.', file),
  );
}

function judgedOnly({ suffix, scores, rightness }: JudgedAnswer): JudgedAnswer {
  return { suffix, scores, rightness };
}

function toldLine({ line, image, imagePath, prefix, expected }: AskedLine, answer: Answered): EvaluatedLine {
  return { line, image, imagePath, prefix, expected, ...answer };
}

const SMALLEST_CHANGE = 1e-9;

function changeOf({ rightness }: JudgedAnswer, other: JudgedAnswer): Change {
  if (Math.abs(rightness - other.rightness) < SMALLEST_CHANGE) return 'same';
  return rightness > other.rightness ? 'better' : 'worse';
}

function difference({ metrics }: SetSummary, { metrics: others }: SetSummary): Scores {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => {
      const other = others[name];
      return other === undefined ? [] : [[name, value - other]];
    }),
  );
}

function modelFacts(model: PreparedModel): EvaluatedModel {
  if (model.server !== undefined) return { model: model.id, adapter: null, weights: null };
  return { model: model.id, adapter: model.spec.adapterPath ?? null, weights: model.spec.weights };
}
