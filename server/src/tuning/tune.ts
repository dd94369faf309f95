/** One training from what the person names to a model in the list, the same way for the editor and for the terminal. */
import * as l10n from '@vscode/l10n';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { ADAPTER_CONFIG_FILE, ADAPTER_FILE } from '../../../paligemma/src/folderContents';
import { Failure } from '../../../paligemma/src/failures';
import type { TrainerEvent, TuneParams, TuneResult } from '../contract/tuning';
import type { ChosenFolder, ModelCatalog, NameOrigin } from '../models/catalog/catalog';
import { addAdapter, addModel } from '../models/folders/addModel';
import { openCache } from '../models/folders/cachePath';
import type { Log } from '../util/log';
import type { Timers } from '../util/timers';
import { runTrainer, type TrainerDone } from './trainer';
import { pythonsFor } from './trainerEnvironment';

export interface TuneWish extends Omit<TuneParams, 'partialResultToken'> {
  /** Program, by its absolute path or a name on the PATH; without it what Python is called there. */
  readonly python?: string | undefined;
  /** Who gave the name of the model. */
  readonly nameOrigin: NameOrigin;
}

export interface TuneServices {
  readonly catalog: Pick<ModelCatalog, 'choose'>;
  readonly cachePath: string;
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  readonly log: Log;
  readonly timers: Timers;
  readonly onEvent: (event: TrainerEvent) => void;
  /** Gets what ends the trainer at once. */
  readonly onStart?: (endNow: () => void) => void;
}

/**
 * Trains, looks whether the result is there, and puts it into the list of models.
 * @throws Failure `modelMissing`, `modelElsewhere`, `modelUnsupported`, and what the trainer meets; CancelledError.
 */
export async function tune(wish: TuneWish, services: TuneServices, token: CancellationToken): Promise<TuneResult> {
  const base = await trainable(wish, services.catalog);
  const { packageRoot, log, timers, onEvent, onStart } = services;
  const done = await runTrainer(
    {
      pythons: pythonsFor(wish.python, process.platform),
      scriptPath: path.join(packageRoot, 'tuning', 'tune.py'),
      args: argumentsOf(wish, base.path),
      log,
      timers,
      onEvent,
      ...(onStart === undefined ? {} : { onStart }),
    },
    token,
  );
  await checkResult(done, wish.out);
  const cache = await openCache(services.cachePath);
  const { id } = done.kind === 'adapter'
    ? await addAdapter(wish.out, base.path, cache)
    : await addModel(wish.out, cache);
  return { id, path: wish.out, kind: done.kind, base: base.path };
}

/** The checkpoint of a model. @throws Failure for what cannot be trained. */
async function trainable(
  { model, nameOrigin }: TuneWish,
  catalog: Pick<ModelCatalog, 'choose'>,
): Promise<ChosenFolder> {
  const chosen = await catalog.choose(model, nameOrigin);
  if (chosen.path === undefined) {
    throw new Failure(
      'modelElsewhere',
      l10n.t('{0} runs on a server; only a checkpoint on this machine can be trained. Name its folder.', model),
    );
  }
  if (chosen.adapterPath !== undefined) {
    throw new Failure(
      'modelUnsupported',
      l10n.t('{0} is an adapter. Name the model that it was trained on: {1}.', model, chosen.path),
    );
  }
  if (chosen.conversion !== undefined) {
    throw new Failure(
      'modelUnsupported',
      l10n.t('{0} is converted already. Name the checkpoint that it was made from, the one with *.safetensors.', model),
    );
  }
  return chosen;
}

function argumentsOf({ file, valid, out, method, settings }: TuneWish, basePath: string): readonly string[] {
  const optional = (name: string, value: string | undefined) => value === undefined ? [] : [name, value];
  return [
    file,
    ...['--model', basePath, '--out', out, '--method', method],
    ...optional('--valid', valid),
    ...optional('--settings', settings),
    '--stop-at-end-of-input',
  ];
}

/** What a trainer says of its result is looked at before anything is made of it. */
async function checkResult({ kind }: TrainerDone, out: string): Promise<void> {
  const wanted = kind === 'adapter' ? [ADAPTER_CONFIG_FILE, ADAPTER_FILE] : ['config.json'];
  const infos = await Promise.all(wanted.map(name => stat(path.join(out, name)).catch(() => undefined)));
  const missing = wanted.find((_, index) => infos[index]?.isFile() !== true);
  if (missing === undefined) return;
  throw new Failure(
    'trainingFailed',
    l10n.t('The trainer said that it was done, but {0} holds no {1}. Train again in a new folder.', out, missing),
  );
}
