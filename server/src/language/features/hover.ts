/** Help under the pointer: tasks, languages, tokens, directives, models, pictures, and what a prompt answered. */
import { answererText } from '../../../../paligemma/src/serverNames';
import { decimal } from '../../../../paligemma/src/words';
import * as l10n from '@vscode/l10n';
import type { Hover, Position, Range } from 'vscode-languageserver-types';
import { LOC_BINS } from '../../../../paligemma/src/facts';
import { checkpointOf } from '../knowledge/checkpoint';
import type { LanguageContext, RunKey, RunState } from '../knowledge/context';
import { clampToDocument, directiveAt, offsetOf, promptAt, rangeOf, shapeOf, spanRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { imageItemAt, imageItemHover } from './hoverImages';
import { andMoreImages } from '../text/amounts';
import { codeBlock, escapeMarkdown, image, inlineCode, markup } from '../text/markdown';
import type { DirectiveNode, PromptNode, SetDirective } from '../syntax/parser';
import { baseName } from '../text/paths';
import { knownRuns } from '../knowledge/promptRuns';
import { answerMarkdown, regionCount } from '../knowledge/resultText';
import { readTokens } from '../syntax/promptShape';
import type { PromptShape, TokenSpan } from '../syntax/promptShape';
import { promptRange } from '../findings/runFindings';
import { settingKey } from '../syntax/settingKeys';
import { directiveHelp, languageHelp, modelHelp, settingHelp, settingValueHelp, taskHelp } from '../knowledge/taskHelp';

const MAX_RESULTS = 5;
const ANSWER_CHARS = 3000;

/** Help for the place, as Markdown or bare text; undefined where there is nothing to say. */
export function promptHover(document: PromptDocument, where: Position, context: LanguageContext): Hover | undefined {
  const position = clampToDocument(document, where);
  const found = helpAt(document, position, context);
  return found === undefined
    ? undefined
    : { contents: markup(found.text, context.client.markdown), range: found.range };
}

interface Help {
  readonly text: string;
  readonly range: Range;
}

function helpAt(document: PromptDocument, position: Position, context: LanguageContext): Help | undefined {
  const directive = directiveAt(document, position.line);
  if (directive !== undefined) return directiveHover(document, directive, position, context);
  const prompt = promptAt(document, position.line);
  if (prompt === undefined) return undefined;
  if (position.line > prompt.endLine) return expectationHover(prompt, position);
  const offset = offsetOf(prompt.parts, position);
  const words = offset === undefined || prompt.isLiteral ? undefined : wordHelp(document, prompt, offset, context);
  return words ?? resultHelp(document, prompt, context) ?? emptyHelp(prompt);
}

function directiveHover(
  document: PromptDocument,
  directive: DirectiveNode,
  position: Position,
  context: LanguageContext,
): Help | undefined {
  const { character } = position;
  if (contains(directive.name, character)) {
    const name = document.lines[directive.line]?.text.slice(directive.name.start, directive.name.end) ?? '';
    const help = directiveHelp(name);
    return help === undefined ? undefined : { text: `**${name}**: ${help.help()}`, range: spanRange(directive.name) };
  }
  switch (directive.kind) {
    case 'model':
      if (!contains(directive.value, character) || directive.model === '') return undefined;
      return { text: modelHelp(directive.model, context.models), range: spanRange(directive.value) };
    case 'image': {
      const item = imageItemAt(document, position);
      return item === undefined ? undefined : { text: imageItemHover(document, item, context), range: spanRange(item) };
    }
    case 'set':
      return settingHover(directive, character);
    case 'unknown':
      return undefined;
  }
}

function settingHover(directive: SetDirective, character: number): Help | undefined {
  const setting = settingKey(directive.keyText);
  if (setting === undefined) return undefined;
  if (contains(directive.key, character)) return { text: settingHelp(setting), range: spanRange(directive.key) };
  const value = contains(directive.setting, character) ? settingValueHelp(setting, directive.settingText) : undefined;
  return value === undefined ? undefined : { text: value, range: spanRange(directive.setting) };
}

function wordHelp(
  document: PromptDocument,
  prompt: PromptNode,
  offset: number,
  context: LanguageContext,
): Help | undefined {
  const shape = shapeOf(document, prompt);
  const token = shape.tokens.find(candidate => candidate.start <= offset && offset < candidate.end);
  if (token !== undefined) return { text: tokenHelp(shape, token), range: rangeOf(prompt.parts, token) };
  const { kind } = checkpointOf(prompt.state, context);
  if (shape.task !== undefined && shape.word.start <= offset && offset < shape.word.end) {
    const results = resultHelp(document, prompt, context);
    const help = taskHelp(shape.task);
    return {
      text: results === undefined ? help : `${results.text}\n\n---\n\n${help}`,
      range: rangeOf(prompt.parts, shape.word),
    };
  }
  if (shape.language !== undefined && shape.second.start <= offset && offset < shape.second.end) {
    return { text: languageHelp(shape.language, kind), range: rangeOf(prompt.parts, shape.second) };
  }
  return undefined;
}

/** In the order of the tokens. */
const edges = [
  (token: string, percent: string) =>
    l10n.t('{0}: **top** edge of a box, {1} % of the way down the picture.', token, percent),
  (token: string, percent: string) =>
    l10n.t('{0}: **left** edge of a box, {1} % of the way across the picture.', token, percent),
  (token: string, percent: string) =>
    l10n.t('{0}: **bottom** edge of a box, {1} % of the way down the picture.', token, percent),
  (token: string, percent: string) =>
    l10n.t('{0}: **right** edge of a box, {1} % of the way across the picture.', token, percent),
] as const;

/** What a location, mask or special token stands for. */
function tokenHelp(shape: Pick<PromptShape, 'text' | 'tokens'>, token: TokenSpan): string {
  const written = inlineCode(shape.text.slice(token.start, token.end));
  if (token.kind === 'special') {
    return l10n.t('{0}: a mark that the program adds to the prompt by itself. It must not be typed.', written);
  }
  if (token.kind === 'seg') {
    return l10n.t(
      '{0}: one of 16 codes that together draw the shape of an object inside its box. The model makes them; nobody writes them by hand.',
      written,
    );
  }
  const edge = edges[indexInBox(shape, token) % 4] ?? edges[0];
  const help = token.isExact
    ? edge(written, decimal(String(Math.round(token.value / LOC_BINS * 1000) / 10)))
    : l10n.t('{0}: not a place in the picture. A location has four digits and is at most 1023.', written);
  return `${help}\n\n${l10n.t('A box is four such tokens: top, left, bottom, right.')}`;
}

/** Location tokens that touch each other belong to one box. */
function indexInBox(shape: Pick<PromptShape, 'tokens'>, token: TokenSpan): number {
  const at = shape.tokens.indexOf(token);
  let index = 0;
  while (
    index < at && shape.tokens[at - index - 1]?.end === shape.tokens[at - index]?.start
    && shape.tokens[at - index - 1]?.kind === 'loc'
  ) index++;
  return index;
}

function expectationHover(prompt: PromptNode, position: Position): Help | undefined {
  const expectation = prompt.expectations.find(candidate =>
    candidate.line <= position.line && position.line <= candidate.endLine
  );
  if (expectation === undefined) return undefined;
  const part = expectation.parts.find(candidate => candidate.line === position.line);
  const offset = part === undefined ? -1 : position.character - part.start;
  if (part !== undefined && offset >= 0) {
    const tokens = readTokens(part.text);
    const token = tokens.find(candidate => candidate.start <= offset && offset < candidate.end);
    if (token === undefined) return undefined;
    const at = part.start;
    return {
      text: tokenHelp({ text: part.text, tokens }, token),
      range: {
        start: { line: part.line, character: at + token.start },
        end: { line: part.line, character: at + token.end },
      },
    };
  }
  const text = l10n.t(
    'The answer that you expect from the prompt above. After a run, a mark shows whether the model gave it. Text has to be the same; boxes may differ slightly (they overlap by 90 % or more) and come in any order. Several lines are alternatives.',
  );
  return {
    text,
    range: {
      start: { line: expectation.line, character: 0 },
      end: { line: expectation.line, character: expectation.parts[0]?.start ?? 0 },
    },
  };
}

/** Answers of the prompt, with the pictures and their boxes as far as they are drawn. */
function resultHelp(document: PromptDocument, prompt: PromptNode, context: LanguageContext): Help | undefined {
  if (context.mayKnow?.(prompt.text) === false) return undefined;
  const known = knownRuns(document, prompt, context);
  if (known.length === 0) return undefined;
  const parts = known.slice(0, MAX_RESULTS).map(({ run, state }) => resultText(run, state, context));
  if (known.length > MAX_RESULTS) parts.push(andMoreImages(known.length - MAX_RESULTS));
  return { text: parts.join('\n\n---\n\n'), range: promptRange(prompt) };
}

function resultText(run: RunKey, state: RunState, context: LanguageContext): string {
  const name = `**${escapeMarkdown(baseName(run.imageUri))}**`;
  switch (state.kind) {
    case 'queued':
      return l10n.t('{0}: waiting', name);
    case 'running':
      return state.text === '' ? l10n.t('{0}: running', name) : `${name}\n\n${codeBlock(state.text)}`;
    case 'failed':
      return `${name}: ${escapeMarkdown(state.message)}`;
    case 'done': {
      const preview = context.preview(run)
        ?? (state.result.regions.length === 0 ? context.imageFacts(run.imageUri)?.thumbnailUri : undefined);
      const picture = preview === undefined ? [] : [image(baseName(run.imageUri), preview)];
      const { widthPx, heightPx } = state.result.image;
      const answer = answerMarkdown(state.result, ANSWER_CHARS, run.settings.show);
      const amount = regionCount(state.result, run.settings.show);
      const regions = amount === 1 ? l10n.t('1 region') : l10n.t('{0} regions', amount);
      const about = `${escapeMarkdown(answererText(state.result))}, ${widthPx} × ${heightPx} px, ${regions}`;
      return [name, ...picture, answer, about].join('\n\n');
    }
  }
}

function emptyHelp(prompt: PromptNode): Help | undefined {
  if (!prompt.isEmptyForm) return undefined;
  return {
    text: l10n.t('The empty prompt: the model gets the picture alone and usually writes some kind of caption.'),
    range: promptRange(prompt),
  };
}

function contains(span: { readonly start: number; readonly end: number }, character: number): boolean {
  return span.start <= character && character <= span.end && span.end > span.start;
}
