/** Models as a prompt file names them: each one prepared once, folders meant from where the file lies. */
import os from 'node:os';
import path from 'node:path';
import type { ModelInfo } from '../contract/protocol';
import { findModel, knownCheckpoint } from '../language/knowledge/models';
import { resolvePath } from '../language/text/paths';
import type { SettingValues } from '../language/syntax/settingKeys';
import { isPath } from '../models/catalog/catalog';
import { leadsElsewhere } from '../util/linksElsewhere';
import { pathOfUri, statOf } from '../workspace/filePaths';
import type { ModelWish, PreparedModel, Runner } from './runner';

/** What of a prompt decides its model. */
export interface ModelOfPrompt {
  readonly model: string | undefined;
  readonly settings: Pick<SettingValues, 'device' | 'weights'>;
}

export class PromptModels {
  private readonly known = new Map<string, Promise<PreparedModel>>();

  /** `fallback`: what holds where the file says nothing. `onPrepared` is called once for each model. */
  constructor(
    private readonly runner: Pick<Runner, 'prepare'>,
    private readonly documentUri: string,
    private readonly fallback: Pick<ModelWish, 'name' | 'adapterPath'> = {},
    private readonly onPrepared: (model: PreparedModel) => void = () => undefined,
  ) {}

  /** @throws Failure where the model cannot be had. */
  get({ model, settings: { device, weights } }: ModelOfPrompt): Promise<PreparedModel> {
    const key = JSON.stringify([model, device, weights]);
    let known = this.known.get(key);
    if (known === undefined) this.known.set(key, known = this.prepare(model, device, weights));
    return known;
  }

  private async prepare(
    model: string | undefined,
    device: ModelWish['device'],
    weights: ModelWish['weights'],
  ): Promise<PreparedModel> {
    const { name: fallbackName, adapterPath } = this.fallback;
    const named = model === undefined
      ? { name: fallbackName }
      : { name: model, nameOrigin: 'document' as const, folder: await existingFolder(this.documentUri, model) };
    const prepared = await this.runner.prepare({ ...named, adapterPath, device, weights });
    this.onPrepared(prepared);
    return prepared;
  }
}

/**
 * What `@model` is as a path from where the prompt file lies, absolute. Undefined for what is no path, and for one of
 * another machine. Nothing is looked up.
 */
export function modelFolder(documentUri: string, model: string): string | undefined {
  return /^~(?:[/\\]|$)/.test(model)
    ? path.join(os.homedir(), model.slice(1))
    : pathOfUri(resolvePath(documentUri, model));
}

/** The same where it is a folder, and no link leads from it to another machine. */
export async function existingFolder(documentUri: string, model: string): Promise<string | undefined> {
  const folder = modelFolder(documentUri, model);
  if (folder === undefined || await leadsElsewhere(folder)) return undefined;
  return (await statOf(folder))?.isDirectory() === true ? folder : undefined;
}

/**
 * What a run takes for the model that `@model` means in this document, wherever the run is asked for: the name of a model
 * that is known, else the whole path of its folder; else what is written.
 * @param models Those that are there.
 */
export async function nameEverywhere(
  documentUri: string,
  model: string,
  models: readonly ModelInfo[],
): Promise<string> {
  const isName = findModel(model, models) !== undefined || (knownCheckpoint(model) !== undefined && !isPath(model));
  return isName ? model : await existingFolder(documentUri, model) ?? model;
}
