/** What the editor shows at a picture that a document links to: actions and hints. Pure: everything known comes in. */
import * as l10n from '@vscode/l10n';
import {
  CodeActionKind,
  type CodeAction,
  type InlayHint,
  type Position,
  type TextEdit,
} from 'vscode-languageserver-types';
import { proseFault } from '../../../../paligemma/src/answers/prose';
import { oneSpaced } from '../../../../paligemma/src/plainText';
import {
  SUGGEST_ALT_TEXT,
  USE_ALT_TEXT,
  WRITE_ALT_TEXT,
  WRITE_MISSING_ALT_TEXT,
  type AltTextStyle,
  type LinkArguments,
  type UseAltTextArguments,
  type WriteAltTextArguments,
  type WriteMissingArguments,
} from '../../contract/imageLinks';
import { wantsKind } from '../../language/findings/actionKinds';
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
  /** What is known of the picture, newest first; absent where nobody looked. */
  readonly known?: readonly KnownAnswer[];
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
  const wants = (kind: string) => wantsKind(only, kind);
  const actions: CodeAction[] = [];
  const here = found.filter(({ link: { range, altSlot } }) =>
    altSlot !== undefined && range.start <= selection.end && selection.start <= range.end
  );
  if (wants(ALT_TEXT_KIND)) {
    for (const { link, known = [] } of here) {
      const of = here.length > 1 ? clip(nameOf(link.target), 30) : undefined;
      actions.push(...linkActions(document, link, of), ...proposals(document, { link, known }, of));
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

/** More of them would be a list to read instead of a choice. */
const MOST_PROPOSALS = 4;
const PROPOSAL_CHARS = 60;

/** What the model has said of the picture already, each to be taken as it is; and more of it to choose from. */
function proposals(
  { uri, text }: { readonly uri: string; readonly text: string },
  { link, known }: Required<Pick<FoundLink, 'link' | 'known'>>,
  of: string | undefined,
): CodeAction[] {
  const said = known.filter(({ prompt }) => /^(?:cap|caption|describe)\b/.test(prompt))
    .map(answer => answer.text.trim())
    .filter(words => proseFault(words) === undefined && words !== link.alt?.trim());
  const place = { uri, offset: link.range.start, written: text.slice(link.range.start, link.range.end) };
  const action = (title: string, command: string, args: LinkArguments | UseAltTextArguments): CodeAction => {
    const whole = of === undefined ? title : `${of}: ${title}`;
    return { title: whole, kind: ALT_TEXT_KIND, command: { title: whole, command, arguments: [args] } };
  };
  return [...new Set(said)].slice(0, MOST_PROPOSALS).map(words =>
    action(l10n.t('Use as alt text: “{0}”', clip(oneSpaced(words), PROPOSAL_CHARS)), USE_ALT_TEXT, {
      ...place,
      text: words,
    })
  );
}

/** Several texts that are written anew, to choose from; for clients that can show them. */
export function suggestAction(
  { uri, text }: { readonly uri: string; readonly text: string },
  link: ImageLink,
): CodeAction {
  const title = l10n.t('Choose among several alt texts…');
  const args: LinkArguments = {
    uri,
    offset: link.range.start,
    written: text.slice(link.range.start, link.range.end),
  };
  return { title, kind: ALT_TEXT_KIND, command: { title, command: SUGGEST_ALT_TEXT, arguments: [args] } };
}

const HINT_CHARS = 70;

export interface CaptionedLink {
  readonly link: ImageLink;
  readonly known: readonly KnownAnswer[];
}

/** Known captions behind image links, which a double click writes as alt text; none where the alt text says the same. `editsFor`: what writes a text there. */
export function captionHints(
  links: readonly CaptionedLink[],
  language: string,
  positionAt: (offset: number) => Position,
  editsFor: (link: ImageLink, alt: string) => TextEdit[] = () => [],
): InlayHint[] {
  return links.flatMap(({ link, known }) => {
    const caption = captionAmong(known, language);
    const text = caption?.text.trim() ?? '';
    if (caption === undefined || text === link.alt?.trim()) return [];
    return [{
      position: positionAt(link.range.end),
      label: clip(text, HINT_CHARS),
      paddingLeft: true,
      textEdits: editsFor(link, text),
      tooltip: {
        kind: 'markdown' as const,
        value: `${codeBlock(text)}\n\n${escapeMarkdown(caption.model)}, ${inlineCode(caption.prompt)}\n\n${
          l10n.t('A double click writes it as alt text.')
        }`,
      },
    }];
  });
}
