/** Counts tokens for data sets by the model that runs where nothing else is said. */
import { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import { tokenSpace, type TokenSpace } from '../../language/knowledge/tokenSpace';
import type { RunServices } from '../../runs/runServices';
import type { Client } from '../connection/client';

export interface TokenCounter extends TokenSpace {
  /** Folder of the model: another one counts otherwise. */
  readonly modelPath: string;
  /** One number for each text; undefined where the model cannot count. */
  count(texts: readonly string[]): Promise<readonly number[] | undefined>;
}

export class SetTokens {
  constructor(
    private readonly client: Pick<Client, 'settings' | 'trust'>,
    private readonly services: Pick<RunServices, 'catalog' | 'pictureHost'>,
  ) {}

  /** Undefined where that model is not on this machine, or is the demo model, whose words are others. */
  async counter(): Promise<TokenCounter | undefined> {
    const { client, services: { catalog } } = this;
    if (!client.trust.isGiven) return undefined;
    const model = await catalog.choose(client.settings.model, 'setting').catch(() => undefined);
    const modelPath = model?.path;
    if (model === undefined || modelPath === undefined || model.isDemo) return undefined;
    const space = tokenSpace(model.id, await catalog.list());
    return space && { ...space, modelPath, count: texts => this.count(modelPath, texts) };
  }

  private async count(modelPath: string, texts: readonly string[]): Promise<readonly number[] | undefined> {
    const token = CancellationToken.None;
    try {
      return await this.services.pictureHost.use(host => host.countTokens({ modelPath, texts }, token), token);
    } catch (error) {
      if (error instanceof Failure) return undefined;
      throw error;
    }
  }
}
