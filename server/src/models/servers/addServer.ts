/** Asks inference servers what they serve, and keeps what the person agreed to. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import type { MaskSupport, ServedModel, ServerProbe } from '../../../../model-host/src/contract/inferenceServer';
import type { HostClient } from '../../host/hostClient';
import { resolutionOfName } from '../folders/modelFolder';
import { hostsOf, readServerUrl } from '../../../../paligemma/src/serverNames';
import type { KeyRight, ServerEndpoints } from './serverEndpoints';
import { isResolution, type RegisteredServer } from './servers';

export interface ServerTools {
  readonly host: { use<T>(work: (client: HostClient) => Promise<T>, token: CancellationToken): Promise<T> };
  readonly endpoints: ServerEndpoints;
}

/** Sends a picture of one colour. @throws Failure; CancelledError. */
export async function probe(
  url: string,
  right: KeyRight,
  { host, endpoints }: ServerTools,
  token: CancellationToken,
): Promise<ServerProbe> {
  const endpoint = await endpoints.get(readServerUrl(url), right, token);
  const found = await host.use(client => client.probeServer({ endpoint }, token), token);
  return { ...found, models: found.models.map(model => ({ ...resolutionOfName(model.id), ...model })) };
}

export interface ServerWish {
  readonly urls: readonly string[];
  /** Absent: the only one that is served. */
  readonly model?: string | undefined;
  readonly resolutionPx?: number | undefined;
  /** Whether the person has agreed to these servers before they are asked. */
  readonly isAgreed: boolean;
}

/** A model of servers as it would be kept, and what the person should know before that. */
export interface FoundServer {
  readonly server: RegisteredServer;
  readonly notes: readonly string[];
}

/**
 * Probes every address for the same model. Registers nothing.
 * @throws Failure `serverModelMissing` where it is not served everywhere, or none was named of several; `serverSizeUnknown`; those of the probe; CancelledError.
 */
export async function findOnServers(
  { urls, model, resolutionPx, isAgreed }: ServerWish,
  tools: ServerTools,
  token: CancellationToken,
): Promise<FoundServer> {
  const probes = await Promise.all(
    [...new Set(urls.map(readServerUrl))].map(url => probe(url, { isAgreed }, tools, token)),
  );
  const [first] = probes;
  if (first === undefined) {
    throw new Failure(
      'serverAddressInvalid',
      l10n.t('No server was named. Give its address, for example http://localhost:8000/v1.'),
    );
  }
  const name = model ?? onlyModel(first);
  const served = probes.map(found => servedModel(found, name));
  const sides = [
    ...new Set(resolutionPx === undefined ? served.flatMap(found => found.resolutionPx ?? []) : [resolutionPx]),
  ];
  const [side] = sides;
  if (sides.length > 1) {
    throw new Failure(
      'serverSizeUnknown',
      l10n.t(
        'The servers run {0} with different picture sizes ({1} pixels). Add them one by one.',
        name,
        sides.join(', '),
      ),
    );
  }
  if (side === undefined || !isResolution(side)) {
    throw new Failure(
      'serverSizeUnknown',
      l10n.t(
        'The side of the picture that {0} takes could not be determined. Give it: 224, 448 or 896 (--resolution).',
        name,
      ),
    );
  }
  const lengths = served.flatMap(found => found.contextTokens ?? []);
  return {
    server: {
      urls: probes.map(found => found.url),
      model: name,
      resolutionPx: side,
      dialect: probes.every(found => found.dialect === 'vllm') ? 'vllm' : 'openai',
      mask: commonMask(served),
      ...(lengths.length === 0 ? {} : { contextTokens: Math.min(...lengths) }),
    },
    notes: [...new Set(served.flatMap(found => found.note ?? []))],
  };
}

function onlyModel({ url, models }: ServerProbe): string {
  const [only] = models;
  if (models.length === 1 && only !== undefined) return only.id;
  throw new Failure(
    'serverModelMissing',
    l10n.t(
      'The server at {0} serves several models: {1}. Name one of them (--model-name).',
      hostsOf([url]),
      models.map(({ id }) => id).join(', '),
    ),
  );
}

function servedModel({ url, models }: ServerProbe, name: string): ServedModel {
  const found = models.find(({ id }) => id === name);
  if (found !== undefined) return found;
  throw new Failure(
    'serverModelMissing',
    l10n.t(
      'The server at {0} has no model {1}. It serves {2}.',
      hostsOf([url]),
      name,
      models.map(({ id }) => id).join(', '),
    ),
  );
}

/** Answers are as good as those of the worst server. */
function commonMask(served: readonly ServedModel[]): MaskSupport {
  if (served.some(({ mask }) => mask === 'causal')) return 'causal';
  return served.every(({ mask }) => mask === 'prefix') ? 'prefix' : 'unknown';
}
