/**
 * The prompt language in the server: its parts, and what follows from a change of a text, the disk, a run or a setting.
 */
import type { RunResult } from '../../../../paligemma/src/runResult';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  Connection,
  DidChangeWorkspaceFoldersParams,
  InitializeParams,
  WorkspaceFolder,
} from 'vscode-languageserver/node';
import { noAbilities, readAbilities, type ClientAbilities } from '../clientAbilities';
import type { Configuration } from '../configuration';
import type { ImagesAtResult } from '../../contract/imageLinks';
import { DiagnosticsFeed } from './diagnosticsFeed';
import { Documents } from './documents';
import { registerFeatures } from './features';
import { editsForRenames } from './fileRenames';
import { readImagesAt } from '../requests/requestParams';
import type { PromptDocument } from '../../language/syntax/document';
import { imageItemAt } from '../../language/features/hoverImages';
import { ServerContext } from './languageContext';
import type { OtherLanguages } from '../documentKinds';
import { KnownModels } from './knownModels';
import { imageTexts, Preparation } from './preparation';
import { promptCommands, type CommandHandler } from './promptCommands';
import { ImageHashes } from '../../runs/imageHashes';
import { Previews } from './previews';
import { PromptRunner } from './promptRunner';
import { ResultFinder } from './resultFinder';
import { RunStates } from './runStates';
import { Refresher } from '../refresher';
import { PromptModels } from '../../runs/promptModels';
import type { RunServices } from '../../runs/runServices';
import { TokenDeltas } from './tokenDeltas';
import type { Log } from '../../util/log';
import { systemTimers } from '../../util/timers';
import { pathOfUri } from '../../workspace/filePaths';
import { poll, watchFiles } from '../../workspace/fileWatch';
import { KnownImageFacts } from '../../workspace/imageFacts';
import { ImageMatches } from '../../workspace/imageMatches';
import { PromptFileLabels } from '../../workspace/promptFileLabels';
import { WorkspaceFiles } from '../../workspace/workspaceFiles';
import { workspaceEdit } from '../workspaceEdits';

export interface PromptLanguageOptions {
  readonly connection: Connection;
  readonly services: RunServices;
  readonly configuration: Configuration;
  readonly cachePath: string;
  /** Absolute path of the page that documents the diagnostics. */
  readonly documentationPath: string;
  readonly log: Log;
  readonly other?: OtherLanguages | undefined;
}

/** Models are looked at again after this time: somebody may have installed one. */
const MODELS_MS = 15_000;
/** What changed on disk is looked for again soon after the client told of it, once for many files. */
const WATCH_DELAY_MS = 50;
/** Labels and known results are looked for when typing rests. */
const REST_MS = 200;
const INDEX_AGE_MS = { watched: 120_000, unwatched: 10_000 } as const;
const MATCH_AGE_MS = { watched: 10_000, unwatched: 700 } as const;

export class PromptLanguage {
  readonly documents = new Documents();
  readonly commands: Readonly<Record<string, CommandHandler>>;
  private abilities: ClientAbilities = noAbilities;
  private workspaceFolders: readonly WorkspaceFolder[] = [];
  private isWatching = false;
  private modelsAt = 0;
  private readonly timers = systemTimers;
  private readonly states = new RunStates();
  private readonly hashes = new ImageHashes();
  private readonly labels = new PromptFileLabels();
  private readonly preparedModels = new Map<string, PromptModels>();
  private readonly armed = new Set<string>();
  private readonly files: WorkspaceFiles;
  private readonly matches: ImageMatches;
  private readonly models: KnownModels;
  private readonly refresher: Refresher;
  private readonly diagnostics: DiagnosticsFeed;
  private readonly tokens: TokenDeltas;
  private readonly runner: PromptRunner;
  private readonly finder: ResultFinder;

  constructor(private readonly options: PromptLanguageOptions) {
    const {
      connection,
      services: { runner, catalog, pictureHost },
      configuration,
      cachePath,
      documentationPath,
      log,
      other,
    } = options;
    const { states, hashes, labels, documents, timers } = this;
    const now = () => timers.now();
    const abilities = () => this.abilities;
    const modelsOf = (uri: string) => this.modelsOf(uri);
    const suffix = () => this.abilities.thumbnailSuffix;
    this.files = new WorkspaceFiles({
      log,
      now,
      onDidChange: () => this.indexChanged(),
      excludedGlobs: () => this.excludedGlobs(),
    });
    this.matches = new ImageMatches({ now, onDidChange: () => this.onceSoon('images', 5, () => this.imagesChanged()) });
    this.models = new KnownModels(catalog, () => configuration.settings.model, () => this.modelsChanged());
    const facts = new KnownImageFacts(suffix, now);
    const previews = new Previews({
      folderPath: path.join(cachePath, 'previews'),
      host: pictureHost,
      runner,
      states,
      log,
      suffix,
    });
    const context = new ServerContext({
      abilities,
      models: this.models,
      labels,
      files: this.files,
      matches: this.matches,
      facts,
      states,
      previews: () => previews,
      language: () => configuration.settings.language,
    }, pathToFileURL(documentationPath).href);
    this.refresher = new Refresher(connection, abilities, timers);
    this.diagnostics = new DiagnosticsFeed({
      connection,
      documents,
      context,
      abilities,
      refresher: this.refresher,
      timers,
    });
    this.tokens = new TokenDeltas(context, abilities);
    this.runner = new PromptRunner({
      runner,
      states,
      hashes,
      context,
      modelsOf,
      log,
      onDidChange: kind => this.runsChanged(kind),
    });
    this.finder = new ResultFinder({
      runner,
      states,
      hashes,
      context,
      modelsOf,
      current: uri => documents.parsed(uri),
      onFound: () => this.runsChanged('state'),
    });
    this.commands = promptCommands({
      connection,
      documents,
      context,
      abilities,
      matches: this.matches,
      runner: this.runner,
      settings: () => configuration.settings,
    });
    const preparation = new Preparation({
      context,
      matches: this.matches,
      facts,
      files: this.files,
      previews,
      modelsOf,
      timers,
      indexAgeMs: () => INDEX_AGE_MS[this.isWatching ? 'watched' : 'unwatched'],
    });
    registerFeatures({
      connection,
      documents,
      context,
      abilities,
      diagnostics: this.diagnostics,
      tokens: this.tokens,
      preparation,
      other,
    });
  }

  /** @returns what the client can do. */
  initialize(params: InitializeParams): ClientAbilities {
    this.abilities = readAbilities(params);
    this.workspaceFolders = params.workspaceFolders
      ?? (params.rootUri === null ? [] : [{ uri: params.rootUri, name: '' }]);
    return this.abilities;
  }

  /** Call before the connection listens. */
  listen(): void {
    const { connection, other } = this.options;
    this.documents.listen(
      connection,
      () => this.abilities.encoding,
      (uri, document) => this.documentChanged(uri, document),
      other,
    );
    connection.onDidChangeWatchedFiles(() => this.diskChanged());
    connection.workspace.onWillRenameFiles(async ({ files }) => {
      const edits = await editsForRenames(files, this.documents, this.files);
      return edits.length === 0 ? null : workspaceEdit(edits, this.abilities);
    });
    connection.workspace.onDidRenameFiles(() => this.diskChanged());
    connection.onNotification(
      'workspace/didChangeWorkspaceFolders',
      ({ event: { added, removed } }: DidChangeWorkspaceFoldersParams) => {
        const gone = new Set(removed.map(({ uri }) => uri));
        this.workspaceFolders = [...this.workspaceFolders.filter(({ uri }) => !gone.has(uri)), ...added];
        other?.foldersChanged(this.workspaceFolders);
        this.useFolders();
      },
    );
  }

  /** Call after `initialized`, when the settings are being read. */
  async start(): Promise<void> {
    const { connection, configuration, log } = this.options;
    configuration.onDidChange(() => this.settingsChanged());
    this.useFolders();
    await configuration.ready;
    await this.models.refresh();
    if (this.abilities.watchesFiles) this.isWatching = await watchFiles(connection, log);
    poll(() => this.lookAtDisk(), () => this.documents.size > 0, this.timers);
  }

  /** Call when any run is done: one of the image view may be that of a prompt here. */
  runDone({ image, fromStore }: Pick<RunResult, 'image' | 'fromStore'>): void {
    if (fromStore || this.runner.isBusy || this.documents.size === 0) return;
    this.states.forgetNothing(pathToFileURL(image.path).href);
    this.onceSoon('results', REST_MS, () => this.lookEverywhere());
  }

  /**
   * Pictures of the path or glob of `@image` at a place; undefined for a document that is no prompt file. @throws
   * HostError where the request is not well formed.
   */
  async imagesAt(params: unknown): Promise<ImagesAtResult | undefined> {
    const { documentUri, line, character } = readImagesAt(params);
    const document = this.documents.parsed(documentUri);
    if (document === undefined) return undefined;
    const item = imageItemAt(document, { line, character });
    if (item === undefined) return { imageUris: [] };
    await this.matches.settle(documentUri, [item.text]);
    return { imageUris: this.matches.get(documentUri, item.text)?.uris ?? [] };
  }

  private documentChanged(uri: string, document: PromptDocument | undefined): void {
    if (document === undefined) {
      this.diagnostics.closed(uri);
      this.tokens.forget(uri);
      this.runner.forgetClosed(uri);
      this.preparedModels.delete(uri);
      this.indexChanged();
      return;
    }
    if (this.runner.forgetEdited(document)) this.refresher.request('codeLenses');
    this.diagnostics.textChanged(uri);
    this.onceSoon(`rest ${uri}`, REST_MS, () => {
      void this.lookForResults(uri);
      this.labels.readOpen(this.documents.all());
    });
  }

  private async lookForResults(uri: string): Promise<void> {
    const document = this.documents.parsed(uri);
    if (document === undefined) return;
    await this.matches.settle(uri, imageTexts(document));
    await this.options.configuration.ready;
    await this.finder.look(uri);
  }

  private lookEverywhere(): void {
    this.finder.reset();
    for (const { uri } of this.documents.all()) void this.lookForResults(uri);
  }

  /** Paths or globs of a document stand for other pictures than before. */
  private imagesChanged(): void {
    this.diagnostics.surroundingsChanged();
    for (const kind of ['codeLenses', 'semanticTokens', 'inlayHints'] as const) this.refresher.request(kind);
    this.lookEverywhere();
  }

  private modelsChanged(): void {
    this.preparedModels.clear();
    this.states.forgetAll();
    this.imagesChanged();
  }

  private settingsChanged(): void {
    this.preparedModels.clear();
    this.states.forgetAll();
    this.imagesChanged();
    void this.models.refresh();
  }

  private indexChanged(): void {
    const open = [...this.documents.all()].map(({ uri }) => uri);
    void this.labels.readClosed(this.files.promptFiles, open);
  }

  private runsChanged(kind: 'text' | 'state'): void {
    this.refresher.request('inlayHints');
    if (kind === 'text') return;
    this.refresher.request('codeLenses');
    this.diagnostics.surroundingsChanged();
  }

  private diskChanged(): void {
    this.onceSoon('disk', WATCH_DELAY_MS, () => {
      void this.files.rescan();
      void this.matches.refresh(0, 'changed');
      void this.lookAtResults();
    });
  }

  private async lookAtDisk(): Promise<void> {
    await this.matches.refresh(MATCH_AGE_MS[this.isWatching ? 'watched' : 'unwatched']);
    await this.lookAtResults();
    if (this.timers.now() - this.modelsAt < MODELS_MS) return;
    this.modelsAt = this.timers.now();
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

  private modelsOf(uri: string): PromptModels {
    let models = this.preparedModels.get(uri);
    if (models === undefined) {
      this.preparedModels.set(uri, models = new PromptModels(this.options.services.runner, uri));
      // A model that is replaced, or added, is seen after a while.
      this.timers.after(MODELS_MS, () => {
        if (this.preparedModels.get(uri) === models) this.preparedModels.delete(uri);
      });
    }
    return models;
  }

  private useFolders(): void {
    this.files.setFolders(this.workspaceFolders.map(({ uri }) => pathOfUri(uri)).filter(place => place !== undefined));
  }

  private async excludedGlobs(): Promise<readonly string[]> {
    if (!this.abilities.pullsConfiguration) return [];
    try {
      const value: unknown = await this.options.connection.workspace.getConfiguration('files.exclude');
      return typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([glob, isOn]) => (isOn === true ? [glob] : []))
        : [];
    } catch {
      return [];
    }
  }

  /** Calls back once for everything that happens within `ms`. */
  private onceSoon(name: string, ms: number, work: () => void): void {
    if (this.armed.has(name)) return;
    this.armed.add(name);
    this.timers.after(ms, () => {
      this.armed.delete(name);
      work();
    });
  }
}
