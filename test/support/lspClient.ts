/** A language client of our own: starts the built server as a child and speaks to it over standard input and output. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import {
  createMessageConnection,
  ProgressType,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import {
  run,
  runUpdate,
  statusChanged,
  type RunParams,
  type RunResponse,
  type RunUpdate,
  type ServerStatus,
} from '../../server/src/contract/protocol';

/** Where the bundles under test lie; `PALIGEMMA_TEST_DIST` names another folder. */
export const distPath = path.resolve(process.env['PALIGEMMA_TEST_DIST'] ?? 'dist');

export interface LspClientOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Beside the settings, in `initializationOptions`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Answers `workspace/configuration` instead of sending the settings with `initialize`. */
  readonly pulls?: boolean;
  /** Language of the client; default: it names none. */
  readonly locale?: string;
  /** Default: the server's bundle. */
  readonly command?: readonly string[];
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** Folders as URIs; default: none. */
  readonly workspaceFolders?: readonly string[];
  /** Called before the connection listens: for handlers that must not miss the first message. */
  readonly prepare?: (connection: MessageConnection) => void;
}

export class LspClient {
  readonly statuses: ServerStatus[] = [];
  readonly log: string[] = [];
  readonly messages: { readonly type: number; readonly message: string }[] = [];
  /** Tokens that the server asked to report under. */
  readonly workDoneTokens: string[] = [];
  readonly workDone: Readonly<Record<string, unknown>>[] = [];
  private readonly statusWaiters: {
    readonly fits: (status: ServerStatus) => boolean;
    readonly resolve: (status: ServerStatus) => void;
  }[] = [];
  readonly connection: MessageConnection;
  /** What the server answered to `initialize`. */
  initializeResult: { readonly capabilities: Readonly<Record<string, unknown>> } = { capabilities: {} };
  private counter = 0;

  private constructor(readonly child: ChildProcessByStdio<Writable, Readable, null>) {
    this.connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    this.connection.onNotification(statusChanged, status => {
      this.statuses.push(status);
      for (const waiter of [...this.statusWaiters]) if (waiter.fits(status)) waiter.resolve(status);
    });
    this.connection.onNotification(
      'window/logMessage',
      ({ message }: { readonly message: string }) => void this.log.push(message),
    );
    this.connection.onNotification(
      'window/showMessage',
      (message: { readonly type: number; readonly message: string }) => void this.messages.push(message),
    );
    this.connection.onRequest('window/workDoneProgress/create', ({ token }: { readonly token: string }) => {
      this.workDoneTokens.push(token);
      this.watchWorkDone(token);
      return null;
    });
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.onError(() => undefined);
  }

  static async start(
    {
      env,
      settings = {},
      options = {},
      pulls = false,
      command,
      locale,
      capabilities = {},
      workspaceFolders = [],
      prepare,
    }: LspClientOptions,
  ): Promise<LspClient> {
    const [file, ...args] = command ?? [process.execPath, path.join(distPath, 'server.js'), '--stdio'];
    if (file === undefined) throw new Error('no command');
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    const client = new LspClient(child);
    client.connection.onRequest('workspace/configuration', () => [settings]);
    prepare?.(client.connection);
    client.connection.listen();
    client.initializeResult = await client.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      ...(locale === undefined ? {} : { locale }),
      workspaceFolders: workspaceFolders.map(uri => ({ uri, name: uri })),
      capabilities: {
        ...capabilities,
        ...(pulls ? { workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } } } : {}),
      },
      ...(pulls ? {} : { initializationOptions: { settings, ...options } }),
    });
    await client.connection.sendNotification('initialized', {});
    return client;
  }

  run(
    params: Omit<RunParams, 'partialResultToken'>,
    options: { readonly onUpdate?: (update: RunUpdate) => void; readonly token?: CancellationToken } = {},
  ): Promise<RunResponse> {
    const partialResultToken = `run-${++this.counter}`;
    this.connection.onProgress(runUpdate, partialResultToken, options.onUpdate ?? (() => undefined));
    return this.connection.sendRequest(run, { ...params, partialResultToken }, options.token);
  }

  /** Collects the work-done progress of `token` in {@link workDone}. */
  watchWorkDone(token: string): void {
    this.connection.onProgress(
      new ProgressType<Readonly<Record<string, unknown>>>(),
      token,
      value => void this.workDone.push(value),
    );
  }

  /** The next status that fits, or the last one if it does. */
  status(fits: (status: ServerStatus) => boolean): Promise<ServerStatus> {
    const last = this.statuses.at(-1);
    if (last !== undefined && fits(last)) return Promise.resolve(last);
    return new Promise(resolve => this.statusWaiters.push({ fits, resolve }));
  }

  /** Leaves as LSP asks for it. @returns The server's exit code. */
  async stop(): Promise<number | null> {
    const exited = once(this.child, 'exit') as Promise<[number | null]>;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const [code] = await exited;
    this.connection.dispose();
    return code;
  }
}
