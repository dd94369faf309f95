/** How a server is reached: the key that the person keeps for it, and the proxy on the way. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { ServerEndpoint } from '../../../../model-host/src/contract/inferenceServer';
import { isConfidential } from '../../../../paligemma/src/addresses';
import { Failure } from '../../../../paligemma/src/failures';
import type { ProxyChoice } from '../../../../net/src/proxy';
import { API_KEY_VARIABLE } from '../../util/secretVariables';

/** The key that the person keeps for the origin of this address, where somebody keeps keys. Asked anew each time. */
export type KeyOfServer = (url: string, token: CancellationToken) => Promise<string | undefined>;

/** What decides which key a server gets. */
export interface KeyRight {
  /** One that was just typed for this server, before any that is kept. */
  readonly apiKey?: string | undefined;
  /** Whether the person has agreed to this server; only then the key of the environment goes there, encrypted. */
  readonly isAgreed: boolean;
}

export interface ServerEndpointsOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly proxy: ProxyChoice;
  readonly keyOf?: KeyOfServer;
}

export class ServerEndpoints {
  constructor(private readonly options: ServerEndpointsOptions) {}

  /**
   * True where the environment holds a key, which may go to all of them once the person agreed: for servers that have
   * none of their own.
   */
  hasSharedKeyFor(urls: readonly string[]): boolean {
    return (this.options.env[API_KEY_VARIABLE] ?? '').trim() !== '' && urls.every(url => isConfidential(new URL(url)));
  }

  /** @throws Failure `serverUnreachable` for a proxy that is none. */
  async get(url: string, { apiKey, isAgreed }: KeyRight, token: CancellationToken): Promise<ServerEndpoint> {
    // One that is meant for a single server is refused by the host; this one may be meant for another server.
    const shared = isAgreed && isConfidential(new URL(url)) ? this.options.env[API_KEY_VARIABLE] : undefined;
    const key = [apiKey, await this.options.keyOf?.(url, token), shared].map(candidate => candidate?.trim()).find(
      candidate => candidate !== undefined && candidate !== '',
    );
    const proxyUrl = this.proxyTo(url);
    return { url, ...(key === undefined ? {} : { apiKey: key }), ...(proxyUrl === undefined ? {} : { proxyUrl }) };
  }

  private proxyTo(url: string): string | undefined {
    try {
      return this.options.proxy(new URL(url))?.href;
    } catch (error) {
      throw new Failure(
        'serverUnreachable',
        l10n.t(
          'The server at {0} cannot be reached. {1} Correct HTTPS_PROXY or HTTP_PROXY, or name the server in NO_PROXY.',
          new URL(url).host,
          error instanceof Error ? error.message : String(error),
        ),
        { cause: error },
      );
    }
  }
}
