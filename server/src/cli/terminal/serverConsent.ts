/** Agreeing that pictures go to a server: what was found out about it is told, then a person says yes. */
import { Failure } from '../../../../paligemma/src/failures';
import { findOnServers, type FoundServer, type ServerWish } from '../../models/servers/addServer';
import { openCache, ownCachePath } from '../../models/folders/cachePath';
import { hostsOf, isServerName, readServerName } from '../../../../paligemma/src/serverNames';
import { registerServer } from '../../models/servers/servers';
import { UsageError } from './options';
import { canAsk, isAgreed } from './question';
import type { Session } from './session';
import type { VerbContext } from './verb';

const maskWords = {
  prefix: 'applies the prefix mask',
  causal: 'does NOT apply the prefix mask',
  unknown: 'prefix mask unknown',
} as const;

/**
 * Probes, tells, asks, registers. @returns what was registered with its id; undefined where the person said no.
 * @throws UsageError where nobody can be asked and `--yes` is not given; Failure; CancelledError.
 */
export async function agreeToServer(
  context: VerbContext,
  session: Session,
  wish: Omit<ServerWish, 'isAgreed'>,
): Promise<(FoundServer & { readonly id: string }) | undefined> {
  const { terminal, values } = context;
  if (values.yes !== true && !canAsk()) {
    throw new UsageError('Nobody can be asked here; --yes says that pictures may be sent to this server.');
  }
  const found = await findOut(context, session, wish);
  if (found === undefined) return undefined;
  const { urls, model, resolutionPx, mask } = found.server;
  for (const url of urls) terminal.note(`${url}  ${model}  ${resolutionPx} px  ${maskWords[mask]}`);
  for (const note of found.notes) terminal.note(`Note: ${note}`);
  const isYes = values.yes === true
    || await isAgreed(context, `Send pictures to ${hostsOf(urls)} whenever this model is chosen?`);
  if (!isYes) return undefined;
  const cache = await openCache(ownCachePath());
  return { ...found, id: await registerServer(found.server, cache) };
}

/**
 * What the servers say before they are agreed to. The key of the environment was given for a server, and maybe for
 * another one: where they want a key, a person says whether it is theirs. @returns undefined where the person said no.
 */
async function findOut(
  context: VerbContext,
  session: Session,
  wish: Omit<ServerWish, 'isAgreed'>,
): Promise<FoundServer | undefined> {
  const { interrupt, values } = context;
  const tools = { host: session.serverHost, endpoints: session.endpoints };
  const isAgreedBefore = values.yes === true;
  try {
    return await findOnServers({ ...wish, isAgreed: isAgreedBefore }, tools, interrupt.token);
  } catch (error) {
    const wantsKey = error instanceof Failure && error.reason === 'serverRefused';
    if (!wantsKey || isAgreedBefore || !session.endpoints.hasSharedKeyFor(wish.urls)) throw error;
    const hosts = hostsOf(wish.urls);
    if (!await isAgreed(context, `${hosts} wants a key. Send it the one in PALIGEMMA_API_KEY?`)) return undefined;
    return findOnServers({ ...wish, isAgreed: true }, tools, interrupt.token);
  }
}

/**
 * Asks for a server that `--model` names for the first time, where a person is there. @throws as {@link agreeToServer}.
 */
export async function agreeToNamed(context: VerbContext, session: Session, name: string | undefined): Promise<void> {
  if (name === undefined || !isServerName(name) || !canAsk()) return;
  try {
    await session.catalog.choose(name);
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'serverNotAllowed') throw error;
    const agreed = await agreeToServer(context, session, readServerName(name));
    if (agreed === undefined) throw error;
  }
}
