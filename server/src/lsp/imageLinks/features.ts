/**
 * What the editor shows at a picture that a document links to: actions, hover, hints. Pure: everything known comes in.
 */
import { pathToFileURL } from 'node:url';
import { CodeActionKind, type CodeAction, type InlayHint, type Position } from 'vscode-languageserver-types';
import {
  RUN_ON_IMAGE,
  WRITE_ALT_TEXT,
  WRITE_MISSING_ALT_TEXT,
  type AltTextStyle,
  type RunOnImageArguments,
  type WriteAltTextArguments,
  type WriteMissingArguments,
} from '../../contract/imageLinks';
import { isolated } from '../../language/text/bidi';
import { bytesText, clip, codeBlock, count, escapeMarkdown, image, inlineCode } from '../../language/text/markdown';
import type { ImageLink, Span } from '../../imageLinks/imageLink';
import { captionAmong, type KnownAnswer } from '../../runs/knownResults';
import { nameOf, type PreviewedPicture } from './pictures';
import { shownSize } from './previewSize';

export const ALT_TEXT_KIND = `${CodeActionKind.RefactorRewrite}.altText`;
export const MISSING_ALT_TEXT_KIND = `${CodeActionKind.Source}.paligemma.missingAltText`;
export const altTextKinds: readonly string[] = [ALT_TEXT_KIND, MISSING_ALT_TEXT_KIND];

/** A link whose picture is on this machine. */
export interface FoundLink {
  readonly link: ImageLink;
  readonly imagePath: string;
}

const styleTitles: Readonly<Record<AltTextStyle, string>> = {
  caption: 'caption',
  describe: 'long description',
  ocr: 'text in the image',
};

/** True for text that somebody would miss: an empty one may be replaced without asking again. */
export function hasAltText({ alt }: ImageLink): boolean {
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
      actions.push(...linkActions(document, link, here.length > 1 ? ` of ${clip(nameOf(link.target), 30)}` : ''));
    }
  }
  const missing = found.filter(({ link }) => lacksAltText(link)).length;
  // Everywhere in the file where it is asked for by kind; else beside the others only.
  if (wants(MISSING_ALT_TEXT_KIND) && missing > 0 && (only !== undefined || (missing > 1 && here.length > 0))) {
    const title = 'Write missing alt text in this file';
    const args: WriteMissingArguments = { uri: document.uri };
    // The light bulb's menu leaves out source actions.
    actions.push({
      title: `${title} (${count(missing, 'image')})`,
      kind: only === undefined ? `${ALT_TEXT_KIND}.missing` : MISSING_ALT_TEXT_KIND,
      command: { title, command: WRITE_MISSING_ALT_TEXT, arguments: [args] },
    });
  }
  return actions;
}

function linkActions(
  { uri, text }: { readonly uri: string; readonly text: string },
  link: ImageLink,
  which: string,
): CodeAction[] {
  const verb = hasAltText(link) ? 'Replace' : 'Write';
  return (['caption', 'describe', 'ocr'] as const).map(style => {
    const title = `${verb} alt text${which} (${styleTitles[style]})`;
    const args: WriteAltTextArguments = {
      uri,
      offset: link.range.start,
      written: text.slice(link.range.start, link.range.end),
      style,
    };
    return { title, kind: ALT_TEXT_KIND, command: { title, command: WRITE_ALT_TEXT, arguments: [args] } };
  });
}

const MAX_ANSWERS = 6;
const runLinks: readonly (readonly [task: RunOnImageArguments['task'], title: string])[] = [
  ['caption', 'Caption'],
  ['describe', 'Describe'],
  ['ocr', 'Read text'],
  ['detect', 'Detect…'],
  ['segment', 'Segment…'],
  ['ask', 'Ask…'],
];

export interface HoverOptions {
  /** The client runs {@link RUN_ON_IMAGE}. */
  readonly commandLinks: boolean;
  /** The client draws pictures of Markdown, and reads a height behind their address. */
  readonly showsPictures: boolean;
  readonly language: string;
}

/** Markdown. */
export function pictureHover(
  picture: PreviewedPicture,
  { commandLinks, showsPictures, language }: HoverOptions,
): string {
  const parts: string[] = [];
  if (showsPictures && picture.previewUri !== undefined) {
    parts.push(image(nameOf(picture.path), picture.previewUri, dimensions(picture)));
  }
  const size = [
    ...(picture.widthPx === undefined || picture.heightPx === undefined
      ? []
      : [`${picture.widthPx} × ${picture.heightPx} px`]),
    ...(picture.bytes > 0 ? [bytesText(picture.bytes)] : []),
  ].join(', ');
  const name = `**${isolated(escapeMarkdown(clip(nameOf(picture.path), 80)))}**${size === '' ? '' : ` ${size}`}`;
  // Above the answers, however many there are: what can be clicked must not need scrolling.
  const links = commandLinks && picture.problem === undefined
    ? runLinks.map(([task, title]) => commandLink(title, { imageUri: pathToFileURL(picture.path).href, task })).join(
      ' · ',
    )
    : '';
  parts.push(links === '' ? name : `${name}  \n${links}`);
  if (picture.problem !== undefined) parts.push(escapeMarkdown(picture.problem));
  const caption = captionAmong(picture.known, language);
  if (caption !== undefined) parts.push(isolated(escapeMarkdown(clip(caption.text, 600))));
  const others = picture.known.filter(answer => answer !== caption).slice(0, MAX_ANSWERS).map(answerLine);
  if (others.length > 0) parts.push(others.join('\n'));
  return parts.join('\n\n');
}

/** What the client reads behind the address of a picture. */
function dimensions({ widthPx, heightPx }: PreviewedPicture): string {
  if (widthPx === undefined || heightPx === undefined) return '';
  const { width, height } = shownSize(widthPx, heightPx);
  return `|width=${width},height=${height}`;
}

function answerLine({ prompt, labels, text }: KnownAnswer): string {
  const objects = labels.length === 0 ? '' : summary(labels);
  const answer = [objects, isolated(clip(text, 200))].filter(part => part !== '').join(' · ');
  return `- ${inlineCode(prompt === '' ? '""' : clip(prompt, 80))} → ${
    answer === '' ? '(nothing)' : escapeMarkdown(answer)
  }`;
}

/** `cup ×2, plate`. */
function summary(labels: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const named = [...counts].map(([label, amount]) =>
    `${label === '' ? 'region' : isolated(clip(label, 40))}${amount > 1 ? ` ×${amount}` : ''}`
  );
  return named.length > 12 ? `${named.slice(0, 12).join(', ')} and ${named.length - 12} more` : named.join(', ');
}

/** Everything in the address is percent-encoded, so that no file name can end the link or add to its arguments. */
function commandLink(title: string, args: RunOnImageArguments): string {
  const encoded = encodeURIComponent(JSON.stringify([args])).replace(
    /[()'!*~]/g,
    char => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `[${escapeMarkdown(title)}](command:${RUN_ON_IMAGE}?${encoded})`;
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
