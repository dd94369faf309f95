/** The Markdown list that a run on several pictures ends in. Free of the editor. */
import { codeBlock, inlineCode, plainMarkdown } from '../../../paligemma/src/markdownText';
import { plainLine, plainText } from '../../../paligemma/src/plainText';
import { answererText } from '../../../paligemma/src/serverNames';
import { readAnswer, type KindName } from '../../../paligemma/src/kinds/kinds';
import type { RunOutcome, RunResult } from '../../../paligemma/src/runResult';
import type { Region } from '../../../paligemma/src/facts';
import type { Translate } from '../../../paligemma/src/translate';

export interface ReportEntry {
  /** As the person knows it: relative to the workspace where it lies in one. */
  readonly path: string;
  readonly outcome: RunOutcome;
  /** What the answer is to be read as. */
  readonly show?: KindName;
}

/** One section for each picture, in the order given; a picture that failed says why. */
export function markdownReport(
  prompt: string,
  entries: readonly ReportEntry[],
  modelNote: string | undefined,
  t: Translate,
): string {
  const models = [
    ...new Set(entries.flatMap(({ outcome }) => 'result' in outcome ? [answererText(outcome.result, t)] : [])),
  ];
  const head = [
    `# ${t('Answers of PaliGemma 2')}`,
    [
      t('Prompt: {0}', prompt === '' ? t('(empty prompt)') : inlineCode(prompt)),
      ...models.map(model => t('Model: {0}', inlineCode(model))),
    ].join('  \n'),
    ...(modelNote === undefined ? [] : [plainMarkdown(modelNote)]),
  ];
  return [...head, ...entries.map(entry => section(entry, t))].join('\n\n') + '\n';
}

function section({ path, outcome, show }: ReportEntry, t: Translate): string {
  return [
    `## ${inlineCode(path)}`,
    ...('error' in outcome
      ? [t('No answer: {0}', plainMarkdown(outcome.error.message))]
      : answer(outcome.result, show, t)),
  ].join('\n\n');
}

function answer(result: RunResult, show: KindName | undefined, t: Translate): string[] {
  const read = readAnswer(result, show, t);
  if (!read.isPlain) return [read.markdown() ?? codeBlock(read.text())];
  const { text, regions } = result;
  if (text === '' && regions.length === 0) return [t('(empty answer)')];
  const parts = text === '' ? [] : [plain(plainText(text))];
  if (regions.length > 0) {
    parts.push(regions.map(region => `- ${plainLabel(plainLine(region.label), t)}: ${boxText(region)}`).join('\n'));
  }
  return parts;
}

function boxText({ box: { x1, y1, x2, y2 } }: Region): string {
  return `(${Math.round(x1)}, ${Math.round(y1)}) – (${Math.round(x2)}, ${Math.round(y2)})`;
}

function plainLabel(label: string, t: Translate): string {
  return label === '' ? t('no name') : needsFence(label) ? inlineCode(label) : label;
}

/**
 * The answer as text: it must not turn into headings, links or HTML, and what is copied from here must be what was
 * written.
 */
function plain(text: string): string {
  if (!needsFence(text)) return text;
  return codeBlock(text);
}

function needsFence(text: string): boolean {
  return /[\n\r<>*_`[\]\\|&~]|^\s*(?:[#+=-]|\d+[.)]|\s{4})/.test(text);
}
