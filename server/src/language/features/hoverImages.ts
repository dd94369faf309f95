/** Help on a path or glob of `@image`: the picture, its size, and what is known of it. */
import * as l10n from '@vscode/l10n';
import type { Position } from 'vscode-languageserver-types';
import type { LanguageContext } from '../knowledge/context';
import { directiveAt, promptsBetween } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { isGlob } from '../syntax/imageList';
import type { ImageItem } from '../syntax/imageList';
import { factsText } from '../knowledge/imageText';
import { escapeMarkdown, image, inlineCode } from '../text/markdown';
import { baseName, isElsewhere, relativePath, resolvePath } from '../text/paths';
import { resultLine } from '../knowledge/resultText';

const MAX_NAMES = 10;
const MAX_KNOWN = 8;

/** The path or glob of `@image` at a place. */
export function imageItemAt(document: PromptDocument, { line, character }: Position): ImageItem | undefined {
  const directive = directiveAt(document, line);
  return directive?.kind === 'image'
    ? directive.items.find(({ start, end, text }) => start <= character && character <= end && text !== '')
    : undefined;
}

/** The one picture that a path stands for; undefined for a glob, and where there is none. */
export function pictureOfItem({ uri }: PromptDocument, item: ImageItem, context: LanguageContext): string | undefined {
  const match = context.images(uri, item.text);
  return match?.isGlob === false ? match.uris[0] : undefined;
}

export function imageItemHover(document: PromptDocument, item: ImageItem, context: LanguageContext): string {
  if (isElsewhere(document.uri, item.text)) {
    return l10n.t('{0} is on another machine, and is not opened.', inlineCode(item.text));
  }
  const match = context.images(document.uri, item.text);
  const uris = match?.uris ?? fallback(document, item);
  const [first] = uris;
  if (match?.isGlob === true || (match === undefined && isGlob(item.text))) {
    return globText(document, item, uris, match?.isTruncated === true, context);
  }
  if (first === undefined || (match !== undefined && match.uris.length === 0)) {
    return l10n.t('{0}: there is no such file.', inlineCode(item.text));
  }
  const facts = context.imageFacts(first);
  const picture = facts?.thumbnailUri === undefined ? [] : [image(baseName(first), facts.thumbnailUri)];
  const size = factsText(facts);
  return [
    ...picture,
    `**${escapeMarkdown(baseName(first))}**${size === '' ? '' : ` ${size}`}`,
    ...knownText(document, item, first, context),
  ].join('\n\n');
}

function fallback(document: PromptDocument, item: ImageItem): string[] {
  const uri = isGlob(item.text) ? undefined : resolvePath(document.uri, item.text);
  return uri === undefined ? [] : [uri];
}

function globText(
  document: PromptDocument,
  item: ImageItem,
  uris: readonly string[],
  isTruncated: boolean,
  context: LanguageContext,
): string {
  const names = uris.slice(0, MAX_NAMES).map(uri =>
    `- ${inlineCode(relativePath(document.uri, uri))} ${factsText(context.imageFacts(uri))}`.trimEnd()
  );
  const rest = uris.length > MAX_NAMES ? [l10n.t('and {0} more', uris.length - MAX_NAMES)] : [];
  const amount = isTruncated
    ? l10n.t('{0} pictures (more match; only these are used)', uris.length)
    : uris.length === 1
    ? l10n.t('1 picture')
    : l10n.t('{0} pictures', uris.length);
  return [`${inlineCode(item.text)}: ${amount}`, names.join('\n'), ...rest].filter(part => part !== '').join('\n\n');
}

/** Answers that prompts below the directive have for this picture. */
function knownText(document: PromptDocument, item: ImageItem, uri: string, context: LanguageContext): string[] {
  const lines: string[] = [];
  for (const prompt of promptsBetween(document, item.line, document.lines.length)) {
    if (prompt.state.images?.line !== item.line || lines.length >= MAX_KNOWN) break;
    if (context.mayKnow?.(prompt.text) === false) continue;
    const state = context.runState({
      prompt: prompt.text,
      imageUri: uri,
      model: prompt.state.model?.model || undefined,
      settings: prompt.state.settings,
    });
    if (state?.kind === 'done') {
      lines.push(
        `- ${inlineCode(prompt.text === '' ? '""' : prompt.text.slice(0, 80))} → ${
          escapeMarkdown(resultLine(state.result, 120, prompt.state.settings.show))
        }`,
      );
    }
  }
  return lines.length === 0 ? [] : [lines.join('\n')];
}
