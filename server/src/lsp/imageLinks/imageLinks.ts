/** The kind of document that links to pictures: Markdown, HTML and other markup. */
import { pathToFileURL } from 'node:url';
import type {
  CancellationToken,
  CodeAction,
  CodeActionParams,
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
  Hover,
  HoverParams,
  InlayHint,
  InlayHintParams,
} from 'vscode-languageserver/node';
import { pageOf } from '../../../../paligemma/src/answers/pageLanguages';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { imageNamedAt, type ImagesAtParams, type ImagesAtResult } from '../../contract/imageLinks';
import type { ImageLink, Span } from '../../imageLinks/imageLink';
import { linkAt } from '../../imageLinks/imageLinks';
import { markup } from '../../language/text/markdown';
import type { RunServices } from '../../runs/runServices';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import type { Client } from '../connection/client';
import type { Commands } from '../connection/commands';
import type { DocumentFeatures, DocumentKind } from '../connection/documentKind';
import type { PictureHelp } from '../pictures/pictureHelp';
import { altTextCommandHandlers } from './altTextCommands';
import { altTextActions, altTextKinds, captionHints, type CaptionedLink, type FoundLink } from './features';
import { Texts, type LinkedText } from './texts';

export interface ImageLinksOptions {
  readonly client: Client;
  readonly services: Pick<RunServices, 'runner'>;
  readonly pictures: PictureHelp;
}

/** Hints are asked for the lines in view; more links than these are not drawn. */
const MOST_HINTS = 100;
const MOST_ACTION_LINKS = 300;
export class ImageLinks implements DocumentKind {
  readonly codeActionKinds = altTextKinds;
  readonly completionTriggers: readonly string[] = [];
  readonly commands: Commands;
  readonly features: DocumentFeatures = {
    hover: (params, token) => this.hover(params, token),
    codeActions: (params, token) => this.codeActions(params, token),
    inlayHints: (params, token) => this.inlayHints(params, token),
  };
  private readonly texts: Texts;

  constructor(private readonly options: ImageLinksOptions) {
    const { client, services, pictures } = options;
    this.texts = new Texts(() => client.abilities.encoding);
    this.commands = altTextCommandHandlers({ client, runner: services.runner, pictures, texts: this.texts });
    pictures.onDidChange(() => client.refresher.request('inlayHints'));
  }

  accepts(languageId: string, uri: string): boolean {
    return pageOf(languageId, uri) !== undefined;
  }

  didOpen(params: DidOpenTextDocumentParams): void {
    this.texts.didOpen(params);
  }

  didChange(params: DidChangeTextDocumentParams): void {
    this.texts.didChange(params);
  }

  didClose(params: DidCloseTextDocumentParams): void {
    this.texts.didClose(params);
  }

  runDone({ fromStore }: Pick<RunResult, 'fromStore'>): void {
    if (!fromStore) this.options.client.refresher.request('inlayHints');
  }

  async imagesAt(
    { documentUri, line, character }: ImagesAtParams,
    token: CancellationToken,
  ): Promise<ImagesAtResult> {
    const text = this.texts.opened(documentUri);
    const link = text === undefined ? undefined : pictureAt(text, text.offsetAt({ line, character }));
    const imagePath = link === undefined ? undefined : await this.options.pictures.pathOf(link, documentUri);
    throwIfCancelled(token);
    return { imageUris: imagePath === undefined ? [] : [pathToFileURL(imagePath).href] };
  }

  /** Null where there is no picture, or it is not on this machine, or the client asks for another place already. */
  private async hover({ textDocument, position }: HoverParams, token: CancellationToken): Promise<Hover | null> {
    const { client, pictures } = this.options;
    const text = this.texts.opened(textDocument.uri);
    const link = text === undefined ? undefined : pictureAt(text, text.offsetAt(position));
    const imagePath = link === undefined ? undefined : await pictures.pathOf(link, textDocument.uri);
    if (text === undefined || link === undefined || imagePath === undefined) return null;
    try {
      return {
        contents: markup(await pictures.markdown(imagePath, token), client.abilities.features.markdown),
        range: { start: text.positionAt(link.range.start), end: text.positionAt(link.range.end) },
      };
    } catch (error) {
      if (error instanceof CancelledError) return null;
      throw error;
    }
  }

  private async codeActions(
    { textDocument, range, context }: CodeActionParams,
    token: CancellationToken,
  ): Promise<CodeAction[]> {
    const text = this.texts.opened(textDocument.uri);
    if (text === undefined) return [];
    const selection: Span = { start: text.offsetAt(range.start), end: text.offsetAt(range.end) };
    const isNear = text.links.some(({ range: own, altSlot }) =>
      altSlot !== undefined && own.start <= selection.end && selection.start <= own.end
    );
    // The light bulb is asked for at every move of the cursor: away from links it costs nothing.
    if (!isNear && context.only === undefined) return [];
    const found = await this.found(
      text,
      text.links.filter(link => link.altSlot !== undefined).slice(0, MOST_ACTION_LINKS),
    );
    return token.isCancellationRequested ? [] : altTextActions(text, found, selection, context.only);
  }

  private async inlayHints({ textDocument, range }: InlayHintParams, token: CancellationToken): Promise<InlayHint[]> {
    const { client: { settings }, pictures } = this.options;
    const text = this.texts.opened(textDocument.uri);
    if (text === undefined || !settings.inlineCaptions || pageOf(text.languageId, textDocument.uri)?.isProse !== true) {
      return [];
    }
    const start = text.offsetAt(range.start);
    const end = text.offsetAt(range.end);
    const shown = text.links.filter(link =>
      link.altSlot !== undefined && start <= link.range.end && link.range.start <= end
    ).slice(0, MOST_HINTS);
    const captioned: CaptionedLink[] = [];
    for (const { link, imagePath } of await this.found(text, shown)) {
      if (token.isCancellationRequested) return [];
      captioned.push({ link, known: await pictures.known(imagePath, token) });
    }
    return captionHints(captioned, settings.language, offset => text.positionAt(offset));
  }

  private async found(text: LinkedText, links: readonly ImageLink[]): Promise<FoundLink[]> {
    const paths = await Promise.all(links.map(link => this.options.pictures.pathOf(link, text.uri)));
    return links.flatMap((link, index) => {
      const imagePath = paths[index];
      return imagePath === undefined ? [] : [{ link, imagePath }];
    });
  }
}

/** A link, or a path in a string where no link is. */
function pictureAt(text: LinkedText, offset: number): ImageLink | undefined {
  return linkAt(text.links, offset) ?? namedAt(text, offset);
}

function namedAt(text: LinkedText, offset: number): ImageLink | undefined {
  const start = text.text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.text.indexOf('\n', offset);
  const named = imageNamedAt(text.text.slice(start, newline < 0 ? undefined : newline), offset - start);
  if (named === undefined) return undefined;
  const range = { start: start + named.start, end: start + named.end };
  return { kind: 'string', range, target: named.target, targetRange: range, alt: undefined, altSlot: undefined };
}
