/** Starts the language server when it is first needed, and speaks its custom requests. */
import { randomUUID } from 'node:crypto';
import { commands, EventEmitter, l10n, Uri, workspace } from 'vscode';
import type { CancellationToken, Disposable, LogOutputChannel } from 'vscode';
import type { LanguageClient, LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import type * as ClientLibrary from 'vscode-languageclient/node';
import {
  imageLinkLanguages,
  imagesAt,
  RUN_ON_IMAGE,
  type ImagesAtParams,
} from '../../../server/src/contract/imageLinks';
import { SHOW_IMAGES, type PromptPictures } from '../../../server/src/contract/promptPictures';
import {
  knownAnswers,
  showAnswers,
  storedAnswer,
  type AskedPictures,
  type KnownAnswer,
} from '../../../server/src/contract/answers';
import { lineMasks, type LineMasksParams, type LineMasksResult } from '../../../server/src/contract/dataSets';
import { evaluate, type EvaluateParams, type EvaluateResult } from '../../../server/src/contract/evaluation';
import { pageCount } from '../../../server/src/contract/imageLinks';
import * as protocol from '../../../server/src/contract/protocol';
import {
  tune,
  tuneEvent,
  type TrainerEvent,
  type TuneParams,
  type TuneResult,
} from '../../../server/src/contract/tuning';
import { defaultSettings } from '../../../server/src/contract/settings';
import type { RunResult } from '../../../paligemma/src/runResult';
import { showFailure } from '../errors/showFailure';
import { isImagePath } from '../../../paligemma/src/pictureTypes';
import { messageTrace } from './messageTrace';
import { ServerRestarts } from './serverRestarts';
import { isTrustedOrAsk } from '../common/trust';
import { IMAGE_VIEW_TYPE } from '../common/imageViewType';

export const PROMPT_LANGUAGE_ID = 'paligemma';
/** Lines of JSON, which may be a data set: the server looks what they say. */
export const LINES_LANGUAGE_ID = 'jsonl';
/** Wherever the editor calls them otherwise. */
const LINES_PATTERN = '**/*.{jsonl,ndjson}';

export interface RunCount {
  readonly done: number;
  readonly total: number;
}

export interface ExecutedCommand {
  readonly command: string;
  readonly result: unknown;
}

/** Typed face of the language server. Every request starts the server where it does not run. */
export class ServerClient implements Disposable {
  private readonly statusEmitter = new EventEmitter<protocol.ServerStatus>();
  /** Fires on every change, and with the state `idle` when the server ends. */
  readonly onDidChangeStatus = this.statusEmitter.event;
  private readonly picturesEmitter = new EventEmitter<RunCount | undefined>();
  /** Fires with how far a run on several pictures has come, and with undefined at its end. */
  readonly onDidCountPictures = this.picturesEmitter.event;
  private readonly executedEmitter = new EventEmitter<ExecutedCommand>();
  /** Fires when a command of the server has ended without a failure, whoever called it. */
  readonly onDidExecute = this.executedEmitter.event;
  /** Asked before a command of the server runs; false: it does not. */
  mayExecute: (command: string, args: readonly unknown[]) => Promise<boolean> = () => Promise.resolve(true);
  private readonly shownEmitter = new EventEmitter<PromptPictures>();
  /** Fires where the person wants to see the several pictures of a prompt. */
  readonly onDidShowPictures = this.shownEmitter.event;
  private readonly answersEmitter = new EventEmitter<AskedPictures>();
  /** Fires when the person wants to see the pictures of a prompt with what it answered. */
  readonly onDidAskForAnswers = this.answersEmitter.event;
  private readonly trust: Disposable;
  private client: LanguageClient | undefined;
  private isStopped = false;

  /** @param apiKey The key that the person keeps for the inference server of an address. */
  constructor(
    private readonly extensionUri: Uri,
    private readonly log: LogOutputChannel,
    private readonly apiKey: (url: string) => Promise<string | undefined>,
  ) {
    this.trust = workspace.onDidGrantWorkspaceTrust(() => {
      // One that is starting was told otherwise.
      this.client?.start().then(() => this.client?.sendNotification(protocol.trustGranted))
        .catch((error: unknown) => log.warn(`client.process telling of trust: ${String(error)}`));
    });
  }

  /** Resolves once the server has answered its `initialize`. @throws what kept it from starting. */
  async start(): Promise<LanguageClient> {
    // Most of the extension's code is this library: loaded late, it does not slow the editor's start.
    const library = await import('vscode-languageclient/node');
    if (this.isStopped) throw new Error('The extension is being deactivated.');
    // A client whose start failed never starts again.
    if (this.client === undefined || this.client.state === library.State.StartFailed) {
      this.client = this.createClient(library);
    }
    const { client } = this;
    await client.start();
    return client;
  }

  /** Runs one prompt; `onUpdate` receives progress, text and outcomes of single pictures until the promise settles. */
  async run(
    params: Omit<protocol.RunParams, 'partialResultToken' | 'workDoneToken'>,
    onUpdate: (update: protocol.RunUpdate) => void,
    token: CancellationToken,
  ): Promise<protocol.RunResponse> {
    const client = await this.start();
    const partialResultToken = randomUUID();
    const pictures = this.counted(params.imageUris.length);
    const subscription = client.onProgress(protocol.runUpdate, partialResultToken, update => {
      if (update.outcome !== undefined) pictures.one();
      onUpdate(update);
    });
    try {
      return await client.sendRequest(protocol.run, { ...params, partialResultToken }, token);
    } finally {
      subscription.dispose();
      pictures.end();
    }
  }

  async listModels(token?: CancellationToken): Promise<readonly protocol.ModelInfo[]> {
    const client = await this.start();
    return client.sendRequest(protocol.listModels, token);
  }

  async listPublishedModels(token?: CancellationToken): Promise<readonly protocol.ModelInfo[]> {
    const client = await this.start();
    return client.sendRequest(protocol.listPublishedModels, token);
  }

  /** `onProgress`: percentage of the whole, and what is done, with rate and time left. */
  async downloadModel(
    params: Omit<protocol.DownloadModelParams, 'workDoneToken'>,
    onProgress: (percentage: number | undefined, message: string | undefined) => void,
    token: CancellationToken,
  ): Promise<protocol.DownloadModelResult> {
    return this.reported(
      onProgress,
      (client, workDoneToken) => client.sendRequest(protocol.downloadModel, { ...params, workDoneToken }, token),
    );
  }

  /** `onProgress`: percentage of the whole. */
  async verifyModel(
    id: string,
    onProgress: (percentage: number | undefined) => void,
    token: CancellationToken,
  ): Promise<protocol.VerifyModelResult> {
    return this.reported(
      onProgress,
      (client, workDoneToken) => client.sendRequest(protocol.verifyModel, { id, workDoneToken }, token),
    );
  }

  /** `onProgress`: percentage of the whole. */
  async evaluate(
    params: Omit<EvaluateParams, 'workDoneToken'>,
    onProgress: (percentage: number | undefined, message: string | undefined) => void,
    token: CancellationToken,
  ): Promise<EvaluateResult> {
    return this.reported(
      onProgress,
      (client, workDoneToken) => client.sendRequest(evaluate, { ...params, workDoneToken }, token),
    );
  }

  async removeModel(id: string): Promise<protocol.RemoveModelResult> {
    const client = await this.start();
    return client.sendRequest(protocol.removeModel, { id });
  }

  /** Cancelled, it ends after its step with a checkpoint; the same call goes on from there. */
  async tune(
    params: Omit<TuneParams, 'partialResultToken'>,
    onEvent: (event: TrainerEvent) => void,
    token: CancellationToken,
  ): Promise<TuneResult> {
    const client = await this.start();
    const partialResultToken = randomUUID();
    const subscription = client.onProgress(tuneEvent, partialResultToken, onEvent);
    try {
      return await client.sendRequest(tune, { ...params, partialResultToken }, token);
    } finally {
      subscription.dispose();
    }
  }

  async probeServer(params: protocol.ProbeServerParams, token: CancellationToken): Promise<protocol.ServerProbe> {
    const client = await this.start();
    return client.sendRequest(protocol.probeServer, params, token);
  }

  async addServer(params: protocol.AddServerParams, token: CancellationToken): Promise<protocol.AddServerResult> {
    const client = await this.start();
    return client.sendRequest(protocol.addServer, params, token);
  }

  /**
   * Pictures that a place in a text means; `target`: what is written there, for languages whose documents are not sent.
   */
  async imagesAt(params: ImagesAtParams): Promise<readonly Uri[]> {
    const client = await this.start();
    const { imageUris } = await client.sendRequest(imagesAt, params);
    return imageUris.map(uri => Uri.parse(uri));
  }

  /** Everything that was ever answered about a picture, newest first. */
  async knownAnswers(imageUri: string): Promise<readonly KnownAnswer[]> {
    const client = await this.start();
    return client.sendRequest(knownAnswers, { imageUri });
  }

  /** How many pages a document has; a picture has one. @param imageUri A `file:` URI. */
  async pageCount(imageUri: string): Promise<number> {
    const client = await this.start();
    return client.sendRequest(pageCount, { imageUri });
  }

  /** One of them as a whole; undefined where it is not kept any more. */
  async storedAnswer(key: string): Promise<RunResult | undefined> {
    const client = await this.start();
    return await client.sendRequest(storedAnswer, { key }) ?? undefined;
  }

  /** Starts no model. */
  async lineMasks(params: LineMasksParams, token: CancellationToken): Promise<LineMasksResult> {
    const client = await this.start();
    return client.sendRequest(lineMasks, params, token);
  }

  async problemFacts(): Promise<readonly protocol.ProblemFact[]> {
    const client = await this.start();
    return client.sendRequest(protocol.problemFacts);
  }

  /** Whether the server has been started, for what is no reason to start it. */
  get isRunning(): boolean {
    return this.client?.isRunning() === true;
  }

  /** Does nothing where the server does not run: then no model is loaded. */
  async unloadModel(): Promise<void> {
    if (this.client?.isRunning() !== true) return;
    await this.client.sendRequest(protocol.unloadModel);
  }

  /** Ends the server, and with it the model host. Resolves when the process has gone or was ended by force. */
  async stop(): Promise<void> {
    this.isStopped = true;
    const { client } = this;
    this.client = undefined;
    if (client?.needsStop() === true) await client.stop();
  }

  dispose(): void {
    this.trust.dispose();
    this.statusEmitter.dispose();
    this.executedEmitter.dispose();
    this.shownEmitter.dispose();
    this.picturesEmitter.dispose();
    this.answersEmitter.dispose();
    this.stop().catch((error: unknown) =>
      this.log.warn(`client.process stopping the language server: ${String(error)}`)
    );
  }

  private async execute(
    command: string,
    args: unknown[],
    next: (command: string, args: unknown[]) => unknown,
  ): Promise<unknown> {
    if (!await this.mayExecute(command, args)) return undefined;
    const result: unknown = await next(command, args);
    this.executedEmitter.fire({ command, result });
    if (command === SHOW_IMAGES) this.showPictures(result as PromptPictures | undefined);
    return result;
  }

  /** The pictures of a prompt, if there are several. */
  private showPictures(pictures: PromptPictures | undefined): void {
    if (pictures !== undefined && pictures.images.length > 1) this.shownEmitter.fire(pictures);
  }

  /** Tells of the runs on several pictures, the newest where there is more than one. */
  private counted(total: number): { one(): void; end(): void } {
    let done = 0;
    const tell = () => total > 1 && this.picturesEmitter.fire({ done, total });
    tell();
    return {
      one: () => {
        done++;
        tell();
      },
      end: () => total > 1 && this.picturesEmitter.fire(undefined),
    };
  }

  private tellOfGivingUp(): void {
    showFailure({
      kind: 'environment',
      message: l10n.t(
        'The language server of PaliGemma 2 keeps stopping and is not started again until the next command. The log says why it stopped.',
      ),
    }, this.log);
  }

  private async reported<T>(
    onProgress: (percentage: number | undefined, message: string | undefined) => void,
    request: (client: LanguageClient, workDoneToken: string) => Promise<T>,
  ): Promise<T> {
    const { WorkDoneProgress } = await import('vscode-languageclient/node');
    const client = await this.start();
    const workDoneToken = randomUUID();
    const subscription = client.onProgress(WorkDoneProgress.type, workDoneToken, progress => {
      if (progress.kind === 'report') onProgress(progress.percentage, progress.message);
    });
    try {
      return await request(client, workDoneToken);
    } finally {
      subscription.dispose();
    }
  }

  private createClient(library: typeof ClientLibrary): LanguageClient {
    const { LanguageClient, RevealOutputChannelOn, State, TransportKind } = library;
    const module = Uri.joinPath(this.extensionUri, 'dist', 'server.js').fsPath;
    const serverOptions: ServerOptions = {
      module,
      transport: TransportKind.ipc,
      options: { cwd: this.extensionUri.fsPath },
    };
    const clientOptions: LanguageClientOptions = {
      documentSelector: [
        ...[PROMPT_LANGUAGE_ID, ...imageLinkLanguages, LINES_LANGUAGE_ID].map(language => ({ language })),
        { pattern: LINES_PATTERN },
      ],
      outputChannel: this.log,
      traceOutputChannel: messageTrace(this.log),
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      errorHandler: new ServerRestarts({ library, onGiveUp: () => this.tellOfGivingUp() }),
      // Read anew at every start. Changes need nothing here: the server asks to be told of them, and asks for the
      // values.
      initializationOptions: () => ({
        settings: currentSettings(),
        commandLinks: true,
        resultsView: true,
        showsAnswers: true,
        workspaceTrust: workspace.isTrusted,
      }),
      markdown: { isTrusted: { enabledCommands: [RUN_ON_IMAGE] } },
      // Code lenses and the like come as commands of the server.
      middleware: {
        executeCommand: (command, args: unknown[], next): unknown =>
          isTrustedOrAsk() ? this.execute(command, args, next) : undefined,
        window: { showDocument: ({ uri }) => showPicture(Uri.parse(uri)) },
      },
    };
    const client = new LanguageClient('paligemma', 'PaliGemma 2', serverOptions, clientOptions);
    client.onNotification(protocol.statusChanged, status => this.statusEmitter.fire(status));
    client.onNotification(showAnswers, asked => this.answersEmitter.fire(asked));
    client.onRequest(protocol.apiKey, async ({ url }) => {
      const apiKey = workspace.isTrusted ? await this.apiKey(url) : undefined;
      return apiKey === undefined ? {} : { apiKey };
    });
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped || newState === State.StartFailed) this.statusEmitter.fire({ state: 'idle' });
    });
    return client;
  }
}

/** The server shows pictures only, which the library would open as text: they come up where they can be asked about. */
async function showPicture(uri: Uri): Promise<{ success: boolean }> {
  if (isImagePath(uri.path)) await commands.executeCommand('vscode.openWith', uri, IMAGE_VIEW_TYPE, { preview: true });
  else await commands.executeCommand('vscode.open', uri, { preview: true });
  return { success: true };
}

/** The settings as the editor has them; the server checks them itself. */
function currentSettings(): Record<string, unknown> {
  const configuration = workspace.getConfiguration('paligemma');
  return Object.fromEntries(Object.keys(defaultSettings).map(key => [key, configuration.get<unknown>(key)]));
}
