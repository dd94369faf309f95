/** Pictures with the boxes and masks of a result drawn on them: made when a hover wants one, then known at once. */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { RunKey } from '../../language/knowledge/context';
import type { PromptModels } from '../../runs/promptModels';
import { storedKeyOf } from './storedKey';
import type { Runner } from '../../runs/runner';
import { orCancelled } from '../../util/cancellation';
import type { Log } from '../../util/log';
import { localImagePath } from '../../runs/imagePath';
import type { Thumbnails } from '../pictures/thumbnails';
import type { RunStates } from './runStates';

/** More are not kept in mind: the oldest go first, and are found on disk again. */
const MOST_KNOWN = 10_000;

export interface PreviewsOptions {
  readonly thumbnails: Pick<Thumbnails, 'get'>;
  readonly runner: Pick<Runner, 'keyOf' | 'stored'>;
  readonly states: RunStates;
  readonly log: Log;
  /** Behind the address of a picture, so that the client draws it small; undefined: the client shows no pictures. */
  readonly suffix: () => string | undefined;
}

export class Previews {
  /** The URI of each picture that is drawn, by what is drawn on which picture; undefined while it is being drawn. */
  private readonly drawn = new Map<string, string | undefined>();

  constructor(private readonly options: PreviewsOptions) {}

  /** The picture of a run where it is drawn by now. */
  get(run: RunKey): string | undefined {
    const result = this.resultOf(run);
    const uri = result === undefined ? undefined : this.drawn.get(contentOf(result));
    return uri === undefined ? undefined : uri + (this.options.suffix() ?? '');
  }

  /** Draws what is not drawn yet. Never rejects: without a picture the hover shows the text alone. */
  async prepare(run: RunKey, models: PromptModels, token: CancellationToken): Promise<void> {
    const result = this.resultOf(run);
    if (result === undefined || this.options.suffix() === undefined) return;
    const content = contentOf(result);
    if (this.drawn.has(content)) return;
    this.drawn.set(content, undefined);
    const [oldest] = this.drawn.keys();
    if (this.drawn.size > MOST_KNOWN && oldest !== undefined) this.drawn.delete(oldest);
    try {
      this.drawn.set(content, await this.draw(run, result, models, token));
    } catch (error) {
      this.drawn.delete(content);
      if (!token.isCancellationRequested) {
        this.options.log('warn', 'server.language', `The boxes of a result could not be drawn: ${String(error)}`);
      }
    }
  }

  private async draw(
    run: RunKey,
    result: RunResult,
    models: PromptModels,
    token: CancellationToken,
  ): Promise<string> {
    const { thumbnails, runner } = this.options;
    const imagePath = localImagePath(run.imageUri);
    if (imagePath === undefined) throw new Error('the picture is not on this machine');
    const model = await models.get(run);
    const { sha256, widthPx, heightPx } = result.image;
    const key = storedKeyOf(run, { model, imagePath, sha256 }, runner);
    // The store has the masks, which the state leaves out.
    const { regions } = await runner.stored(key, { model, imagePath }) ?? result;
    const made = thumbnails.get({ path: imagePath, sha256, widthPx, heightPx }, regions);
    return pathToFileURL((await orCancelled(made, token)).path).href;
  }

  /** Undefined where there is nothing to draw. */
  private resultOf(run: RunKey): RunResult | undefined {
    const state = this.options.states.get(run);
    return state?.kind === 'done' && state.result.regions.length > 0 ? state.result : undefined;
  }
}

function contentOf({ image: { sha256 }, suffix, regions }: RunResult): string {
  return createHash('sha256').update(JSON.stringify([sha256, suffix, regions])).digest('hex');
}
