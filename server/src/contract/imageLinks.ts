/** Requests and commands about the pictures that documents link to, and the text of a line that names one. */
import { isImageTarget } from '../../../paligemma/src/pictureTypes';
import { RequestType } from 'vscode-jsonrpc';
import type { FailureData } from '../../../paligemma/src/failures';

/**
 * Client → server. Help on a picture that some text of a document names, for languages whose documents are not sent;
 * cancellable.
 */
export const imageHover = new RequestType<ImageHoverParams, ImageHover | null, FailureData>('paligemma/imageHover');

/** Client → server. The caption that is known of a picture, or null; runs no model; cancellable. */
export const imageCaption = new RequestType<ImageCaptionParams, string | null, FailureData>('paligemma/imageCaption');

/** Client → server. A PNG of a picture that a page of the editor cannot show by itself; needs no model; cancellable. */
export const picturePreview = new RequestType<ImageCaptionParams, PicturePreviewResult, FailureData>(
  'paligemma/picturePreview',
);

/** Client → server. The same in the size of a tile of a grid. */
export const pictureThumbnail = new RequestType<ImageCaptionParams, PicturePreviewResult, FailureData>(
  'paligemma/pictureThumbnail',
);

/** Client → server. How many pages a document has; a picture has one. Needs no model; cancellable. */
export const pageCount = new RequestType<ImageCaptionParams, number, FailureData>('paligemma/pageCount');

/**
 * Client → server. The pictures that a place in a text means: an image link, a path or glob of `@image`, a path in a
 * string. Runs no model; cancellable.
 */
export const imagesAt = new RequestType<ImagesAtParams, ImagesAtResult, FailureData>('paligemma/imagesAt');

export interface ImagesAtParams {
  readonly documentUri: string;
  /** From 0, as LSP counts positions. */
  readonly line: number;
  readonly character: number;
  /** What the text names there, for languages whose documents are not sent. */
  readonly target?: string;
}

export interface ImagesAtResult {
  /** `file:` URIs of pictures that are there; empty where the place means none. */
  readonly imageUris: readonly string[];
}

export interface PicturePreviewResult {
  /** Absolute, in the cache folder. Its longest side has up to 2048 pixels, of a thumbnail up to 448. */
  readonly path: string;
  /** The upright picture itself, pixels. */
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface ImageCaptionParams {
  /** A `file:` URI. */
  readonly imageUri: string;
}

export interface ImageHoverParams {
  /** The document that names the picture; relative paths start in its folder. */
  readonly documentUri: string;
  /** Path or URI, as it is written there. */
  readonly target: string;
}

export interface ImageHover {
  /** Markdown. Its only command links are {@link RUN_ON_IMAGE}. */
  readonly markdown: string;
}

export { imageLinkLanguages } from '../../../paligemma/src/answers/pageLanguages';

/** What alt text says: one sentence, a long description, or the text in the picture. */
export const altTextStyles = ['caption', 'describe', 'ocr'] as const;
export type AltTextStyle = (typeof altTextStyles)[number];

/** Server command: writes alt text into one link. Argument: {@link WriteAltTextArguments}. */
export const WRITE_ALT_TEXT = 'paligemma.server.writeAltText';
/** Server command: writes every missing alt text of a document. Argument: {@link WriteMissingArguments}. */
export const WRITE_MISSING_ALT_TEXT = 'paligemma.server.writeMissingAltText';
/** Server command: the same for the documents of the workspace folders. No arguments. */
export const WRITE_MISSING_IN_WORKSPACE = 'paligemma.server.writeMissingAltTextInWorkspace';
/** Server command: several texts for one link, which writes none. {@link LinkArguments} → {@link AltTextSuggestions}. */
export const SUGGEST_ALT_TEXT = 'paligemma.server.suggestAltText';
/** Commands that run a model. */
export const altTextCommands: readonly string[] = [
  WRITE_ALT_TEXT,
  WRITE_MISSING_ALT_TEXT,
  WRITE_MISSING_IN_WORKSPACE,
  SUGGEST_ALT_TEXT,
];
/** Server command: writes a text into one link; runs no model. Argument: {@link UseAltTextArguments}. */
export const USE_ALT_TEXT = 'paligemma.server.useAltText';
/** Server command: writes the caption that is known; runs no model. Argument: {@link AcceptCaptionArguments}. */
export const ACCEPT_CAPTION = 'paligemma.server.acceptCaption';

/** Client command that links in a hover call: runs a task on a picture. Argument: {@link RunOnImageArguments}. */
export const RUN_ON_IMAGE = 'paligemma.runOnImage';
export const hoverTasks = ['caption', 'describe', 'ocr', 'detect', 'segment', 'ask'] as const;

export interface RunOnImageArguments {
  readonly imageUri: string;
  readonly task: (typeof hoverTasks)[number];
}

/** A link of a document, as it stood when the command was made. */
export interface LinkArguments {
  readonly uri: string;
  /** UTF-16 offset of the link. */
  readonly offset: number;
  /** The link as it is written; where it is not found again, nothing is changed. */
  readonly written: string;
}

export interface WriteAltTextArguments extends LinkArguments {
  readonly style: AltTextStyle;
}

export interface UseAltTextArguments extends LinkArguments {
  readonly text: string;
}

export interface AltTextSuggestions extends LinkArguments {
  /** At least one, short before long; no two are the same. */
  readonly texts: readonly string[];
}

export interface AcceptCaptionArguments {
  readonly uri: string;
  /** UTF-16 offset within the link, or within the line of the only one. */
  readonly offset: number;
}

export interface WriteMissingArguments {
  readonly uri: string;
}

const MAX_LINE = 10_000;

export interface NamedImage {
  readonly target: string;
  /** UTF-16 units from the start of the line. */
  readonly start: number;
  readonly end: number;
}

/**
 * The path of a picture in the string around `character`, or, outside of strings, in the word there. A string is what
 * stands between equal quotes on the line. Undefined where nothing there ends like a picture.
 */
export function imageNamedAt(line: string, character: number): NamedImage | undefined {
  if (line.length > MAX_LINE || !/\.[a-z]{3,4}/i.test(line)) return undefined;
  let best: NamedImage | undefined;
  for (const quote of ['"', "'", '`']) {
    const start = quotedStart(line, quote, character);
    const end = start === undefined ? -1 : line.indexOf(quote, start);
    if (start === undefined || end < character) continue;
    const target = line.slice(start, end);
    // The shortest string is the innermost one.
    if (isImageTarget(target.trim()) && (best === undefined || end - start < best.end - best.start)) {
      best = { target: target.trim(), start, end };
    }
  }
  return best ?? wordAt(line, character);
}

/** Where the string around `character` starts, counting quotes from the start of the line. */
function quotedStart(line: string, quote: string, character: number): number | undefined {
  let start: number | undefined;
  for (let at = 0; at < character && at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === quote) start = start === undefined ? at + 1 : undefined;
  }
  return start;
}

function wordAt(line: string, character: number): NamedImage | undefined {
  const isPart = (char: string | undefined) => char !== undefined && /[^\s"'`<>|*(){}[\],;=]/.test(char);
  let start = Math.min(character, line.length);
  let end = start;
  while (start > 0 && isPart(line[start - 1])) start--;
  while (isPart(line[end])) end++;
  const target = line.slice(start, end).replace(/[.:]+$/, '');
  return isImageTarget(target) ? { target, start, end: start + target.length } : undefined;
}
