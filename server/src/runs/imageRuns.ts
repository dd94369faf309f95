/** One request of a client: a prompt on each of its pictures, as many at once as the model's place takes. */
import type { RunFailure, RunOutcome } from '../../../paligemma/src/runResult';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { batchEnders } from '../../../paligemma/src/failures';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import type { RunParams, RunResponse } from '../contract/protocol';
import { unfitNote } from '../language/findings/fitness';
import { CancelledError } from '../util/cancellation';
import { toHostError, toRunFailure } from '../util/failure';
import { inLanes } from '../util/inLanes';
import type { Log } from '../util/log';
import { imagePathOf } from '../lsp/requests/runParams';
import type { PreparedModel, Runner } from './runner';

export interface ImageRunsObserver {
  /** `index` counts into `imageUris`. Outcomes come in their order: who writes them down need not sort them. */
  progress(index: number, progress: RunProgress): void;
  outcome(index: number, outcome: RunOutcome): void;
}

/**
 * A picture that fails becomes an outcome with an error, and the others go on; after one of `batchEnders` those that
 * are left get the same error without a run.
 * @throws HostError where the model cannot be had; CancelledError.
 */
export async function runImages(
  runner: Runner,
  params: RunParams,
  observer: ImageRunsObserver,
  log: Log,
  token: CancellationToken,
): Promise<RunResponse> {
  const model = await runner.prepare({ name: params.model });
  const outcomes: RunOutcome[] = [];
  const lane = runner.laneOf(model);
  let told = 0;
  let ending: RunFailure | undefined;
  await inLanes(params.imageUris, () => lane, async (imageUri, index) => {
    const outcome = ending === undefined
      ? await runImage(runner, model, params, imageUri, progress => observer.progress(index, progress), log, token)
      : { imageUri, error: ending };
    if (ending === undefined && 'error' in outcome && batchEnders.has(outcome.error.reason)) ending = outcome.error;
    outcomes[index] = outcome;
    for (let next = outcomes[told]; next !== undefined; next = outcomes[++told]) observer.outcome(told, next);
  }, token);
  const note = unfitNote(params.prompt, model);
  return { outcomes, ...(note === undefined ? {} : { note }) };
}

async function runImage(
  runner: Runner,
  model: PreparedModel,
  { imageUris, prompt, maxNewTokens }: RunParams,
  imageUri: string,
  onProgress: (progress: RunProgress) => void,
  log: Log,
  token: CancellationToken,
): Promise<RunOutcome> {
  try {
    const result = await runner.run(
      {
        model,
        imagePath: imagePathOf(imageUri),
        prompt,
        useStore: true,
        // Many pictures at once are not waited for as eagerly as one.
        priority: imageUris.length > 1 ? 'batch' : 'command',
        maxNewTokens,
      },
      onProgress,
      token,
    );
    return { imageUri, result };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    const failure = toHostError(error);
    log(
      failure.kind === 'internal' ? 'error' : 'warn',
      'server.run',
      failure.kind === 'internal' ? stackOf(error) : failure.message,
    );
    return { imageUri, error: toRunFailure(failure) };
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
