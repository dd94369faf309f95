/** The requests of a language client about inference servers. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../../paligemma/src/failures';
import { addServer, probeServer, type AddServerParams, type ProbeServerParams } from '../../contract/protocol';
import { findOnServers, probe, type ServerTools } from '../../models/servers/addServer';
import { openCache } from '../../models/folders/cachePath';
import type { ServerEndpoints } from '../../models/servers/serverEndpoints';
import { registerServer } from '../../models/servers/servers';
import type { Client } from '../connection/client';

export interface ServerRequestContext {
  readonly client: Pick<Client, 'requests' | 'log'> & { readonly configuration: { readonly ready: Promise<void> } };
  readonly services: { readonly serverHost: ServerTools['host']; readonly endpoints: ServerEndpoints };
  readonly cachePath: string;
  /** Called after the models that can be chosen have changed. */
  readonly onDidChangeModels: () => void;
}

export function registerServerRequests(
  { client: { requests, configuration, log }, services, cachePath, onDidChangeModels }: ServerRequestContext,
): void {
  const tools: ServerTools = { host: services.serverHost, endpoints: services.endpoints };

  requests.on(probeServer, async (params, token) => {
    const { url, apiKey } = readProbe(params);
    await configuration.ready;
    return probe(url, { apiKey, isAgreed: false }, tools, token);
  });

  requests.on(addServer, async (params, token) => {
    const wish = readAdd(params);
    await configuration.ready;
    // What the person was shown is asked for again: what is kept must come from the servers, not from a message.
    const { server } = await findOnServers({ ...wish, isAgreed: true }, tools, token);
    const id = await registerServer(server, await openCache(cachePath));
    log('info', 'server.models', `Registered ${id}`);
    onDidChangeModels();
    return { id };
  });
}

/** @throws Failure `badArgument`. A key is never repeated in a sentence. */
function readProbe(params: unknown): ProbeServerParams {
  const { url, apiKey } = (typeof params === 'object' && params !== null ? params : {}) as Readonly<
    Record<string, unknown>
  >;
  if (typeof url !== 'string' || (apiKey !== undefined && typeof apiKey !== 'string')) throw notUnderstood();
  return { url, ...(apiKey === undefined ? {} : { apiKey }) };
}

/** @throws Failure `badArgument` */
function readAdd(params: unknown): AddServerParams {
  const { urls, model, resolutionPx } = (typeof params === 'object' && params !== null ? params : {}) as Readonly<
    Record<string, unknown>
  >;
  const isValid = Array.isArray(urls) && urls.length > 0 && urls.every(url => typeof url === 'string')
    && typeof model === 'string' && model !== '' && (resolutionPx === undefined || typeof resolutionPx === 'number');
  if (!isValid) throw notUnderstood();
  return { urls, model, ...(resolutionPx === undefined ? {} : { resolutionPx }) };
}

function notUnderstood(): Failure {
  return new Failure(
    'badArgument',
    l10n.t(
      'The request about a server was not understood; the extension and its server may have different versions. Reload the window.',
    ),
  );
}
