/** What a hover over a picture says. Pure: everything known comes in. */
import * as l10n from '@vscode/l10n';
import { imageUriOf } from '../../runs/imagePath';
import { RUN_ON_IMAGE, type RunOnImageArguments } from '../../contract/imageLinks';
import { sizeText } from '../../language/text/amounts';
import { isolated } from '../../language/text/bidi';
import { clip, escapeMarkdown, image, inlineCode } from '../../language/text/markdown';
import type { KnownAnswer } from '../../contract/answers';
import { captionAmong } from '../../runs/knownResults';
import { nameOf, type PreviewedPicture } from './pictures';
import { shownSize } from './previewSize';

const MAX_ANSWERS = 6;
const runLinks = (): readonly (readonly [task: RunOnImageArguments['task'], title: string])[] => [
  ['caption', l10n.t('Caption')],
  ['describe', l10n.t('Describe')],
  ['ocr', l10n.t('Read text')],
  ['detect', l10n.t('Detect…')],
  ['segment', l10n.t('Segment…')],
  ['ask', l10n.t('Ask…')],
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
    ...(picture.bytes > 0 ? [sizeText(picture.bytes)] : []),
  ].join(', ');
  const name = `**${isolated(escapeMarkdown(clip(nameOf(picture.path), 80)))}**${size === '' ? '' : ` ${size}`}`;
  // Above the answers, however many there are: what can be clicked must not need scrolling.
  const links = commandLinks && picture.problem === undefined
    ? runLinks().map(([task, title]) => commandLink(title, { imageUri: imageUriOf(picture.path), task })).join(
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

function answerLine({ prompt, labels, text, line }: KnownAnswer): string {
  const objects = labels.length === 0 || line !== undefined ? '' : summary(labels);
  const answer = [objects, isolated(escapeMarkdown(clip(line ?? text, 200)))].filter(part => part !== '').join(' · ');
  return `- ${inlineCode(prompt === '' ? '""' : clip(prompt, 80))} → ${answer === '' ? l10n.t('(nothing)') : answer}`;
}

/** `cup ×2, plate`, as Markdown. */
function summary(labels: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const named = [...counts].map(([label, amount]) =>
    `${label === '' ? l10n.t('region') : isolated(escapeMarkdown(clip(label, 40)))}${amount > 1 ? ` ×${amount}` : ''}`
  );
  return named.length > 12
    ? l10n.t('{0} and {1} more', named.slice(0, 12).join(', '), named.length - 12)
    : named.join(', ');
}

/** Everything in the address is percent-encoded, so that no file name can end the link or add to its arguments. */
function commandLink(title: string, args: RunOnImageArguments): string {
  const encoded = encodeURIComponent(JSON.stringify([args])).replace(
    /[()'!*~]/g,
    char => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `[${escapeMarkdown(title)}](command:${RUN_ON_IMAGE}?${encoded})`;
}
