/** Models of inference servers that the person has agreed to: one file each in the cache folder, without any key. */
import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseShallow } from '../../../../paligemma/src/shallowJson';
import { Failure } from '../../../../paligemma/src/failures';
import {
  maskSupports,
  serverDialects,
  type MaskSupport,
  type ServerDialect,
} from '../../../../model-host/src/contract/inferenceServer';
import { readPlainText } from '../../../../system/src/plainFile';
import { writeAtomically } from '../../util/files';
import { hostsOf, isServerName, readServerName, serverModelId } from '../../../../paligemma/src/serverNames';

export interface RegisteredServer {
  /** Each ends in `/v1`; the same model everywhere. */
  readonly urls: readonly string[];
  /** As the servers list it. */
  readonly model: string;
  readonly dialect: ServerDialect;
  readonly mask: MaskSupport;
  /** Side of the picture that is sent, pixels. */
  readonly resolutionPx: number;
  readonly contextTokens?: number;
}

const FORMAT_VERSION = 1;
const SUFFIX = '.json';
/** Bytes: a few addresses and a name. */
const LONGEST_ENTRY = 1 << 20;
/** A model's picture in steps of its patches; published ones have 224, 448 or 896. */
const PATCH_PX = 14;
const LARGEST_PX = 1792;

/** Every registered model, by id. Files that are none of ours are left out. Never throws. */
export async function registeredServers(cachePath: string): Promise<readonly RegisteredServer[]> {
  const folder = folderOf(cachePath);
  const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith(SUFFIX)).sort();
  const servers = await Promise.all(
    names.map(async name => readEntry(await readPlainText(path.join(folder, name), LONGEST_ENTRY) ?? '')),
  );
  return servers.filter(server => server !== undefined).sort((a, b) =>
    serverModelId(a).localeCompare(serverModelId(b))
  );
}

/**
 * Writes, or replaces, the entry of these servers and this model. This is the person's agreement that pictures go
 * there.
 */
export async function registerServer(server: RegisteredServer, cachePath: string): Promise<string> {
  if (!isResolution(server.resolutionPx)) {
    throw new Failure(
      'badArgument',
      l10n.t('A model’s picture has a side of 224, 448 or 896 pixels, not {0}.', server.resolutionPx),
    );
  }
  await writeAtomically(
    serverEntryPath(server, cachePath),
    `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...server })}\n`,
  );
  return serverModelId(server);
}

/**
 * The registered model that a name means: its id, or an address that only one model was registered for.
 * @returns undefined for a name that is no address. @throws Failure `serverNotAllowed` where nothing is registered
 *   for it, `badArgument`.
 */
export function findServer(name: string, servers: readonly RegisteredServer[]): RegisteredServer | undefined {
  if (!isServerName(name)) return undefined;
  const { urls, model } = readServerName(name);
  const there = servers.filter(server => urls.every(url => server.urls.includes(url)));
  const meant = model === undefined ? there : there.filter(server => server.model === model);
  const exact = meant.filter(server => server.urls.length === urls.length);
  const [only] = exact.length === 1 ? exact : meant;
  if (only !== undefined && (exact.length === 1 || meant.length === 1)) return only;
  if (meant.length > 1) {
    throw new Failure(
      'serverModelMissing',
      l10n.t(
        'Several models of {0} are registered. Name one: {1}.',
        hostsOf(urls),
        meant.map(serverModelId).join(', '),
      ),
    );
  }
  const others = there.length === 0
    ? ''
    : ` ${l10n.t('Registered there: {0}.', there.map(serverModelId).join(', '))}`;
  throw new Failure(
    'serverNotAllowed',
    l10n.t(
      'Pictures are sent to a server only after you have agreed to it: in a terminal with “paligemma models add {0}{1}”, in the editor in the list of models.',
      urls.join(','),
      model === undefined ? '' : ` --model-name ${model}`,
    ) + others,
  );
}

/**
 * Tells one model of servers from another: where they run does not matter, what they compute does. 64 hexadecimal
 * digits.
 */
export function serverIdentity({ model, mask, dialect, resolutionPx }: RegisteredServer): string {
  return createHash('sha256').update(JSON.stringify(['server', model, mask, dialect, resolutionPx])).digest('hex');
}

export function isResolution(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= PATCH_PX && value <= LARGEST_PX
    && value % PATCH_PX === 0;
}

function folderOf(cachePath: string): string {
  return path.join(cachePath, 'servers');
}

/** Absolute path of the file that stands for the person's agreement. */
export function serverEntryPath(server: Pick<RegisteredServer, 'urls' | 'model'>, cachePath: string): string {
  const name = createHash('sha256').update(serverModelId({ urls: [...server.urls].sort(), model: server.model }))
    .digest('hex').slice(0, 32);
  return path.join(folderOf(cachePath), `${name}${SUFFIX}`);
}

function readEntry(text: string): RegisteredServer | undefined {
  try {
    const value = parseShallow(text) as Partial<Record<keyof RegisteredServer | 'formatVersion', unknown>>;
    const { formatVersion, urls, model, dialect, mask, resolutionPx, contextTokens } = value;
    if (
      formatVersion !== FORMAT_VERSION || !Array.isArray(urls) || urls.length === 0 || typeof model !== 'string'
      || typeof resolutionPx !== 'number' || !isResolution(resolutionPx)
    ) return undefined;
    const knownDialect = serverDialects.find(candidate => candidate === dialect);
    const knownMask = maskSupports.find(candidate => candidate === mask);
    if (knownDialect === undefined || knownMask === undefined) return undefined;
    return {
      urls: readServerName(urls.map(String).join(',')).urls,
      model,
      dialect: knownDialect,
      mask: knownMask,
      resolutionPx,
      ...(Number.isSafeInteger(contextTokens) ? { contextTokens: contextTokens as number } : {}),
    };
  } catch {
    return undefined;
  }
}
