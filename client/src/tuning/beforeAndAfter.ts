import { escapeMarkdown, plainMarkdown } from '../../../paligemma/src/markdownText';
import type { Translate } from '../../../paligemma/src/translate';
import type { EvaluationSummary } from '../../../server/src/contract/evaluation';
import { table } from './markdownTable';

/** What the held-out lines say of a training, as parts of a page in Markdown; empty without figures of the base. */
export function beforeAndAfter(summary: EvaluationSummary, t: Translate): readonly string[] {
  const { against, tasks, weights, lines } = summary;
  if (against === undefined) return [];
  const rows = tasks.flatMap(({ task, metric, lines: count, metrics }) => {
    const others = against.tasks.find(other => other.task === task && other.metric === metric)?.metrics;
    return Object.entries(metrics).map(([name, after]) => {
      const before = others?.[name];
      const sides = before === undefined
        ? ['–', figure(after), '–']
        : [figure(before), figure(after), signed(after - before)];
      return [escapeMarkdown(task), name, String(count), ...sides];
    });
  });
  const changes = t(
    'Held-out lines: {0}, weights {1}. Better: {2}, worse: {3}, the same: {4}.',
    lines,
    weights ?? '?',
    against.better,
    against.worse,
    against.same,
  );
  return [
    `## ${t('Before and after the training')}`,
    plainMarkdown(changes),
    table([t('Task'), t('Figure'), t('Lines'), t('Before'), t('After'), t('Difference')], rows),
  ];
}

function figure(value: number): string {
  return String(Math.round(value * 1e4) / 1e4);
}

function signed(value: number): string {
  return value < 0 ? figure(value) : `+${figure(value)}`;
}
