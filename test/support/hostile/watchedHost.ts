/** The built model host under attack: every request is timed, failures are read, and its death is never overlooked. */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  IPCMessageReader,
  IPCMessageWriter,
  createMessageConnection,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { failureTable, type FailureData } from '../../../paligemma/src/failures';
import { PROTOCOL_VERSION, initialize } from '../../../model-host/src/contract/protocol';
import type { Sandbox } from './sandbox';

/** How one request ended. */
export interface Ended {
  /** `done`, or the reason of the failure; what is not of the table of failures begins with `?`. */
  readonly outcome: string;
  readonly message: string;
  readonly answer?: unknown;
  readonly elapsedMs: number;
}

/**
 * The longest that one case may take; then the host is killed and the case failed. Everything takes longer on a busy
 * machine.
 */
export const CASE_LIMIT_MS = 30_000;

export class WatchedHost {
  /** What the host wrote on stderr; asked for when it died. */
  stderr = '';
  exit: string | undefined;

  private constructor(private readonly child: ChildProcess, readonly connection: MessageConnection) {}

  static async start({ cache, env }: Pick<Sandbox, 'cache' | 'env'>): Promise<WatchedHost> {
    const child = fork(path.resolve('dist/model-host.js'), [], {
      env: { ...withoutMachinery(process.env), ...env },
      serialization: 'json',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const host = new WatchedHost(child, connection);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      host.stderr = (host.stderr + text).slice(-4000);
    });
    child.once('exit', (code, signal) => {
      host.exit = signal ?? `code ${code ?? ''}`;
      connection.dispose();
    });
    connection.onError(() => undefined);
    connection.listen();
    await connection.sendRequest(initialize, { protocolVersion: PROTOCOL_VERSION, cachePath: cache });
    return host;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Sends anything as the parameter of a method. Never rejects. */
  async request(method: string, params: unknown): Promise<Ended> {
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      limit = setTimeout(() => {
        this.child.kill('SIGKILL');
        reject(new Error(`no answer within ${CASE_LIMIT_MS} ms`));
      }, CASE_LIMIT_MS);
    });
    try {
      const answer = await Promise.race([this.connection.sendRequest<unknown>(method, params), late]);
      return { outcome: 'done', message: '', answer, elapsedMs: elapsed() };
    } catch (error) {
      const { data, message } = error as { readonly data?: FailureData; readonly message: string };
      const isOfTable = data !== undefined && Object.hasOwn(failureTable, data.reason);
      return {
        outcome: isOfTable
          ? data.reason
          : `?${this.exit === undefined ? '' : `host ended by ${this.exit}, `}${message}`,
        message,
        elapsedMs: elapsed(),
      };
    } finally {
      clearTimeout(limit);
    }
  }

  /** Largest resident memory so far, MiB; undefined where the system does not tell. */
  get peakMiB(): number | undefined {
    try {
      return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1]) / 1024;
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    if (this.exit !== undefined) return;
    const exited = new Promise(resolve => this.child.once('exit', resolve));
    this.child.disconnect();
    await exited;
  }
}

/** What runtimes take for a test machine, and then keep from what they do on a person's. */
export function withoutMachinery(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      !/^(?:CI|TF_BUILD|BUILD_|GITHUB_|GITLAB_|JENKINS_|TEAMCITY_|TRAVIS|CIRCLECI|ORT_)/.test(name)
    ),
  );
}
