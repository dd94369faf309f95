/** One request of a client: a prompt on each of its pictures. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { RunProgress } from '../../../../model-host/src/contract/protocol';
import { Failure } from '../../../../paligemma/src/failures';
import type { RunChoices } from '../../../../paligemma/src/runChoices';
import { runFailureOf, type RunOutcome, type RunResult } from '../../../../paligemma/src/runResult';
import type { RunParams, RunResponse, StoredResultsParams } from '../../contract/protocol';
import { unfitNote } from '../../language/findings/fitness';
import { imagePathOf } from '../../runs/imagePath';
import type { PictureHashes } from '../../runs/pictureHashes';
import { runMany, type ManyOutcome, type PlannedRun } from '../../runs/runMany';
import type { PreparedModel, Runner } from '../../runs/runner';
import { throwIfCancelled } from '../../util/cancellation';
import type { Log } from '../../util/log';

export interface ImageRunsObserver {
  /** `index` counts into `imageUris`. Outcomes come in their order: who writes them down need not sort them. */
  progress(index: number, progress: RunProgress): void;
  outcome(index: number, outcome: RunOutcome): void;
}

/**
 * A picture that fails becomes an outcome with an error, and the others go on; those that another one ended get its
 * error without a run.
 * @throws Failure where the model cannot be had; CancelledError.
 */
export async function runImages(
  { runner, log }: { readonly runner: Runner; readonly log: Log },
  params: RunParams,
  observer: ImageRunsObserver,
  token: CancellationToken,
): Promise<RunResponse> {
  const { imageUris, prompt } = params;
  const model = await preparedFor(runner, params);
  const plan = imageUris.map(imageUri => planned(params, model, imageUri));
  const outcomes: RunOutcome[] = [];
  await runMany(plan, {
    runner,
    log,
    observer: {
      progress: (index, progress) => observer.progress(index, progress),
      inOrder: (index, outcome) => {
        const told = toRunOutcome(imageUris[index] ?? '', outcome);
        if (told === undefined) return;
        outcomes.push(told);
        observer.outcome(index, told);
      },
    },
  }, token);
  throwIfCancelled(token);
  const note = unfitNote(prompt, model);
  return { outcomes, ...(note === undefined ? {} : { note }) };
}

/** The model that answers. @throws Failure where it cannot be had. */
function preparedFor(
  runner: Pick<Runner, 'prepare'>,
  { model, adapter, device, weights }: RunChoices,
): Promise<PreparedModel> {
  // A client may ask for what it read in a document: as such its names count, and lead to no other machine.
  const nameOrigin = model === undefined ? undefined : 'document' as const;
  return runner.prepare({ name: model, nameOrigin, adapterPath: adapter, device, weights });
}

/** Hashes at once: enough to keep a disk busy. */
const TOGETHER = 16;

/**
 * What is stored of the same runs, one for each picture; null where nothing is.
 * @throws Failure where the model cannot be had; CancelledError.
 */
export async function storedOf(
  { runner, hashes }: { readonly runner: Runner; readonly hashes: PictureHashes },
  params: StoredResultsParams,
  token: CancellationToken,
): Promise<(RunResult | null)[]> {
  const model = await preparedFor(runner, params);
  const { prompt, maxNewTokens, locDivisor, tiles, region } = params;
  const find = async (imageUri: string) => {
    try {
      const imagePath = imagePathOf(imageUri);
      const { sha256 } = await hashes.of(imagePath, token);
      const key = runner.keyOf({ model, imagePath, prompt, maxNewTokens, locDivisor, tiles, region }, sha256);
      return await runner.stored(key, { model, imagePath }) ?? null;
    } catch (error) {
      // Of a picture that cannot be read nothing is known.
      if (error instanceof Failure) return null;
      throw error;
    }
  };
  const found: (RunResult | null)[] = [];
  for (let from = 0; from < params.imageUris.length; from += TOGETHER) {
    throwIfCancelled(token);
    found.push(...await Promise.all(params.imageUris.slice(from, from + TOGETHER).map(find)));
  }
  return found;
}

function planned(
  { imageUris, prompt, maxNewTokens, locDivisor, tiles, region }: RunParams,
  model: PreparedModel,
  imageUri: string,
): PlannedRun {
  // Many pictures at once are not waited for as eagerly as one.
  const priority = imageUris.length > 1 ? 'batch' : 'command';
  try {
    const imagePath = imagePathOf(imageUri);
    return {
      request: { model, imagePath, prompt, useStore: true, priority, maxNewTokens, locDivisor, tiles, region },
      payload: undefined,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { request: error, payload: undefined };
  }
}

/** Undefined for a run that was cancelled: then the whole request is. */
function toRunOutcome(imageUri: string, outcome: ManyOutcome): RunOutcome | undefined {
  switch (outcome.kind) {
    case 'done':
      return { imageUri, result: outcome.result };
    case 'failed':
      return { imageUri, error: runFailureOf(outcome.error), ...(outcome.endsOthers ? { endsOthers: true } : {}) };
    case 'left':
      return { imageUri, error: runFailureOf(outcome.error), endsOthers: true };
    case 'cancelled':
      return undefined;
  }
}
