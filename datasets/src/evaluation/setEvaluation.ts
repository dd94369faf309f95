/** Judges the answers to a set of questions, one after the other: first all questions, then the answers. */
import type { Chemistry } from '../../../metrics/src/molecules';
import { CaptionJudge } from './captionJudge';
import { chosenMetric, taskOf } from './chosenMetric';
import type { AnsweredQuestion, LineScore, Scores } from './lineScore';
import type { MetricName } from './metricName';
import { judgeBoxes, judgeReferred, judgeWords } from './placeJudges';
import type { Question } from './question';
import { judgeMolecule, judgeMusic, judgeTable } from './structureJudges';
import { judgeAnswer, judgeChart, judgeCount, judgeExact, judgeLetter, judgeText, judgeVqav2 } from './textJudges';
import { Totals } from './totals';

export interface TaskSummary {
  /** The task word, or the prompt itself. */
  readonly task: string;
  readonly metric: MetricName;
  /** Answers that were judged. */
  readonly lines: number;
  readonly metrics: Scores;
}

export interface SetSummary {
  readonly lines: number;
  /**
   * Of all lines by name. No two metrics share a name but for `exact`, which is the share of all lines that have it. CIDEr
   * of several tasks is the mean of their captions, each judged among those of its own task.
   */
  readonly metrics: Scores;
  /** In the order in which they came. */
  readonly tasks: readonly TaskSummary[];
}

/** Where a question is judged. */
export interface Place {
  readonly task: string;
  readonly metric: MetricName;
}

/** More tasks than these are summed up together. */
const MOST_TASKS = 100;
const OTHER_TASKS = 'other';

interface Task extends Place {
  readonly captions: CaptionJudge;
  readonly totals: Totals;
}

export class SetEvaluation {
  private readonly tasks = new Map<string, Task>();
  private readonly all = new Totals();
  private chemistry: Promise<Chemistry> | undefined;

  /**
   * @param metric For every line; undefined: the one that suits each.
   * @param loadChemistry RDKit, asked for by molecules only.
   */
  constructor(
    private readonly metric: MetricName | undefined,
    private readonly loadChemistry: () => Promise<Chemistry>,
  ) {}

  /** Where a question belongs. */
  place(question: Question): Place {
    const metric = this.metric ?? chosenMetric(question);
    const name = taskOf(question.prefix);
    const isNew = name !== undefined && !this.tasks.has(keyOf({ task: name, metric }));
    const { task } = this.taskOf({
      task: name === undefined || (isNew && this.tasks.size >= MOST_TASKS) ? OTHER_TASKS : name,
      metric,
    });
    return { task, metric };
  }

  /** Every question once, before the first answer, also those that are not answered later. */
  prepare(question: Question, place: Place): void {
    if (place.metric === 'captions') this.taskOf(place).captions.prepare(question);
  }

  /**
   * Judges an answer and counts it. @param isRepeated The same question was counted before: it is one line more, and
   * changes no figure. @throws CaseFault where it cannot be judged; it does not count then.
   */
  async judge(answered: AnsweredQuestion, place: Place, isRepeated = false): Promise<LineScore> {
    const score = await this.score(answered, place);
    for (const totals of [this.taskOf(place).totals, this.all]) totals.add(score, isRepeated);
    return score;
  }

  summary(): SetSummary {
    const tasks = [...this.tasks.values()].filter(({ totals }) => totals.lines > 0);
    return {
      lines: this.all.lines,
      metrics: this.all.metrics(),
      tasks: tasks.map(({ task, metric, totals }) => ({
        task,
        metric,
        lines: totals.lines,
        metrics: totals.metrics(),
      })),
    };
  }

  private taskOf({ task, metric }: Place): Task {
    const key = keyOf({ task, metric });
    const known = this.tasks.get(key) ?? { task, metric, captions: new CaptionJudge(), totals: new Totals() };
    this.tasks.set(key, known);
    return known;
  }

  private async score(answered: AnsweredQuestion, place: Place): Promise<LineScore> {
    switch (place.metric) {
      case 'captions':
        return this.taskOf(place).captions.judge(answered);
      case 'molecules':
        this.chemistry ??= this.loadChemistry();
        return judgeMolecule(answered, await this.chemistry);
      default:
        return judges[place.metric](answered);
    }
  }
}

/** Of metrics that need nothing but the answer. */
const judges: Readonly<
  Record<Exclude<MetricName, 'captions' | 'molecules'>, (answered: AnsweredQuestion) => LineScore>
> = {
  exact: judgeExact,
  vqa_generic: judgeAnswer,
  vqav2: judgeVqav2,
  chartqa_relaxed: judgeChart,
  tallyqa: judgeCount,
  scienceqa_letter: judgeLetter,
  coco_map: judgeBoxes,
  refcoco: judgeReferred,
  text_spotting: judgeWords,
  teds: judgeTable,
  music_cer_ser_ler: judgeMusic,
  edit_distance: judgeText,
};

function keyOf({ task, metric }: Place): string {
  return `${metric} ${task}`;
}
