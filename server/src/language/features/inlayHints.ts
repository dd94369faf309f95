/** Results at the end of the line of their prompt, and whether they are as expected at the end of `=>`. */
import * as l10n from '@vscode/l10n';
import type { StopReason } from '../../../../paligemma/src/facts';
import { decimal } from '../../../../paligemma/src/words';
import type { InlayHint, Range } from 'vscode-languageserver-types';
import type { LanguageContext, RunKey, RunState } from '../knowledge/context';
import { promptsBetween } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { compareExpectation, isPassed } from '../knowledge/expectations';
import { andMoreImages } from '../text/amounts';
import { clip, codeBlock, escapeMarkdown, markup } from '../text/markdown';
import type { ExpectationNode, PromptNode } from '../syntax/parser';
import { baseName } from '../text/paths';
import { knownRuns } from '../knowledge/promptRuns';
import { answerLine, answerMarkdown, resultLine } from '../knowledge/resultText';

/** A hint longer than this pushes the text beside it out of sight. */
const HINT_CHARS = 90;
/** Longer hints are cut off at their end. Source: VS Code 1.139, default of `editor.inlayHints.maximumLength`. */
const UNCUT_CHARS = 43;
const NAME_CHARS = 16;
const MAX_IN_TOOLTIP = 20;
const TOOLTIP_CHARS = 4000;

interface Known {
  readonly run: RunKey;
  readonly state: RunState;
}

const phaseText: Readonly<Record<string, () => string>> = {
  convert: () => l10n.t('preparing the model'),
  load: () => l10n.t('loading the model'),
  image: () => l10n.t('reading the picture'),
  vision: () => l10n.t('looking at the picture'),
  prefill: () => l10n.t('reading the prompt'),
  decode: () => l10n.t('writing'),
};

/** Hints of the prompts in a range of the document. */
export function inlayHints(document: PromptDocument, range: Range, context: LanguageContext): InlayHint[] {
  const hints: InlayHint[] = [];
  for (const prompt of promptsBetween(document, range.start.line, range.end.line)) {
    if (context.mayKnow?.(prompt.text) === false) continue;
    const known = knownRuns(document, prompt, context);
    if (known.length === 0) continue;
    hints.push(hintAt(document, prompt.endLine, promptLabel(known), tooltip(known), context));
    for (const expectation of prompt.expectations) {
      hints.push(...expectationHint(document, prompt, expectation, known, context));
    }
  }
  return hints;
}

function hintAt(
  document: PromptDocument,
  line: number,
  label: string,
  tooltipText: string,
  context: LanguageContext,
): InlayHint {
  return {
    position: { line, character: document.lines[line]?.text.length ?? 0 },
    label,
    paddingLeft: true,
    tooltip: markup(tooltipText, context.client.markdown),
  };
}

function promptLabel(known: readonly Known[]): string {
  const [first] = known;
  if (first === undefined) return '';
  if (known.length === 1) return `→ ${stateText(first, HINT_CHARS)}`;
  const done = known.filter(({ state }) => state.kind === 'done');
  const active = known.find(({ state }) => state.kind === 'running');
  const shown = active ?? done[0] ?? first;
  const rest = done.length < known.length ? l10n.t('{0} of {1}', done.length, known.length) : `+${known.length - 1}`;
  const name = clip(baseName(shown.run.imageUri), NAME_CHARS);
  // What does not fit must be missing from the answer, never from the count behind it.
  const room = UNCUT_CHARS - `→ ${name}:  (${rest})`.length;
  return `→ ${name}: ${clip(stateText(shown, room), room)} (${rest})`;
}

function stateText({ run, state }: Known, length: number): string {
  switch (state.kind) {
    case 'queued':
      return l10n.t('waiting…');
    case 'running':
      return state.text === ''
        ? `${phaseText[state.phase]?.() ?? l10n.t('working')}…`
        : `${answerLine(state.text, length)} …`;
    case 'done':
      return resultLine(state.result, length, run.settings.show);
    case 'failed':
      return l10n.t('failed: {0}', clip(state.message, length));
  }
}

function tooltip(known: readonly Known[]): string {
  const parts: string[] = [];
  let rest = TOOLTIP_CHARS;
  for (const each of known.slice(0, MAX_IN_TOOLTIP)) {
    if (rest <= 0) break;
    const name = known.length > 1 ? `**${escapeMarkdown(baseName(each.run.imageUri))}**\n\n` : '';
    const part = name + stateDetails(each, rest);
    rest -= part.length;
    parts.push(part);
  }
  const hidden = known.length - parts.length;
  if (hidden > 0) parts.push(andMoreImages(hidden));
  return parts.join('\n\n');
}

function stateDetails({ run, state }: Known, length: number): string {
  if (state.kind === 'failed') return escapeMarkdown(state.message);
  if (state.kind !== 'done') {
    return state.kind === 'running' && state.text !== ''
      ? codeBlock(state.text.slice(0, length))
      : stateText({ run, state }, HINT_CHARS);
  }
  const { model, device, timings, stopReason, advisedTiles } = state.result;
  const ms = timings.imageMs + timings.visionMs + timings.prefillMs + timings.decodeMs;
  const text = answerMarkdown(state.result, length, run.settings.show);
  const tokens = timings.tokens === 1 ? l10n.t('1 token') : l10n.t('{0} tokens', timings.tokens);
  const about = `${escapeMarkdown(model)}, ${device}, ${tokens}, ${decimal((ms / 1000).toFixed(1))} s.`;
  return `${text}\n\n${about}${stopNote(stopReason)}${smallTextNote(advisedTiles)}`;
}

/** A sentence with a space before it. */
function smallTextNote(advisedTiles: number | undefined): string {
  if (advisedTiles === undefined) return '';
  return ` ${
    l10n.t(
      'The text of the picture may be too small for the model: “@set tiles auto” reads it in {0} parts.',
      advisedTiles,
    )
  }`;
}

/** A sentence with a space before it. */
function stopNote(reason: StopReason): string {
  switch (reason) {
    case 'eos':
      return '';
    case 'maxNewTokens':
      return ` ${l10n.t('The answer was cut off at max-new-tokens: raise it to read on.')}`;
    case 'contextFull':
      return ` ${l10n.t('The answer was cut off: the model has no room for more text.')}`;
  }
}

/** One mark for all pictures: every answer meets some `=>` line, or which do not. */
function expectationHint(
  document: PromptDocument,
  prompt: PromptNode,
  expectation: ExpectationNode,
  known: readonly Known[],
  context: LanguageContext,
): InlayHint[] {
  const done = known.flatMap(({ run, state }) => state.kind === 'done' ? [{ run, suffix: state.result.suffix }] : []);
  if (done.length === 0) return [];
  const verdicts = done.map(({ suffix }) => compareExpectation(expectation.text, suffix));
  const met = verdicts.filter(isPassed).length;
  const isClose = met > 0 && !verdicts.includes('equal');
  const missed = done.filter(({ suffix }) =>
    !prompt.expectations.some(other => isPassed(compareExpectation(other.text, suffix)))
  );
  if (met === 0 && missed.length === 0) {
    return [
      hintAt(
        document,
        expectation.endLine,
        `· ${l10n.t('not needed')}`,
        l10n.t('Another expected answer matches.'),
        context,
      ),
    ];
  }
  if (missed.length === 0 || met === done.length) {
    const amount = done.length === 1 ? '' : ` ${l10n.t('{0} of {1}', met, done.length)}`;
    const text = isClose
      ? l10n.t('The same objects; the boxes overlap by 90 % or more.')
      : l10n.t('The answer is as expected.');
    return [
      hintAt(document, expectation.endLine, `✓${amount}${isClose ? ` ${l10n.t('(close)')}` : ''}`, text, context),
    ];
  }
  const names = missed.slice(0, MAX_IN_TOOLTIP).map(({ run, suffix }) =>
    `**${escapeMarkdown(baseName(run.imageUri))}**\n\n${codeBlock(suffix.slice(0, 500))}`
  );
  const label = done.length === 1
    ? l10n.t('different')
    : l10n.t('{0} of {1} different', missed.length, done.length);
  const text = `${l10n.t('The answer is different:')}\n\n${names.join('\n\n')}`;
  return [hintAt(document, expectation.endLine, `✗ ${label}`, text, context)];
}
