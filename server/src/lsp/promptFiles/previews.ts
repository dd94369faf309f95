/**
 * Pictures with the boxes and masks of a result drawn on them, made by the model host when a hover wants one, kept in
 * the cache folder.
 */
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { RunKey } from '../../language/knowledge/context';
import type { PromptModels } from '../../runs/promptModels';
import type { Runner } from '../../runs/runner';
import type { HostAccess } from '../../runs/runner';
import type { Log } from '../../util/log';
import { trimFolder, type FolderLimits } from '../../util/trimFolder';
import { pathOfUri } from '../../workspace/filePaths';
import type { RunStates } from './runStates';

/** A larger picture takes too long to draw for a hover. */
const MOST_PIXELS = 16_000_000;
const LIMITS: FolderLimits = { files: 300, bytes: 2 ** 28 };

export interface PreviewsOptions {
  readonly folderPath: string;
  readonly host: HostAccess;
  readonly runner: Runner;
  readonly states: RunStates;
  readonly log: Log;
  /** Behind the address of a picture, so that the client draws it small; undefined: the client shows no pictures. */
  readonly suffix: () => string | undefined;
}

export class Previews {
  /** By name of the file: true once it lies there. */
  private readonly ready = new Map<string, boolean>();
  private isPruned = false;

  constructor(private readonly options: PreviewsOptions) {}

  /** The picture of a run where it is drawn by now. */
  get(run: RunKey): string | undefined {
    const name = this.nameOf(run);
    const { suffix, folderPath } = this.options;
    return name !== undefined && this.ready.get(name) === true
      ? pathToFileURL(path.join(folderPath, name)).href + (suffix() ?? '')
      : undefined;
  }

  /** Draws what is not drawn yet. Never rejects: without a picture the hover shows the text alone. */
  async prepare(run: RunKey, models: PromptModels, token: CancellationToken): Promise<void> {
    const name = this.nameOf(run);
    if (name === undefined || this.options.suffix() === undefined || this.ready.has(name)) return;
    this.ready.set(name, false);
    try {
      await this.prune();
      const outPath = path.join(this.options.folderPath, name);
      if ((await stat(outPath).catch(() => undefined)) === undefined) await this.draw(run, models, outPath, token);
      this.ready.set(name, true);
    } catch (error) {
      this.ready.delete(name);
      if (!token.isCancellationRequested) {
        this.options.log('warn', 'server.language', `The boxes of a result could not be drawn: ${String(error)}`);
      }
    }
  }

  private async draw(run: RunKey, models: PromptModels, outPath: string, token: CancellationToken): Promise<void> {
    const { host, runner, states } = this.options;
    const imagePath = pathOfUri(run.imageUri);
    const state = states.get(run);
    if (imagePath === undefined || state?.kind !== 'done') throw new Error('the result is gone');
    const model = await models.get(run);
    const key = runner.keyOf({
      model,
      imagePath,
      prompt: run.prompt,
      maxNewTokens: run.settings.maxNewTokens,
      locDivisor: run.settings.locDivisor,
    }, state.result.image.sha256);
    // The store has the masks, which the state leaves out.
    const { regions } = await runner.stored(key, { model, imagePath }) ?? state.result;
    await host.use(client => client.overlay({ imagePath, regions, outPath }, token), token);
  }

  /** Undefined where there is nothing to draw. */
  private nameOf(run: RunKey): string | undefined {
    const state = this.options.states.get(run);
    if (state?.kind !== 'done') return undefined;
    const { image, regions, suffix } = state.result;
    if (regions.length === 0 || image.widthPx * image.heightPx > MOST_PIXELS) return undefined;
    return `${
      createHash('sha256').update(JSON.stringify([image.sha256, suffix, regions])).digest('hex').slice(0, 40)
    }.png`;
  }

  /** Old ones go, once in the life of the server. */
  private async prune(): Promise<void> {
    if (this.isPruned) return;
    this.isPruned = true;
    await mkdir(this.options.folderPath, { recursive: true });
    await trimFolder(this.options.folderPath, LIMITS);
  }
}
