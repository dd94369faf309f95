/** The requests and the command that run prompts: from the wire to the runner and back. */
import {
  CancellationTokenSource,
  MessageType,
  ShowMessageNotification,
  type CancellationToken,
  type Connection,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver/node';
import { HostError } from '../../../../paligemma/src/failures';
import type { Configuration } from '../configuration';
import type { CommandHandler, ReportedWork } from '../promptFiles/promptCommands';
import {
  listModels,
  overlay,
  problemFacts,
  run,
  runUpdate,
  unloadModel,
  type RunParams,
  type RunResponse,
  type RunUpdate,
} from '../../contract/protocol';
import { gatherProblemFacts } from '../../runs/problemFacts';
import { runImages } from '../../runs/imageRuns';
import { imagePathOf, readOverlayRequest, readRunParams } from './runParams';
import { RunProgressReporter } from '../runProgressReporter';
import type { RunServices } from '../../runs/runServices';
import { defaultMaxNewTokens } from '../../runs/tokenLimits';
import { answered } from './answered';
import type { Log } from '../../util/log';
import { systemTimers } from '../../util/timers';

/**
 * For editors without our client: arguments `[{ imageUris, prompt, model?, maxNewTokens? }]`; answers a `RunResponse`
 * and shows the text.
 */
export const RUN_COMMAND = 'paligemma.server.run';

export interface RequestContext {
  readonly connection: Connection;
  readonly services: RunServices;
  readonly configuration: Configuration;
  readonly log: Log;
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  /** Beside {@link RUN_COMMAND}. */
  readonly commands: Readonly<Record<string, CommandHandler>>;
}

export function registerRequests(context: RequestContext): void {
  const { connection, services: { catalog, host, serverHost, pictureHost } } = context;

  connection.onRequest(run, (params, token) =>
    answered(context, async () => {
      const valid = readRunParams(params);
      return runReported(context, valid, connection.window.attachWorkDoneProgress(valid.workDoneToken), token);
    }));

  connection.onRequest(overlay, (params, token) =>
    answered(context, async () => {
      const { imageUri, ...drawn } = readOverlayRequest(params);
      const imagePath = imagePathOf(imageUri);
      return pictureHost.use(client => client.overlay({ imagePath, ...drawn }, token), token);
    }));

  connection.onRequest(listModels, () =>
    answered(context, async () => {
      await context.configuration.ready;
      return catalog.list();
    }));

  connection.onRequest(problemFacts, token =>
    answered(context, async () => {
      await context.configuration.ready;
      return gatherProblemFacts(context.services, context.configuration.settings, context.packageRoot, token);
    }));

  connection.onRequest(unloadModel, () =>
    answered(context, async () => {
      await Promise.all([host, serverHost].map(process => process.stop('The model was unloaded.')));
      return null;
    }));

  connection.onExecuteCommand(({ command, arguments: args, workDoneToken }, token) =>
    answered(context, async () => {
      const report = async (): Promise<ReportedWork> => {
        const reporter = workDoneToken === undefined
          ? await connection.window.createWorkDoneProgress()
          : connection.window.attachWorkDoneProgress(workDoneToken);
        return {
          reporter,
          token: eitherToken(token, 'token' in reporter ? reporter.token as CancellationToken : undefined),
        };
      };
      if (typeof command !== 'string') throw new HostError('badArgument', 'The name of a command is a string.');
      const handler = Object.hasOwn(context.commands, command) ? context.commands[command] : undefined;
      if (handler !== undefined) return handler(args?.[0], token, report);
      if (command !== RUN_COMMAND) {
        throw new HostError(
          'badArgument',
          `The server has no command “${
            command.slice(0, 200)
          }”. The extension and its server may be of different versions; reload the window.`,
        );
      }
      const valid = readRunParams(args?.[0]);
      const work = await report();
      const response = await runReported(context, valid, work.reporter, work.token);
      await show(connection, response);
      return response;
    })
  );
}

async function runReported(
  { connection, services, configuration, log }: RequestContext,
  params: RunParams,
  reporter: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<RunResponse> {
  await configuration.ready;
  const limit = params.maxNewTokens ?? (configuration.settings.maxNewTokens || defaultMaxNewTokens(params.prompt));
  const progressReporter = new RunProgressReporter(reporter, params.imageUris, () => limit, systemTimers);
  const { partialResultToken } = params;
  const update = (value: RunUpdate) => {
    if (partialResultToken !== undefined) {
      void connection.sendProgress(runUpdate, partialResultToken, value).catch(() => undefined);
    }
  };
  let done = 0;
  progressReporter.begin();
  try {
    return await runImages(
      services.runner,
      params,
      {
        progress(index, progress) {
          progressReporter.report(index, progress, done);
          update({ index, progress });
        },
        outcome: (index, outcome) => {
          done++;
          update({ index, outcome });
        },
      },
      log,
      token,
    );
  } finally {
    progressReporter.done();
  }
}

/** Clients show nothing of what a command answers, so the text is told as a message. */
async function show(connection: Connection, { outcomes, note }: RunResponse): Promise<void> {
  const failures = outcomes.flatMap(outcome => ('error' in outcome ? [outcome.error.message] : []));
  const texts = outcomes.flatMap(outcome => ('result' in outcome ? [outcome.result.suffix] : []));
  const [onlyText] = texts;
  const message = (type: MessageType, text: string) =>
    connection.sendNotification(ShowMessageNotification.type, { type, message: text });
  if (failures[0] !== undefined) {
    await message(
      MessageType.Error,
      failures.length === 1 ? failures[0] : `${failures.length} of ${outcomes.length} pictures failed. ${failures[0]}`,
    );
  }
  if (texts.length === 1 && onlyText !== undefined) {
    await message(MessageType.Info, onlyText === '' ? 'The model answered nothing.' : onlyText);
  } else if (texts.length > 1) await message(MessageType.Info, `${texts.length} pictures are done.`);
  if (note !== undefined && texts.length > 0) await message(MessageType.Warning, note);
}

function eitherToken(first: CancellationToken, second: CancellationToken | undefined): CancellationToken {
  if (second === undefined) return first;
  const source = new CancellationTokenSource();
  // Made before anything is cancelled: a source that is cancelled without a token throws when it is cancelled again.
  const { token: either } = source;
  for (const token of [first, second]) {
    if (token.isCancellationRequested) source.cancel();
    token.onCancellationRequested(() => source.cancel());
  }
  return either;
}
