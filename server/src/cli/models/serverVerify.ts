import { findOnServers } from '../../models/servers/addServer';
import { ownCachePath } from '../../models/folders/cachePath';
import { serverModelId } from '../../../../paligemma/src/serverNames';
import { registerServer, type RegisteredServer } from '../../models/servers/servers';
import { CancelledError } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import { escapeLine } from '../terminal/output';
import type { Session } from '../terminal/session';
import type { ExitCode, VerbContext } from '../terminal/verb';

/**
 * Asks each server again, one line each, and keeps what it says of its mask now. Exit code 1 where one does not serve
 * the model.
 */
export async function verifyServer(
  { terminal, values, interrupt }: VerbContext,
  session: Session,
  server: RegisteredServer,
): Promise<ExitCode> {
  const { model, resolutionPx, urls } = server;
  const tools = { host: session.serverHost, endpoints: session.endpoints };
  const servers = await Promise.all(urls.map(async url => {
    try {
      const found = await findOnServers({ urls: [url], model, resolutionPx, isAgreed: true }, tools, interrupt.token);
      return { url, status: 'ok', mask: found.server.mask };
    } catch (error) {
      if (error instanceof CancelledError || interrupt.token.isCancellationRequested) throw new CancelledError();
      return { url, status: 'failed', message: toFailure(error).message };
    }
  }));
  const ok = servers.every(({ status }) => status === 'ok');
  if (ok) {
    const found = await findOnServers({ urls, model, resolutionPx, isAgreed: true }, tools, interrupt.token);
    await registerServer(
      found.server,
      ownCachePath(),
    );
  }
  if (values.json === true) {
    await terminal.print(JSON.stringify({ id: serverModelId(server), ok, servers }));
  } else {
    for (const { url, status, mask, message } of servers) {
      const columns = [status, url, mask === undefined ? message ?? '' : `mask ${mask}`];
      await terminal.print(columns.map(escapeLine).join('\t'));
    }
  }
  return ok ? 0 : 1;
}
