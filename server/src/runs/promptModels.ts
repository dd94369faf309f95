/** Models as a prompt file names them: each one prepared once, folders meant from where the file lies. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { resolvePath } from '../language/text/paths';
import type { SettingValues } from '../language/syntax/settingKeys';
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
    const name = model === undefined ? fallbackName : (await modelFolder(this.documentUri, model)) ?? model;
    const nameOrigin = model === undefined ? undefined : 'document';
    const prepared = await this.runner.prepare({ name, nameOrigin, adapterPath, device, weights });
    this.onPrepared(prepared);
    return prepared;
  }
}

/** The folder that `@model` names from where the prompt file lies; undefined where there is none. */
export async function modelFolder(documentUri: string, model: string): Promise<string | undefined> {
  const uri = resolvePath(documentUri, model);
  if (uri?.startsWith('file:') !== true) return undefined;
  // A folder of another machine: to look there would send the person's credentials.
  if (/^file:\/\/[^/]|^file:\/{4}/.test(uri)) return undefined;
  try {
    const folder = fileURLToPath(uri);
    return (await stat(folder)).isDirectory() ? folder : undefined;
  } catch {
    return undefined;
  }
}
