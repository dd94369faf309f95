/** How a server is reached: the key that the person keeps for it, and the proxy on the way. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { ServerEndpoint } from '../../../../model-host/src/contract/inferenceServer';
import { Failure } from '../../../../paligemma/src/failures';
import type { ProxyChoice } from '../../../../net/src/proxy';

/** For every server that has no key of its own. */
const API_KEY_VARIABLE = 'PALIGEMMA_API_KEY';

/** The key that the person keeps for the server of this address, where somebody keeps keys. Asked anew each time. */
export type KeyOfServer = (url: string, token: CancellationToken) => Promise<string | undefined>;

export interface ServerEndpointsOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly proxy: ProxyChoice;
  readonly keyOf?: KeyOfServer;
}

export class ServerEndpoints {
  constructor(private readonly options: ServerEndpointsOptions) {}

  /**
   * `apiKey`: one that was just typed, before any that is kept. @throws Failure `serverUnreachable` for a proxy that
   * is none.
   */
  async get(url: string, token: CancellationToken, apiKey?: string): Promise<ServerEndpoint> {
    const key = [apiKey, await this.options.keyOf?.(url, token), this.options.env[API_KEY_VARIABLE]].map(candidate =>
      candidate?.trim()
    ).find(candidate => candidate !== undefined && candidate !== '');
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
