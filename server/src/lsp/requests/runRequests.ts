/** The requests and the command that run prompts: from the wire to the runner and back. */
import * as l10n from '@vscode/l10n';
import { MessageType, type CancellationToken, type WorkDoneProgressReporter } from 'vscode-languageserver/node';
import {
  listModels,
  overlay,
  problemFacts,
  run,
  runUpdate,
  storedResults,
  unloadModel,
  type RunParams,
  type RunResponse,
  type RunUpdate,
} from '../../contract/protocol';
import { imagePathOf } from '../../runs/imagePath';
import { gatherProblemFacts } from '../../runs/problemFacts';
import type { RunServices } from '../../runs/runServices';
import type { Client } from '../connection/client';
import type { Commands } from '../connection/commands';
import { plainLine } from '../../../../paligemma/src/plainText';
import { tokenLimit } from '../../../../paligemma/src/tasks';
import { RunProgressReporter } from '../connection/runProgressReporter';
import { runImages, storedOf } from './imageRuns';
import { readOverlayRequest, readRunParams } from './runParams';

/**
 * For editors without our client: arguments `[{ imageUris, prompt, model?, maxNewTokens? }]`; answers a `RunResponse`
 * and shows the text.
 */
const RUN_COMMAND = 'paligemma.server.run';

export interface RunRequestContext {
  readonly client: Client;
  readonly services: RunServices;
  /** The folder above `dist/`. */
  readonly packageRoot: string;
}

type RunContext = Pick<RunRequestContext, 'client' | 'services'>;

export function registerRunRequests({ client, services, packageRoot }: RunRequestContext): void {
  const { configuration, requests } = client;

  requests.on(run, (params, token) => {
    const valid = readRunParams(params);
    const reporter = client.progressUnder(valid.workDoneToken);
    return runReported({ client, services }, valid, reporter, token);
  });

  requests.on(storedResults, async (params, token) => {
    const valid = readRunParams(params);
    await configuration.ready;
    const { runner, pictureHashes: hashes } = services;
    return { results: await storedOf({ runner, hashes }, valid, token) };
  });

  requests.on(overlay, (params, token) => {
    const { imageUri, ...drawn } = readOverlayRequest(params);
    const imagePath = imagePathOf(imageUri);
    return services.pictureHost.use(host => host.overlay({ imagePath, ...drawn }, token), token);
  });

  requests.on(listModels, async () => {
    await configuration.ready;
    return services.catalog.list();
  });

  requests.on(problemFacts, async token => {
    await configuration.ready;
    return gatherProblemFacts(services, client.settings, packageRoot, token);
  });

  requests.on(unloadModel, async () => {
    const hosts = [services.host, services.serverHost];
    await Promise.all(hosts.map(host => host.stop(l10n.t('The model was unloaded.'))));
    return null;
  });
}

/** {@link RUN_COMMAND}. */
export function runCommand(context: RunContext): Commands {
  return {
    [RUN_COMMAND]: async (argument, _token, report) => {
      const valid = readRunParams(argument);
      const { reporter, token } = await report();
      const response = await runReported(context, valid, reporter, token);
      await show(context.client, response);
      return response;
    },
  };
}

async function runReported(
  { client, services }: RunContext,
  params: RunParams,
  reporter: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<RunResponse> {
  await client.configuration.ready;
  const limit = tokenLimit(params.prompt, params.maxNewTokens, client.settings.maxNewTokens);
  const progressReporter = new RunProgressReporter(reporter, params.imageUris, () => limit, client.timers);
  const { partialResultToken } = params;
  const update = (value: RunUpdate) => {
    if (partialResultToken !== undefined) {
      void client.connection.sendProgress(runUpdate, partialResultToken, value).catch(() => undefined);
    }
  };
  let done = 0;
  progressReporter.begin();
  try {
    return await runImages(
      { runner: services.runner, log: client.log },
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
      token,
    );
  } finally {
    progressReporter.done();
  }
}

/** Clients show nothing of what a command answers, so the text is told as a message. */
async function show(client: Client, { outcomes, note }: RunResponse): Promise<void> {
  const failures = outcomes.flatMap(outcome => ('error' in outcome ? [outcome.error.message] : []));
  const texts = outcomes.flatMap(outcome => ('result' in outcome ? [outcome.result.suffix] : []));
  const [onlyText] = texts;
  if (failures[0] !== undefined) {
    await client.tell(
      MessageType.Error,
      failures.length === 1
        ? failures[0]
        : `${l10n.t('{0} of {1} pictures failed.', failures.length, outcomes.length)} ${failures[0]}`,
    );
  }
  if (texts.length === 1 && onlyText !== undefined) {
    await client.tell(MessageType.Info, onlyText === '' ? l10n.t('The model answered nothing.') : plainLine(onlyText));
  } else if (texts.length > 1) await client.tell(MessageType.Info, l10n.t('{0} pictures are done.', texts.length));
  if (note !== undefined && texts.length > 0) await client.tell(MessageType.Warning, note);
}
