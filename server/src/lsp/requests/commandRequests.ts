/** The request that runs a command, of whichever part it is. */
import * as l10n from '@vscode/l10n';
import { CancellationTokenSource, ExecuteCommandRequest, type CancellationToken } from 'vscode-languageserver/node';
import { Failure } from '../../../../paligemma/src/failures';
import type { Client } from '../connection/client';
import type { Commands, ReportedWork } from '../connection/commands';

export function registerCommands(client: Client, commands: Commands): void {
  client.requests.on(ExecuteCommandRequest.type, ({ command, arguments: args, workDoneToken }, token) => {
    if (typeof command !== 'string') {
      throw new Failure('badArgument', l10n.t('The name of a command must be a string.'));
    }
    const handler = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (handler === undefined) {
      throw new Failure(
        'badArgument',
        l10n.t(
          'The server has no command “{0}”. The extension and its server may have different versions. Reload the window.',
          command.slice(0, 200),
        ),
      );
    }
    return handler(args?.[0], token, () => reported(client, workDoneToken, token));
  });
}

/** Progress under the client's token, or under one that it is asked to make. */
async function reported(
  client: Client,
  workDoneToken: string | number | undefined,
  token: CancellationToken,
): Promise<ReportedWork> {
  if (workDoneToken !== undefined) return { reporter: client.progressUnder(workDoneToken), token };
  const own = await client.ownProgress();
  return { reporter: own.reporter, token: eitherToken(token, own.token) };
}

function eitherToken(first: CancellationToken, second: CancellationToken): CancellationToken {
  const source = new CancellationTokenSource();
  // Made before anything is cancelled: a source that is cancelled without a token throws when it is cancelled again.
  const { token: either } = source;
  for (const token of [first, second]) {
    if (token.isCancellationRequested) source.cancel();
    token.onCancellationRequested(() => source.cancel());
  }
  return either;
}
