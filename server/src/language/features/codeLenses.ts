/** Lenses above prompts: run, run all, stop, how many pictures, accept. */
import * as l10n from '@vscode/l10n';
import type { CodeLens, Command } from 'vscode-languageserver-types';
import { ACCEPT_RESULT, RUN_ALL_PROMPTS, RUN_PROMPT, STOP_RUN } from './commands';
import { SHOW_IMAGES } from '../../contract/promptPictures';
import type { FileArguments, PromptArguments } from './commands';
import type { LanguageContext, RunState } from '../knowledge/context';
import type { PromptDocument } from '../syntax/document';
import { isPassed, judge } from '../knowledge/expectations';
import type { PromptNode, PromptState } from '../syntax/parser';
import { imagesOf } from '../knowledge/promptRuns';

/** Pictures whose state is asked for one prompt: enough for a count, bounded for globs. */
const MAX_ASKED = 1000;

/** Of all prompts below an `@image`; their titles are made once for these, and not for thousands of prompts. */
interface Pictures {
  readonly imageUris: readonly string[];
  readonly amountTitle: string;
  readonly runTitle: string;
}

interface Tally {
  done: number;
  failed: number;
  running: number;
  queued: number;
  passed: number;
  judged: number;
}

export function codeLenses(document: PromptDocument, context: LanguageContext): CodeLens[] {
  if (document.prompts.length === 0) return [];
  const pictures = new Map<PromptState, Pictures>();
  const lenses: CodeLens[] = [];
  let isAnyActive = false;
  for (const prompt of document.prompts) {
    let own = pictures.get(prompt.state);
    if (own === undefined) pictures.set(prompt.state, own = picturesOf(document, prompt, context));
    const tally = tallyOf(prompt, own, context);
    isAnyActive ||= tally.running + tally.queued > 0;
    lenses.push(...promptLenses(document, prompt, own, tally));
  }
  return [...fileLenses(document, isAnyActive), ...lenses];
}

function fileLenses(document: PromptDocument, isAnyActive: boolean): CodeLens[] {
  const args: FileArguments = { uri: document.uri };
  const amount = document.prompts.length;
  const title = amount === 1 ? l10n.t('Run All (1 prompt)') : l10n.t('Run All ({0} prompts)', amount);
  const commands = [command(title, RUN_ALL_PROMPTS, args)];
  if (isAnyActive) commands.push(command(l10n.t('Stop All'), STOP_RUN, args));
  return commands.map(each => lens(0, each));
}

function promptLenses(document: PromptDocument, prompt: PromptNode, pictures: Pictures, tally: Tally): CodeLens[] {
  const args: PromptArguments = { uri: document.uri, line: prompt.line };
  const isActive = tally.running + tally.queued > 0;
  const lenses = [
    isActive
      ? command(tally.running > 0 ? l10n.t('Stop') : l10n.t('Stop (waiting)'), STOP_RUN, args)
      : command(pictures.runTitle, RUN_PROMPT, args),
  ];
  const amount = pictures.imageUris.length;
  if (amount > 0) {
    lenses.push(command(`${pictures.amountTitle}${progressText(tally, amount)}`, SHOW_IMAGES, args));
  }
  if (tally.judged > 0) {
    if (tally.passed < tally.judged) lenses.push(command(l10n.t('Accept result as expected'), ACCEPT_RESULT, args));
  } else if (tally.done > 0) lenses.push(command(l10n.t('Expect this result'), ACCEPT_RESULT, args));
  return lenses.map(each => lens(prompt.line, each));
}

function picturesOf(document: PromptDocument, prompt: PromptNode, context: LanguageContext): Pictures {
  const { imageUris, isTruncated } = imagesOf(document, prompt, context);
  const amount = imageUris.length;
  const amountTitle = isTruncated
    ? l10n.t('{0} images or more', amount)
    : amount === 1
    ? l10n.t('1 image')
    : l10n.t('{0} images', amount);
  return { imageUris, amountTitle, runTitle: l10n.t('Run') };
}

function progressText(tally: Tally, amount: number): string {
  const parts: string[] = [];
  if (tally.done + tally.failed > 0 && (amount > 1 || tally.failed > 0)) {
    parts.push(tally.done === 1 ? l10n.t('1 result') : l10n.t('{0} results', tally.done));
  }
  if (tally.failed > 0) parts.push(l10n.t('{0} failed', tally.failed));
  if (tally.judged > 0) {
    const others = tally.judged - tally.passed;
    parts.push(others === 0 ? l10n.t('as expected') : l10n.t('{0} not as expected', others));
  }
  return parts.length === 0 ? '' : ` · ${parts.join(', ')}`;
}

function tallyOf(prompt: PromptNode, pictures: Pictures, context: LanguageContext): Tally {
  const tally: Tally = { done: 0, failed: 0, running: 0, queued: 0, passed: 0, judged: 0 };
  if (context.mayKnow?.(prompt.text) === false) return tally;
  const model = prompt.state.model?.model || undefined;
  for (const imageUri of pictures.imageUris.slice(0, MAX_ASKED)) {
    const state = context.runState({ prompt: prompt.text, imageUri, model, settings: prompt.state.settings });
    if (state !== undefined) addState(tally, state, prompt);
  }
  return tally;
}

function addState(tally: Tally, state: RunState, prompt: PromptNode): void {
  tally[state.kind]++;
  if (state.kind !== 'done') return;
  const verdict = judge(prompt.expectations, state.result.suffix);
  if (verdict === undefined) return;
  tally.judged++;
  if (isPassed(verdict)) tally.passed++;
}

function command(title: string, name: string, args: FileArguments): Command {
  return { title, command: name, arguments: [args] };
}

function lens(line: number, each: Command): CodeLens {
  return { range: { start: { line, character: 0 }, end: { line, character: 0 } }, command: each };
}
