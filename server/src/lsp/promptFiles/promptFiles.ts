/**
 * The kind of document that holds prompts: its parts, and what follows from a change of a text, the disk, a run or a
 * setting.
 */
import { pathToFileURL } from 'node:url';
import type {
  CancellationToken,
  CompletionItem,
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
  FileRename,
} from 'vscode-languageserver/node';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { ImagesAtParams, ImagesAtResult } from '../../contract/imageLinks';
import { codeActionKinds } from '../../language/features/codeActions';
import { completionTriggerCharacters } from '../../language/features/completion';
import { imageItemAt } from '../../language/features/hoverImages';
import type { ImageFile, RunKey } from '../../language/knowledge/context';
import { imageTexts } from '../../language/knowledge/promptRuns';
import type { PromptDocument } from '../../language/syntax/document';
import type { RunServices } from '../../runs/runServices';
import { WatchedPictures } from '../../runs/watchedPictures';
import { poll, watchFiles } from '../../workspace/fileWatch';
import { KnownImageFacts } from '../../workspace/imageFacts';
import { ImageMatches } from '../../workspace/imageMatches';
import { PromptFileLabels } from '../../workspace/promptFileLabels';
import { WorkspaceFiles } from '../../workspace/workspaceFiles';
import type { Client } from '../connection/client';
import type { Commands } from '../connection/commands';
import type { DocumentKind } from '../connection/documentKind';
import type { DocumentEdits } from '../connection/workspaceEdits';
import type { PictureHelp } from '../pictures/pictureHelp';
import { DiagnosticsFeed } from './diagnosticsFeed';
import { Documents, isPromptFile } from './documents';
import { editsForRenames } from './fileRenames';
import { KnownModels } from './knownModels';
import { ServerContext } from './languageContext';
import { Preparation } from './preparation';
import { PreparedModels } from './preparedModels';
import { Previews } from './previews';
import { promptCommands } from './promptCommands';
import { PromptFeatures } from './promptFeatures';
import { imageUriOf } from '../../runs/imagePath';
import { PromptRunner } from './promptRunner';
import { ResultFinder } from './resultFinder';
import { RunStates } from './runStates';
import { Soon } from './soon';
import { storedKeyOf } from './storedKey';
import { TokenDeltas } from './tokenDeltas';

export interface PromptFilesOptions {
  readonly client: Client;
  readonly services: Pick<RunServices, 'runner' | 'catalog' | 'pictureHashes'>;
  readonly pictures: PictureHelp;
  /** Absolute path of the page that documents the diagnostics. */
  readonly documentationPath: string;
}

/** Models are looked at again after this time: somebody may have installed one. */
const MODELS_MS = 15_000;
/** What changed on disk is looked for again soon after the client told of it, once for many files. */
const WATCH_DELAY_MS = 50;
/** What changes together on disk is told together. */
const IMAGES_DELAY_MS = 5;
/** Labels and known results are looked for when typing rests. */
const REST_MS = 200;
const INDEX_AGE_MS = { watched: 120_000, unwatched: 10_000 } as const;
const MATCH_AGE_MS = { watched: 10_000, unwatched: 700 } as const;

export class PromptFiles implements DocumentKind {
  readonly codeActionKinds = codeActionKinds;
  readonly completionTriggers = completionTriggerCharacters;
  readonly features: PromptFeatures;
  readonly commands: Commands;
  private isWatching = false;
  private modelsAt = 0;
  private readonly documents: Documents;
  private readonly soon: Soon;
  private readonly states = new RunStates();
  private readonly hashes: WatchedPictures;
  private readonly labels = new PromptFileLabels();
  private readonly prepared: PreparedModels;
  private readonly files: WorkspaceFiles;
  private readonly matches: ImageMatches;
  private readonly models: KnownModels;
  private readonly diagnostics: DiagnosticsFeed;
  private readonly tokens: TokenDeltas;
  private readonly runner: PromptRunner;
  private readonly finder: ResultFinder;
  private readonly preparation: Preparation;

  constructor(private readonly options: PromptFilesOptions) {
    const { client, services: { runner, catalog, pictureHashes }, pictures, documentationPath } = options;
    const { states, labels } = this;
    const hashes = this.hashes = new WatchedPictures(pictureHashes);
    const { log, timers } = client;
    const now = () => timers.now();
    const suffix = () => client.abilities.thumbnailSuffix;
    const documents = this.documents = new Documents(() => client.abilities.encoding);
    this.soon = new Soon(timers);
    this.prepared = new PreparedModels(runner, timers);
    const modelsOf = this.prepared.of;
    this.models = new KnownModels(catalog, () => client.settings.model, () => this.modelsChanged());
    const files = this.files = new WorkspaceFiles({
      log,
      now,
      onDidChange: () => this.indexChanged(),
      excludedGlobs: () => excludedGlobs(client),
    });
    const matches = this.matches = new ImageMatches({
      now,
      onDidChange: () => this.soon.once('images', IMAGES_DELAY_MS, () => this.imagesChanged()),
    });
    const facts = new KnownImageFacts(suffix, now);
    const previews = new Previews({ thumbnails: pictures.thumbnails, runner, states, log, suffix });
    const known = { client, models: this.models, labels, files, matches, facts, states, previews };
    const context = new ServerContext(known, pathToFileURL(documentationPath).href);
    this.diagnostics = new DiagnosticsFeed({ client, documents, context });
    this.tokens = new TokenDeltas(context, () => client.abilities);
    const runs = { runner, states, hashes, context, modelsOf };
    this.runner = new PromptRunner({ ...runs, log, onDidChange: kind => this.runsChanged(kind) });
    this.finder = new ResultFinder({
      ...runs,
      current: uri => documents.parsed(uri),
      onFound: () => this.runsChanged('state'),
    });
    const keyOf = async (documentUri: string, run: RunKey, { image: { path: imagePath, sha256 } }: RunResult) => {
      const model = await modelsOf(documentUri).get(run).catch(() => undefined);
      return model === undefined ? undefined : storedKeyOf(run, { model, imagePath, sha256 }, runner);
    };
    this.commands = promptCommands({ client, documents, context, matches, runner: this.runner, keyOf });
    const indexAgeMs = () => INDEX_AGE_MS[this.isWatching ? 'watched' : 'unwatched'];
    const preparation = this.preparation = new Preparation({
      context,
      matches,
      facts,
      files,
      previews,
      modelsOf,
      timers,
      indexAgeMs,
    });
    const { diagnostics, tokens } = this;
    this.features = new PromptFeatures({ client, documents, context, diagnostics, tokens, preparation, pictures });
  }

  /** Those of the workspace, for any document that names some. */
  async workspaceImages(): Promise<readonly ImageFile[]> {
    await this.preparation.ofPaths();
    return this.files.images;
  }

  accepts(languageId: string, uri: string): boolean {
    return isPromptFile(languageId, uri);
  }

  didOpen(params: DidOpenTextDocumentParams): void {
    this.textChanged(this.documents.didOpen(params));
  }

  didChange(params: DidChangeTextDocumentParams): void {
    const document = this.documents.didChange(params);
    if (document !== undefined) this.textChanged(document);
  }

  didClose(params: DidCloseTextDocumentParams): void {
    const { uri } = params.textDocument;
    this.documents.didClose(params);
    this.diagnostics.closed(uri);
    this.tokens.forget(uri);
    this.runner.forgetClosed(uri);
    this.prepared.forget(uri);
    this.indexChanged();
  }

  resolveCompletion(item: CompletionItem, token: CancellationToken): Promise<CompletionItem> {
    return this.features.resolveCompletion(item, token);
  }

  editsForRenames(renames: readonly FileRename[]): Promise<DocumentEdits[]> {
    return editsForRenames(renames, this.documents, this.files);
  }

  async start(): Promise<void> {
    const { client } = this.options;
    client.configuration.onDidChange(() => this.settingsChanged());
    client.folders.onDidChange(() => this.files.setFolders(client.folders.paths));
    this.files.setFolders(client.folders.paths);
    await client.configuration.ready;
    await this.models.refresh();
    if (client.abilities.watchesFiles) this.isWatching = await watchFiles(client.connection, client.log);
    poll(() => this.lookAtDisk(), () => this.documents.size > 0, client.timers);
  }

  /** A run of the image view may be that of a prompt here. */
  runDone({ image, fromStore }: Pick<RunResult, 'image' | 'fromStore'>): void {
    if (fromStore || this.runner.isBusy || this.documents.size === 0) return;
    this.states.forgetNothing(imageUriOf(image.path));
    this.soon.once('results', REST_MS, () => this.lookEverywhere());
  }

  filesChanged(): void {
    this.soon.once('disk', WATCH_DELAY_MS, () => {
      void this.files.rescan();
      void this.matches.refresh(0, 'changed');
      void this.lookAtResults();
    });
  }

  /** Those of the path or glob of `@image` at a place. */
  async imagesAt({ documentUri, line, character }: ImagesAtParams): Promise<ImagesAtResult> {
    const document = this.documents.parsed(documentUri);
    const item = document === undefined ? undefined : imageItemAt(document, { line, character });
    if (item === undefined) return { imageUris: [] };
    await this.matches.settle(documentUri, [item.text]);
    return { imageUris: this.matches.get(documentUri, item.text)?.uris ?? [] };
  }

  private textChanged(document: PromptDocument): void {
    const { uri } = document;
    if (this.runner.forgetEdited(document)) this.options.client.refresher.request('codeLenses');
    this.diagnostics.textChanged(uri);
    this.soon.once(`rest ${uri}`, REST_MS, () => {
      void this.lookForResults(uri);
      this.labels.readOpen(this.documents.all());
    });
  }

  private async lookForResults(uri: string): Promise<void> {
    const document = this.documents.parsed(uri);
    if (document === undefined) return;
    await this.matches.settle(uri, imageTexts(document));
    await this.options.client.configuration.ready;
    await this.finder.look(uri);
  }

  private lookEverywhere(): void {
    this.finder.reset();
    for (const { uri } of this.documents.all()) void this.lookForResults(uri);
  }

  /** Paths or globs of a document stand for other pictures than before. */
  private imagesChanged(): void {
    const { refresher } = this.options.client;
    this.diagnostics.surroundingsChanged();
    for (const kind of ['codeLenses', 'semanticTokens', 'inlayHints'] as const) refresher.request(kind);
    this.lookEverywhere();
  }

  private modelsChanged(): void {
    this.prepared.forgetAll();
    this.states.forgetAll();
    this.imagesChanged();
  }

  private settingsChanged(): void {
    this.modelsChanged();
    void this.models.refresh();
  }

  private indexChanged(): void {
    const open = [...this.documents.all()].map(({ uri }) => uri);
    void this.labels.readClosed(this.files.promptFiles, open);
  }

  private runsChanged(kind: 'text' | 'state'): void {
    const { refresher } = this.options.client;
    refresher.request('inlayHints');
    if (kind === 'text') return;
    refresher.request('codeLenses');
    this.diagnostics.surroundingsChanged();
  }

  private async lookAtDisk(): Promise<void> {
    await this.matches.refresh(MATCH_AGE_MS[this.isWatching ? 'watched' : 'unwatched']);
    await this.lookAtResults();
    const now = this.options.client.timers.now();
    if (now - this.modelsAt < MODELS_MS) return;
    this.modelsAt = now;
    await this.models.refresh();
  }

  /** Results of pictures that were written since are forgotten. */
  private async lookAtResults(): Promise<void> {
    const changed = await this.hashes.takeChanged();
    if (changed.length === 0) return;
    for (const place of changed) this.states.forgetImage(pathToFileURL(place).href);
    this.runsChanged('state');
    this.lookEverywhere();
  }
}

/** What the editor hides from its explorer. */
async function excludedGlobs({ abilities, connection }: Client): Promise<readonly string[]> {
  if (!abilities.pullsConfiguration) return [];
  try {
    const value: unknown = await connection.workspace.getConfiguration('files.exclude');
    return typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([glob, isOn]) => (isOn === true ? [glob] : []))
      : [];
  } catch {
    return [];
  }
}
