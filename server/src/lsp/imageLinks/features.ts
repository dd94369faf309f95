/** What the editor shows at a picture that a document links to: actions and hints. Pure: everything known comes in. */
import * as l10n from '@vscode/l10n';
import { CodeActionKind, type CodeAction, type InlayHint, type Position } from 'vscode-languageserver-types';
import {
  WRITE_ALT_TEXT,
  WRITE_MISSING_ALT_TEXT,
  type AltTextStyle,
  type WriteAltTextArguments,
  type WriteMissingArguments,
} from '../../contract/imageLinks';
import { clip, codeBlock, escapeMarkdown, inlineCode } from '../../language/text/markdown';
import type { ImageLink, Span } from '../../imageLinks/imageLink';
import type { KnownAnswer } from '../../contract/answers';
import { captionAmong } from '../../runs/knownResults';
import { nameOf } from '../pictures/pictures';

const ALT_TEXT_KIND = `${CodeActionKind.RefactorRewrite}.altText`;
const MISSING_ALT_TEXT_KIND = `${CodeActionKind.Source}.paligemma.missingAltText`;
export const altTextKinds: readonly string[] = [ALT_TEXT_KIND, MISSING_ALT_TEXT_KIND];

/** A link whose picture is on this machine. */
export interface FoundLink {
  readonly link: ImageLink;
  readonly imagePath: string;
}

/** Of the action at a link; `of` names the picture where several are meant. */
function actionTitle(style: AltTextStyle, isReplaced: boolean, of: string | undefined): string {
  const what = isReplaced ? replacingTitle(style) : writingTitle(style);
  return of === undefined ? what : `${of}: ${what}`;
}

function writingTitle(style: AltTextStyle): string {
  switch (style) {
    case 'caption':
      return l10n.t('Write alt text (caption)');
    case 'describe':
      return l10n.t('Write alt text (long description)');
    case 'ocr':
      return l10n.t('Write alt text (text in the image)');
  }
}

function replacingTitle(style: AltTextStyle): string {
  switch (style) {
    case 'caption':
      return l10n.t('Replace alt text (caption)');
    case 'describe':
      return l10n.t('Replace alt text (long description)');
    case 'ocr':
      return l10n.t('Replace alt text (text in the image)');
  }
}

/** True for text that somebody would miss: an empty one may be replaced without asking again. */
function hasAltText({ alt }: ImageLink): boolean {
  return alt !== undefined && alt.trim() !== '';
}

/** Links without alt text. An empty one on purpose (`alt=""`) is not missing. */
export function lacksAltText({ alt, altSlot }: ImageLink): boolean {
  return alt === undefined && altSlot !== undefined;
}

/**
 * Actions for the links that touch `selection`.
 * @param found All links of the document whose picture was found.
 * @param only Kinds that are asked for; undefined: all.
 */
export function altTextActions(
  document: { readonly uri: string; readonly text: string },
  found: readonly FoundLink[],
  selection: Span,
  only?: readonly string[],
): CodeAction[] {
  const wants = (kind: string) =>
    only === undefined || only.some(asked => kind === asked || kind.startsWith(`${asked}.`));
  const actions: CodeAction[] = [];
  const here = found.filter(({ link: { range, altSlot } }) =>
    altSlot !== undefined && range.start <= selection.end && selection.start <= range.end
  );
  if (wants(ALT_TEXT_KIND)) {
    for (const { link } of here) {
      actions.push(...linkActions(document, link, here.length > 1 ? clip(nameOf(link.target), 30) : undefined));
    }
  }
  const missing = found.filter(({ link }) => lacksAltText(link)).length;
  // Everywhere in the file where it is asked for by kind; else beside the others only.
  if (wants(MISSING_ALT_TEXT_KIND) && missing > 0 && (only !== undefined || (missing > 1 && here.length > 0))) {
    const title = missing === 1
      ? l10n.t('Write missing alt text in this file (1 image)')
      : l10n.t('Write missing alt text in this file ({0} images)', missing);
    const args: WriteMissingArguments = { uri: document.uri };
    // The light bulb's menu leaves out source actions.
    actions.push({
      title,
      kind: only === undefined ? `${ALT_TEXT_KIND}.missing` : MISSING_ALT_TEXT_KIND,
      command: { title, command: WRITE_MISSING_ALT_TEXT, arguments: [args] },
    });
  }
  return actions;
}

function linkActions(
  { uri, text }: { readonly uri: string; readonly text: string },
  link: ImageLink,
  of: string | undefined,
): CodeAction[] {
  return (['caption', 'describe', 'ocr'] as const).map(style => {
    const title = actionTitle(style, hasAltText(link), of);
    const args: WriteAltTextArguments = {
      uri,
      offset: link.range.start,
      written: text.slice(link.range.start, link.range.end),
      style,
    };
    return { title, kind: ALT_TEXT_KIND, command: { title, command: WRITE_ALT_TEXT, arguments: [args] } };
  });
}

const HINT_CHARS = 70;

export interface CaptionedLink {
  readonly link: ImageLink;
  readonly known: readonly KnownAnswer[];
}

/** Known captions behind image links; none where the alt text says the same. */
export function captionHints(
  links: readonly CaptionedLink[],
  language: string,
  positionAt: (offset: number) => Position,
): InlayHint[] {
  return links.flatMap(({ link, known }) => {
    const caption = captionAmong(known, language);
    const text = caption?.text.trim() ?? '';
    if (caption === undefined || text === link.alt?.trim()) return [];
    return [{
      position: positionAt(link.range.end),
      label: clip(text, HINT_CHARS),
      paddingLeft: true,
      tooltip: {
        kind: 'markdown' as const,
        value: `${codeBlock(text)}\n\n${escapeMarkdown(caption.model)}, ${inlineCode(caption.prompt)}`,
      },
    }];
  });
}
