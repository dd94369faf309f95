/** The requests of a language client about inference servers. */
import type { Connection } from 'vscode-languageserver/node';
import { HostError } from '../../../../paligemma/src/failures';
import { addServer, probeServer, type AddServerParams, type ProbeServerParams } from '../../contract/protocol';
import { answered } from './answered';
import type { Log } from '../../util/log';
import { findOnServers, probe, type ServerTools } from '../../models/servers/addServer';
import { openCache } from '../../models/folders/cachePath';
import type { ServerEndpoints } from '../../models/servers/serverEndpoints';
import { registerServer } from '../../models/servers/servers';

export interface ServerRequestContext {
  readonly connection: Connection;
  readonly services: { readonly serverHost: ServerTools['host']; readonly endpoints: ServerEndpoints };
  readonly configuration: { readonly ready: Promise<void> };
  readonly cachePath: string;
  readonly log: Log;
  /** Called after the models that can be chosen have changed. */
  readonly onDidChangeModels: () => void;
}

export function registerServerRequests(
  { connection, services, configuration, cachePath, log, onDidChangeModels }: ServerRequestContext,
): void {
  const tools: ServerTools = { host: services.serverHost, endpoints: services.endpoints };

  connection.onRequest(probeServer, (params, token) =>
    answered({ log }, async () => {
      const { url, apiKey } = readProbe(params);
      await configuration.ready;
      return probe(url, apiKey, tools, token);
    }));

  connection.onRequest(addServer, (params, token) =>
    answered({ log }, async () => {
      const wish = readAdd(params);
      await configuration.ready;
      // What the person was shown is asked for again: what is kept must come from the servers, not from a message.
      const { server } = await findOnServers(wish, tools, token);
      const id = await registerServer(server, await openCache(cachePath));
      log('info', 'server.models', `Registered ${id}`);
      onDidChangeModels();
      return { id };
    }));
}

/** @throws HostError `badArgument`. A key is never repeated in a sentence. */
function readProbe(params: unknown): ProbeServerParams {
  const { url, apiKey } = (typeof params === 'object' && params !== null ? params : {}) as Readonly<
    Record<string, unknown>
  >;
  if (typeof url !== 'string' || (apiKey !== undefined && typeof apiKey !== 'string')) throw notUnderstood();
  return { url, ...(apiKey === undefined ? {} : { apiKey }) };
}

/** @throws HostError `badArgument` */
function readAdd(params: unknown): AddServerParams {
  const { urls, model, resolutionPx } = (typeof params === 'object' && params !== null ? params : {}) as Readonly<
    Record<string, unknown>
  >;
  const isValid = Array.isArray(urls) && urls.length > 0 && urls.every(url => typeof url === 'string')
    && typeof model === 'string' && model !== '' && (resolutionPx === undefined || typeof resolutionPx === 'number');
  if (!isValid) throw notUnderstood();
  return { urls, model, ...(resolutionPx === undefined ? {} : { resolutionPx }) };
}

function notUnderstood(): HostError {
  return new HostError(
    'badArgument',
    'The request about a server is not understood; the extension and its server may be of different versions.',
  );
}
