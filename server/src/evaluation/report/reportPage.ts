/** The page of an evaluation: one file that asks for nothing else, and says all of it without its script. Pure. */
import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import type { EvaluatedLine, EvaluatedModel, EvaluationSummary, JudgedAnswer } from '../../contract/evaluation';
import { textParts } from '../../../../paligemma/src/results/comparison';
import { html, Markup } from './markup';
import { figureTable, scoresText } from './figureTable';
import { script, style } from './pageStyle';

export interface ReportPicture {
  readonly caption: string;
  /** Of a small PNG. */
  readonly base64: string;
}

export interface ReportLine {
  readonly line: EvaluatedLine;
  /** None for lines beyond those that have pictures, or where the picture cannot be read any more. */
  readonly pictures: readonly ReportPicture[];
}

export interface Report {
  /** Name of the data set's file. */
  readonly name: string;
  readonly summary: EvaluationSummary;
  /** The worst first. */
  readonly lines: readonly ReportLine[];
  /** Code of the language of the page's words. */
  readonly language: string;
}

export function reportPage({ name, summary, lines, language }: Report): string {
  const title = l10n.t('Evaluation of {0}', name);
  const policy = `default-src 'none'; img-src data:; style-src ${hashOf(style)}; script-src ${hashOf(script)}; `
    + "base-uri 'none'; form-action 'none'";
  return `<!DOCTYPE html>\n${
    html`<html lang="${language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${factList(summary)}
${figureTable(summary)}
<h2>${l10n.t('Lines, the worst first')}</h2>
${choices(summary, lines)}
<p role="status" data-words="${l10n.t('{0} of {1} lines are shown.', '{0}', '{1}')}">${countText(summary, lines)}</p>
<ol>
${lines.map(item)}</ol>
</main>
<script>${new Markup(script)}</script>
</body>
</html>`.text
  }\n`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function countText({ lines: all }: EvaluationSummary, { length }: readonly ReportLine[]): string {
  return length < all
    ? l10n.t('{0} of {1} lines are here; the others have better scores.', length, all)
    : l10n.t('{0} lines are here.', length);
}

function factList(summary: EvaluationSummary): Markup {
  const { against, left, lines, limit } = summary;
  const facts: (readonly [string, string])[] = [
    [l10n.t('Model'), modelText(summary)],
    ...(against === undefined ? [] : [
      [l10n.t('Compared with'), modelText(against)] as const,
      [
        l10n.t('Changes'),
        l10n.t('{0} better, {1} worse, {2} the same', against.better, against.worse, against.same),
      ] as const,
    ]),
    [l10n.t('Lines'), limit === undefined ? String(lines) : l10n.t('{0}, the first of the file', lines)],
    ...(left === 0 ? [] : [[l10n.t('Not evaluated'), String(left)] as const]),
  ];
  return html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function modelText({ model, adapter, weights }: EvaluatedModel): string {
  return [model, ...(adapter === null ? [] : [`+ ${adapter}`]), ...(weights === null ? [] : [`(${weights})`])].join(
    ' ',
  );
}

/** Hidden until the script is there that makes it work. */
function choices({ against }: EvaluationSummary, lines: readonly ReportLine[]): Markup {
  const tasks = [...new Set(lines.map(({ line }) => line.task))];
  const option = (value: string, title: string) => html`<option value="${value}">${title}</option>`;
  const changes = [['better', l10n.t('Better')], ['worse', l10n.t('Worse')], ['same', l10n.t('The same')]] as const;
  return html`<form hidden>
<label>${l10n.t('Task')} <select name="task">${option('', l10n.t('All'))}${
    tasks.map(task => option(task, task))
  }</select></label>
${
    against === undefined
      ? new Markup('')
      : html`<label>${l10n.t('Change')} <select name="change">${option('', l10n.t('All'))}${
        changes.map(([value, title]) => option(value, title))
      }</select></label>
`
  }<label>${l10n.t('Answers')} <select name="most">${option('1', l10n.t('All'))}${
    option('0.999999', l10n.t('Not right'))
  }${option('0.5', l10n.t('Less than half right'))}${option('0', l10n.t('All wrong'))}</select></label>
</form>`;
}

function item({ line, pictures }: ReportLine): Markup {
  const { against, expected, prefix, rightness, suffix, task } = line;
  const compared = textParts(expected, suffix);
  return html`<li data-right="${rightness}" data-task="${task}"${
    against === undefined ? new Markup('') : html` data-change="${against.change}"`
  }>
<article>
<h3>${l10n.t('Line {0}: {1}', line.line, line.image)}</h3>
${
    pictures.length === 0
      ? new Markup('')
      : html`<div class="pictures">${
        pictures.map(picture =>
          html`<figure><img src="data:image/png;base64,${picture.base64}" alt="${picture.caption}: ${line.image}"><figcaption>${picture.caption}</figcaption></figure>`
        )
      }</div>
`
  }<dl>
<dt>${l10n.t('Prompt')}</dt><dd dir="auto">${prefix}</dd>
<dt>${l10n.t('Expected')}</dt><dd dir="auto">${expected === '' ? nothing() : marked(compared.one, 'del')}</dd>
<dt>${l10n.t('Answer')}</dt><dd dir="auto">${suffix === '' ? nothing() : marked(compared.other, 'ins')}</dd>
<dt>${l10n.t('Scores')}</dt><dd>${scoresText(line.scores)}</dd>
${against === undefined ? new Markup('') : otherAnswer(against, expected)}</dl>
</article>
</li>
`;
}

function otherAnswer(against: JudgedAnswer & { readonly change: string }, expected: string): Markup {
  const { other } = textParts(expected, against.suffix);
  return html`<dt>${l10n.t('Answer of the other model')}</dt><dd dir="auto">${
    against.suffix === '' ? nothing() : marked(other, 'ins')
  }</dd>
<dt>${l10n.t('Its scores')}</dt><dd>${scoresText(against.scores)}</dd>
`;
}

function nothing(): Markup {
  return html`<em>${l10n.t('(empty answer)')}</em>`;
}

function marked(parts: ReturnType<typeof textParts>['one'], tag: 'del' | 'ins'): readonly Markup[] {
  return parts.map(({ text, isCommon }) =>
    isCommon ? html`${text}` : tag === 'del' ? html`<del>${text}</del>` : html`<ins>${text}</ins>`
  );
}
