/**
 * The part of the server that knows the pictures linked in documents: one method for each LSP method that it answers.
 */
import type { RunResult } from '../../../../paligemma/src/runResult';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  MessageType,
  ShowMessageNotification,
  type CancellationToken,
  type CodeAction,
  type CodeActionParams,
  type Connection,
  type DidChangeTextDocumentParams,
  type DidCloseTextDocumentParams,
  type DidOpenTextDocumentParams,
  type Hover,
  type HoverParams,
  type InitializeParams,
  type InlayHint,
  type InlayHintParams,
  type WorkspaceFolder,
} from 'vscode-languageserver/node';
import { HostError } from '../../../../paligemma/src/failures';
import type { ThumbnailParams, ThumbnailResult } from '../../../../model-host/src/contract/protocol';
import { noAbilities, readAbilities } from '../clientAbilities';
import type { Configuration } from '../configuration';
import {
  altTextCommands,
  altTextStyles,
  imageNamedAt,
  WRITE_ALT_TEXT,
  WRITE_MISSING_ALT_TEXT,
  type ImageHover,
  type ImagesAtResult,
  type PicturePreviewResult,
  type WriteAltTextArguments,
} from '../../contract/imageLinks';
import { unfitNote } from '../../language/findings/fitness';
import { markup } from '../../language/text/markdown';
import type { OtherLanguages } from '../documentKinds';
import type { CommandHandler, ReportedWork } from '../promptFiles/promptCommands';
import { Refresher } from '../refresher';
import { ResultStore } from '../../runs/resultStore';
import { RunProgressReporter } from '../runProgressReporter';
import type { RunServices } from '../../runs/runServices';
import { defaultMaxNewTokens } from '../../runs/tokenLimits';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { toHostError } from '../../util/failure';
import type { Log } from '../../util/log';
import { systemTimers } from '../../util/timers';
import { AltTextWriter, type PromptRuns, type WriteProgress, type WriteReport } from './altTextWriter';
import { altTextActions, captionHints, pictureHover, type CaptionedLink, type FoundLink } from './features';
import type { ImageLink, Span } from '../../imageLinks/imageLink';
import { linkAt } from '../../imageLinks/imageLinks';
import { captionAmong, KnownResults } from '../../runs/knownResults';
import { Pictures } from './pictures';
import { readImagesAt } from '../requests/requestParams';
import { pathOfUri, type TargetPlace } from '../../imageLinks/targets';
import { Texts, type LinkedText } from './texts';
import { Thumbnails } from './thumbnails';

export interface ImageLinkOptions {
  readonly connection: Connection;
  readonly services: Pick<RunServices, 'runner'>;
  readonly configuration: Configuration;
  readonly cachePath: string;
  /** False: nothing decodes pictures. */
  readonly isTrusted: () => boolean;
  /** The host's request `thumbnail`. */
  readonly thumbnail: (params: ThumbnailParams, token: CancellationToken) => Promise<ThumbnailResult>;
  readonly log: Log;
}

/** Hints are asked for the lines in view; more links than these are not drawn. */
const MOST_HINTS = 100;
const MOST_ACTION_LINKS = 300;
/** Markup; in code and style sheets a caption would be in the way. */
const captionLanguages = new Set([
  'markdown',
  'mdx',
  'quarto',
  'rmd',
  'html',
  'asciidoc',
  'restructuredtext',
  'latex',
  'tex',
]);

export class ImageLinkService implements OtherLanguages {
  /** By the names of `altTextCommands`. Failures are shown to the person, and the answer is null then. */
  readonly commands: Readonly<Record<string, CommandHandler>>;
  private readonly texts: Texts;
  private readonly known: KnownResults;
  private readonly pictures: Pictures;
  private readonly writer: AltTextWriter;
  private readonly refresher: Refresher;
  private folders: readonly WorkspaceFolder[] = [];
  private abilities = noAbilities;
  /** Our own client says so: links that run commands work nowhere else. */
  private hasCommandLinks = false;
  private previewsEdits = false;

  constructor(private readonly options: ImageLinkOptions) {
    const { cachePath, connection, thumbnail, log, isTrusted } = options;
    const timers = systemTimers;
    const folderPath = path.join(cachePath, 'results');
    // A view of its own onto the store on disk: what is looked up here must not push the answers of runs out of memory.
    const store = new ResultStore(folderPath, log);
    const read = (key: string) => store.get(key);
    this.texts = new Texts(() => this.abilities.encoding);
    this.known = new KnownResults({ folderPath, read, timers });
    this.pictures = new Pictures({
      known: this.known,
      thumbnails: new Thumbnails({ cachePath, make: thumbnail }),
      read,
      timers,
      isTrusted,
    });
    this.refresher = new Refresher(connection, () => this.abilities, timers);
    this.writer = new AltTextWriter({
      texts: this.texts,
      language: () => this.settings.language,
      edits: () => ({ versions: this.abilities.versionsEdits, preview: this.previewsEdits }),
      pathOf: (text, link) => this.pathOf(text, link),
      prepare: prompt => this.prepare(prompt),
      applyEdit: (label, edit) => {
        if (!this.abilities.appliesEdits) {
          throw new HostError(
            'badArgument',
            'This editor takes no edits from the server, so alt text cannot be written.',
          );
        }
        return connection.workspace.applyEdit({ label, edit });
      },
    });
    this.commands = Object.fromEntries(
      altTextCommands.map(name =>
        [name, (argument, _token, report) => this.execute(name, argument, report)] satisfies [string, CommandHandler]
      ),
    );
    this.known.onDidChange(() => this.refresher.request('inlayHints'));
  }

  private get settings() {
    return this.options.configuration.settings;
  }

  initialize(params: InitializeParams): void {
    this.abilities = readAbilities(params);
    this.hasCommandLinks =
      (params.initializationOptions as { readonly commandLinks?: unknown } | null | undefined)?.commandLinks === true;
    this.previewsEdits = params.capabilities.workspace?.workspaceEdit?.changeAnnotationSupport !== undefined;
    this.folders = params.workspaceFolders ?? (params.rootUri === null ? [] : [{ uri: params.rootUri, name: '' }]);
  }

  foldersChanged(folders: readonly WorkspaceFolder[]): void {
    this.folders = folders;
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

  /** Call when a run is done: what is shown may know more now. */
  runDone({ fromStore }: Pick<RunResult, 'fromStore'>): void {
    this.known.invalidate();
    if (!fromStore) this.refresher.request('inlayHints');
  }

  /** Null where there is no picture, or it is not on this machine, or the client asks for another place already. */
  async hover(params: HoverParams, token: CancellationToken): Promise<Hover | null> {
    try {
      return await this.hoverAt(params, token);
    } catch (error) {
      if (error instanceof CancelledError) return null;
      throw error;
    }
  }

  private async hoverAt({ textDocument, position }: HoverParams, token: CancellationToken): Promise<Hover | null> {
    const text = this.texts.opened(textDocument.uri);
    if (text === undefined) return null;
    const offset = text.offsetAt(position);
    const link = linkAt(text.links, offset) ?? namedAt(text, offset);
    const imagePath = link === undefined ? undefined : await this.pathOf(text, link);
    if (link === undefined || imagePath === undefined) return null;
    const markdown = await this.hoverText(imagePath, token);
    return {
      contents: markup(markdown, this.abilities.features.markdown),
      range: { start: text.positionAt(link.range.start), end: text.positionAt(link.range.end) },
    };
  }

  async pictureHelp(imageUri: string, token: CancellationToken): Promise<string | undefined> {
    const imagePath = pathOfUri(imageUri);
    return imagePath === undefined ? undefined : this.hoverText(imagePath, token);
  }

  /** For every document but prompt files. @throws HostError where the request is not well formed. */
  async imagesAt(params: unknown, token: CancellationToken): Promise<ImagesAtResult> {
    const { documentUri, line, character, target } = readImagesAt(params);
    const text = this.texts.opened(documentUri);
    const offset = text?.offsetAt({ line, character });
    const link = text !== undefined && offset !== undefined
      ? linkAt(text.links, offset) ?? namedAt(text, offset)
      : target === undefined
      ? undefined
      : { target, kind: 'string' as const };
    const imagePath = link === undefined ? undefined : await this.pictures.pathOf(link, this.place(documentUri));
    throwIfCancelled(token);
    return { imageUris: imagePath === undefined ? [] : [pathToFileURL(imagePath).href] };
  }

  /** For documents that are not sent. @throws CancelledError */
  async imageHover(params: unknown, token: CancellationToken): Promise<ImageHover | null> {
    const { documentUri, target } = (params ?? {}) as { readonly documentUri?: unknown; readonly target?: unknown };
    if (typeof documentUri !== 'string' || typeof target !== 'string') {
      throw new HostError(
        'badArgument',
        'The request for a picture is not well formed: it needs documentUri and target, two strings.',
      );
    }
    const imagePath = await this.pictures.pathOf({ target, kind: 'string' }, this.place(documentUri));
    return imagePath === undefined ? null : { markdown: await this.hoverText(imagePath, token) };
  }

  /** @throws HostError where it cannot be read; CancelledError. */
  async picturePreview(params: unknown, token: CancellationToken): Promise<PicturePreviewResult> {
    const { imageUri } = (params ?? {}) as { readonly imageUri?: unknown };
    const imagePath = typeof imageUri === 'string' ? pathOfUri(imageUri) : undefined;
    if (imagePath === undefined) {
      throw new HostError(
        'badArgument',
        'The request for a preview is not well formed: it needs imageUri, a file: URI.',
      );
    }
    const { path, widthPx, heightPx } = await this.pictures.large(imagePath, token);
    return { path, widthPx, heightPx };
  }

  /**
   * The caption that is known of a picture; null where there is none. @throws CancelledError, HostError where the
   * request is not well formed.
   */
  async imageCaption(params: unknown, token: CancellationToken): Promise<string | null> {
    const { imageUri } = (params ?? {}) as { readonly imageUri?: unknown };
    if (typeof imageUri !== 'string') {
      throw new HostError(
        'badArgument',
        'The request for a caption is not well formed: it needs imageUri, a file: URI.',
      );
    }
    const imagePath = pathOfUri(imageUri);
    if (imagePath === undefined) return null;
    try {
      const { known } = await this.pictures.look(imagePath, token);
      return captionAmong(known, this.settings.language)?.text.trim() ?? null;
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      return null;
    }
  }

  async codeActions(
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

  async inlayHints({ textDocument, range }: InlayHintParams, token: CancellationToken): Promise<InlayHint[]> {
    const text = this.texts.opened(textDocument.uri);
    if (text === undefined || !this.settings.inlineCaptions || !captionLanguages.has(text.languageId)) return [];
    const start = text.offsetAt(range.start);
    const end = text.offsetAt(range.end);
    const shown = text.links.filter(link =>
      link.altSlot !== undefined && start <= link.range.end && link.range.start <= end
    ).slice(0, MOST_HINTS);
    const captioned: CaptionedLink[] = [];
    for (const { link, imagePath } of await this.found(text, shown)) {
      if (token.isCancellationRequested) return [];
      const picture = await this.pictures.look(imagePath, token).catch(() => undefined);
      if (picture !== undefined) captioned.push({ link, known: picture.known });
    }
    return captionHints(captioned, this.settings.language, offset => text.positionAt(offset));
  }

  private async execute(
    command: string,
    argument: unknown,
    report: () => Promise<ReportedWork>,
  ): Promise<WriteReport | null> {
    const { reporter, token } = await report();
    let own: RunProgressReporter | undefined;
    const progress: WriteProgress = {
      begin: (imagePaths, prompt) => {
        own = new RunProgressReporter(reporter, imagePaths, () => defaultMaxNewTokens(prompt), systemTimers);
        own.begin();
      },
      report: (index, value, done) => own?.report(index, value, done),
      end: () => {
        own?.done();
        own = undefined;
      },
    };
    try {
      const written = await this.write(command, argument, progress, token);
      if (written.message !== '') {
        await this.tell(written.isProblem ? MessageType.Warning : MessageType.Info, written.message);
      }
      return written;
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      await this.tell(MessageType.Error, this.logged(error).message);
      return null;
    } finally {
      progress.end();
    }
  }

  private async prepare(prompt: string): Promise<PromptRuns> {
    const { services: { runner }, configuration } = this.options;
    await configuration.ready;
    const model = await runner.prepare({});
    return {
      lane: runner.laneOf(model),
      note: unfitNote(prompt, model),
      run: (imagePath, isBatch, onProgress, token) =>
        runner.run(
          { model, imagePath, prompt, useStore: true, priority: isBatch ? 'batch' : 'command' },
          onProgress,
          token,
        ),
    };
  }

  private logged(error: unknown): HostError {
    const failure = toHostError(error);
    if (failure.kind === 'internal') {
      this.options.log('error', 'lsp.request', error instanceof Error ? error.stack ?? error.message : String(error));
    }
    return failure;
  }

  private async write(
    command: string,
    argument: unknown,
    progress: WriteProgress,
    token: CancellationToken,
  ): Promise<WriteReport> {
    throwIfCancelled(token);
    switch (command) {
      case WRITE_ALT_TEXT:
        return this.writer.writeOne(readWriteArguments(argument), progress, token);
      case WRITE_MISSING_ALT_TEXT:
        return this.writer.writeMissing([readUri(argument)], progress, token);
      default: {
        if (this.folders.length === 0) {
          throw new HostError(
            'badArgument',
            'No folder is open. Open the folder of the documents, or write the alt text of one file.',
          );
        }
        return this.writer.writeMissing(
          await this.texts.inFolders(this.folders.flatMap(({ uri }) => pathOfUri(uri) ?? []), token),
          progress,
          token,
        );
      }
    }
  }

  private async hoverText(imagePath: string, token: CancellationToken): Promise<string> {
    const picture = await this.pictures.preview(imagePath, token);
    throwIfCancelled(token);
    return pictureHover(picture, {
      commandLinks: this.hasCommandLinks,
      language: this.settings.language,
      showsPictures: this.abilities.thumbnailSuffix !== undefined,
    });
  }

  private async found(text: LinkedText, links: readonly ImageLink[]): Promise<FoundLink[]> {
    const paths = await Promise.all(links.map(link => this.pathOf(text, link)));
    return links.flatMap((link, index) => {
      const imagePath = paths[index];
      return imagePath === undefined ? [] : [{ link, imagePath }];
    });
  }

  private pathOf(text: LinkedText, link: ImageLink): Promise<string | undefined> {
    return this.pictures.pathOf(link, this.place(text.uri));
  }

  private place(documentUri: string): TargetPlace {
    return { documentUri, workspaceFolderUris: this.folders.map(({ uri }) => uri) };
  }

  /** A notification: a request would wait until the message is closed. */
  private async tell(type: MessageType, message: string): Promise<void> {
    await this.options.connection.sendNotification(ShowMessageNotification.type, { type, message });
  }
}

/** A path in a string of a document, where no link is. */
function namedAt(text: LinkedText, offset: number): ImageLink | undefined {
  const start = text.text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.text.indexOf('\n', offset);
  const named = imageNamedAt(text.text.slice(start, newline < 0 ? undefined : newline), offset - start);
  if (named === undefined) return undefined;
  const range = { start: start + named.start, end: start + named.end };
  return { kind: 'string', range, target: named.target, targetRange: range, alt: undefined, altSlot: undefined };
}

function readUri(value: unknown): string {
  const { uri } = (value ?? {}) as { readonly uri?: unknown };
  if (typeof uri !== 'string') {
    throw new HostError('badArgument', 'The command to write alt text needs the URI of a document.');
  }
  return uri;
}

function readWriteArguments(value: unknown): WriteAltTextArguments {
  const uri = readUri(value);
  const { offset, written, style } = value as { readonly [K in keyof WriteAltTextArguments]?: unknown };
  const known = altTextStyles.find(each => each === style);
  if (typeof offset !== 'number' || typeof written !== 'string' || known === undefined) {
    throw new HostError(
      'badArgument',
      `The command to write alt text needs uri, offset, written, and style, one of ${altTextStyles.join(', ')}.`,
    );
  }
  return { uri, offset, written, style: known };
}
