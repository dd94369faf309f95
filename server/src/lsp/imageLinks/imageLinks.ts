/** The kind of document that links to pictures: Markdown, HTML and other markup. */
import { pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  DocumentDiagnosticReportKind,
  type CancellationToken,
  type CodeAction,
  type CodeActionContext,
  type CodeActionParams,
  type Diagnostic,
  type DidChangeTextDocumentParams,
  type DidCloseTextDocumentParams,
  type DidOpenTextDocumentParams,
  type DocumentDiagnosticReport,
  type Hover,
  type HoverParams,
  type InlayHint,
  type InlayHintParams,
} from 'vscode-languageserver/node';
import { pageOf } from '../../../../paligemma/src/answers/pageLanguages';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { imageNamedAt, type ImagesAtParams, type ImagesAtResult } from '../../contract/imageLinks';
import type { ImageLink, Span } from '../../imageLinks/imageLink';
import { linkAt } from '../../imageLinks/imageLinks';
import { diagnosticSource } from '../../language/findings/diagnostics';
import { markup } from '../../language/text/markdown';
import type { RunServices } from '../../runs/runServices';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import type { Client } from '../connection/client';
import type { Commands } from '../connection/commands';
import type { DocumentFeatures, DocumentKind } from '../connection/documentKind';
import type { PictureHelp } from '../pictures/pictureHelp';
import { altTextCommandHandlers } from './altTextCommands';
import { editsFor } from './altTextWriter';
import {
  altTextActions,
  altTextKinds,
  captionHints,
  suggestAction,
  type CaptionedLink,
  type FoundLink,
} from './features';
import { linkFindings, MISSING_ALT_TEXT, type LookedAt } from './linkFindings';
import { LinkFindingsFeed } from './linkFindingsFeed';
import { imageUriOf } from '../../runs/imagePath';
import { Texts, type LinkedText } from './texts';

export interface ImageLinksOptions {
  readonly client: Client;
  readonly services: Pick<RunServices, 'runner'>;
  readonly pictures: PictureHelp;
  /** Absolute, of the page that says what each finding means. */
  readonly documentationPath: string;
}

/** Hints are asked for the lines in view; more links than these are not drawn. */
const MOST_HINTS = 100;
const MOST_ACTION_LINKS = 300;
const MOST_FINDING_LINKS = 1000;
/** Links under one selection whose known answers are proposed. */
const MOST_LOOKED_AT = 5;

export class ImageLinks implements DocumentKind {
  readonly codeActionKinds = altTextKinds;
  readonly completionTriggers: readonly string[] = [];
  readonly commands: Commands;
  readonly features: DocumentFeatures = {
    hover: (params, token) => this.hover(params, token),
    codeActions: (params, token) => this.codeActions(params, token),
    inlayHints: (params, token) => this.inlayHints(params, token),
    diagnostics: ({ textDocument: { uri } }) => this.report(uri),
  };
  private readonly feed: LinkFindingsFeed;
  private readonly texts: Texts;

  constructor(private readonly options: ImageLinksOptions) {
    const { client, services, pictures } = options;
    this.texts = new Texts(() => client.abilities.encoding);
    this.commands = altTextCommandHandlers({ client, runner: services.runner, pictures, texts: this.texts });
    this.feed = new LinkFindingsFeed(client, uri => this.findings(uri), client.log);
    let hadFindings = client.settings.altTextFindings;
    client.configuration.onDidChange(() => {
      const has = client.settings.altTextFindings;
      if (has || hadFindings) this.feed.surroundingsChanged(this.texts.openUris());
      hadFindings = has;
    });
    pictures.onDidChange(() => client.refresher.request('inlayHints'));
  }

  accepts(languageId: string, uri: string): boolean {
    return pageOf(languageId, uri) !== undefined;
  }

  didOpen(params: DidOpenTextDocumentParams): void {
    this.texts.didOpen(params);
    this.feed.textChanged(params.textDocument.uri);
  }

  didChange(params: DidChangeTextDocumentParams): void {
    this.texts.didChange(params);
    this.feed.textChanged(params.textDocument.uri);
  }

  didClose(params: DidCloseTextDocumentParams): void {
    this.texts.didClose(params);
    this.feed.closed(params.textDocument.uri);
  }

  filesChanged(): void {
    if (this.options.client.settings.altTextFindings) this.feed.surroundingsChanged(this.texts.openUris());
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
    return { imageUris: imagePath === undefined ? [] : [imageUriOf(imagePath)] };
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
    const near = found.filter(({ link: { range: own } }) => own.start <= selection.end && selection.start <= own.end)
      .slice(0, MOST_LOOKED_AT);
    const known = await Promise.all(near.map(({ imagePath }) => this.options.pictures.known(imagePath, token)));
    const informed = found.map(each => {
      const answers = known[near.indexOf(each)];
      return answers === undefined ? each : { ...each, known: answers };
    });
    if (token.isCancellationRequested) return [];
    const actions = [
      ...quickFixes(text, informed, selection, context),
      ...altTextActions(text, informed, selection, context.only),
    ];
    const [only] = near;
    // A list to choose from is our own client's.
    const isOffered = this.options.client.abilities.runsCommandLinks && near.length === 1 && only !== undefined
      && actions.length > 0 && context.only === undefined;
    return isOffered ? [...actions, suggestAction(text, only.link)] : actions;
  }

  private async report(uri: string): Promise<DocumentDiagnosticReport> {
    return { kind: DocumentDiagnosticReportKind.Full, items: await this.findings(uri) };
  }

  private async findings(uri: string): Promise<Diagnostic[]> {
    const text = this.texts.opened(uri);
    if (text === undefined || !this.options.client.settings.altTextFindings) return [];
    const links = text.links.filter(({ kind }) => kind !== 'css' && kind !== 'string').slice(0, MOST_FINDING_LINKS);
    const looked = await Promise.all(links.map(async (link): Promise<LookedAt> => ({
      link,
      file: await this.options.pictures.whereabouts(link, uri),
    })));
    const documentation = pathToFileURL(this.options.documentationPath).href;
    return linkFindings(looked, offset => text.positionAt(offset), documentation);
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
    return captionHints(
      captioned,
      settings.language,
      offset => text.positionAt(offset),
      (link, alt) => editsFor(text, link, alt),
    );
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

/** A problem's own menu offers fixes only: the caption is one where alt text is what is missing. */
function quickFixes(
  document: LinkedText,
  found: readonly FoundLink[],
  selection: Span,
  { diagnostics, only }: CodeActionContext,
): CodeAction[] {
  const told = diagnostics.filter(({ code, source }) => code === MISSING_ALT_TEXT && source === diagnosticSource);
  if (only !== undefined && !only.includes(CodeActionKind.QuickFix)) return [];
  return told.flatMap(diagnostic => {
    const start = document.offsetAt(diagnostic.range.start);
    const [caption] = altTextActions(document, found.filter(({ link }) => link.range.start === start), selection);
    return caption === undefined ? [] : [{ ...caption, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] }];
  });
}
