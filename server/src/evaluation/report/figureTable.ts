/** The figures of an evaluation in a table. */
import * as l10n from '@vscode/l10n';
import type { Scores } from '../../../../datasets/src/evaluation/lineScore';
import type { EvaluationSummary } from '../../contract/evaluation';
import type { Markup } from './markup';
import { html } from './markup';

/** A row a task: first that of all lines, where there are several tasks. */
export function figureTable({ tasks, lines, metrics, against }: EvaluationSummary): Markup {
  const othersOf = (task: string, metric: string) =>
    against?.tasks.find(other => other.task === task && other.metric === metric)?.metrics;
  const rows = [
    ...(tasks.length === 1 ? [] : [rowOf({ task: l10n.t('All lines'), lines, metrics }, against?.metrics)]),
    ...tasks.map(task => rowOf(task, othersOf(task.task, task.metric))),
  ];
  const figures = against === undefined ? l10n.t('Figures') : l10n.t('Figures, and the difference to the other model');
  return html`<div class="wide" tabindex="0" role="region" aria-label="${l10n.t('Figures')}"><table>
<thead><tr>${[l10n.t('Task'), l10n.t('Lines'), figures].map(title => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}

function rowOf(
  { task, lines, metrics }: { readonly task: string; readonly lines: number; readonly metrics: Scores },
  others: Scores | undefined,
): Markup {
  const figures = Object.entries(metrics).map(([name, value]) => {
    const other = others?.[name];
    const change = other === undefined ? '' : ` (${signed(value - other)})`;
    return html`<li>${name} <strong>${digits(value)}</strong>${change}</li>`;
  });
  return html`<tr><th scope="row">${task}</th><td class="number">${lines}</td><td><ul>${figures}</ul></td></tr>
`;
}

export function scoresText(scores: Scores): string {
  return Object.entries(scores).map(([name, value]) => `${name} ${digits(value)}`).join(' · ');
}

function digits(value: number): string {
  return String(Math.round(value * 1e4) / 1e4);
}

function signed(value: number): string {
  return value < 0 ? digits(value) : `+${digits(value)}`;
}
