/** What an evaluation comes to, as a person reads it. */
import { tameText } from '../../../../paligemma/src/plainText';
import type { EvaluatedModel, EvaluationSummary } from '../../contract/evaluation';
import type { Scores } from '../../../../datasets/src/evaluation/lineScore';

/**
 * A row a figure: task, metric, lines, name, value, and with a second model its value and the difference; first those of
 * all lines where there are several tasks. In columns for a person, between tabs for scripts.
 */
export function summaryLines(summary: EvaluationSummary, isForPerson: boolean): readonly string[] {
  const { tasks, lines, metrics, against } = summary;
  const isOne = tasks.length === 1;
  const rows = [
    ...(isOne ? [] : figureRows({ task: 'all', metric: '', lines, metrics }, against?.metrics)),
    ...tasks.flatMap(task =>
      figureRows(
        task,
        against?.tasks.find(other => other.task === task.task && other.metric === task.metric)?.metrics,
        against !== undefined,
      )
    ),
  ];
  if (!isForPerson) return rows.map(row => row.join('\t'));
  return [
    answeredBy(summary),
    ...(against === undefined
      ? []
      : [
        `compared with ${
          answeredBy(against)
        }: ${against.better} better, ${against.worse} worse, ${against.same} the same`,
      ]),
    ...columns(rows),
  ];
}

function figureRows(
  { task, metric, lines, metrics }: {
    readonly task: string;
    readonly metric: string;
    readonly lines: number;
    readonly metrics: Scores;
  },
  others: Scores | undefined,
  isCompared = others !== undefined,
): readonly (readonly string[])[] {
  return Object.entries(metrics).map(([name, value]) => {
    const other = others?.[name];
    const beside = !isCompared ? [] : other === undefined ? ['-', '-'] : [digits(other), signed(value - other)];
    return [tameText(task), metric, String(lines), name, digits(value), ...beside];
  });
}

function answeredBy({ model, adapter, weights }: EvaluatedModel): string {
  return tameText(
    [model, ...(adapter === null ? [] : [`+ ${adapter}`]), ...(weights === null ? [] : [weights])].join(' '),
  );
}

function digits(value: number): string {
  return String(Math.round(value * 1e4) / 1e4);
}

function signed(value: number): string {
  return value < 0 ? digits(value) : `+${digits(value)}`;
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}
