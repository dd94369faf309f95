/** Finds in the result store what is known of the prompts of open files, in the background. */
import type { LanguageContext, RunKey } from '../../language/knowledge/context';
import type { PromptDocument } from '../../language/syntax/document';
import type { PromptNode, PromptState } from '../../language/syntax/parser';
import { runsOfPrompt } from '../../language/knowledge/promptRuns';
import type { PromptModels } from '../../runs/promptModels';
import type { PreparedModel, Runner } from '../../runs/runner';
import { Slices } from '../../util/slices';
import { localImagePath } from '../../runs/imagePath';
import type { WatchedPictures } from '../../runs/watchedPictures';
import { doneState, type RunStates } from './runStates';
import { storedKeyOf } from './storedKey';

/** Pictures of one prompt that are looked for; the others become known when they run. */
const MOST_IMAGES = 200;
/** Pictures that are hashed for one document: reading them all would keep the disk busy for minutes. */
const MOST_HASHED = 1_000;

export interface ResultFinderOptions {
  readonly runner: Runner;
  readonly states: RunStates;
  readonly hashes: WatchedPictures;
  readonly context: LanguageContext;
  readonly modelsOf: (documentUri: string) => PromptModels;
  /** The reading of a document at this moment; undefined once it is closed. */
  readonly current: (uri: string) => PromptDocument | undefined;
  readonly onFound: () => void;
}

export class ResultFinder {
  /** Prompts that were looked for where they stand. */
  private visited = new WeakSet<PromptNode>();
  private readonly busy = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();

  constructor(private readonly options: ResultFinderOptions) {}

  /** Everything is looked for again: pictures, models or settings are others than before. */
  reset(): void {
    this.visited = new WeakSet();
  }

  /** Looks for what is new in a document. Resolves when everything was looked for; never rejects. */
  look(uri: string): Promise<void> {
    const busy = this.busy.get(uri);
    if (busy !== undefined) {
      this.again.add(uri);
      return busy;
    }
    const work = this.lookUntilQuiet(uri).finally(() => this.busy.delete(uri));
    this.busy.set(uri, work);
    return work;
  }

  private async lookUntilQuiet(uri: string): Promise<void> {
    do {
      this.again.delete(uri);
      const document = this.options.current(uri);
      if (document !== undefined) await this.lookThrough(document).catch(() => undefined);
    } while (this.again.has(uri));
  }

  private async lookThrough(document: PromptDocument): Promise<void> {
    const { visited } = this;
    const prompts = document.prompts.filter(prompt => !visited.has(prompt));
    if (prompts.length === 0) return;
    const sweep = new Sweep(this.options, document, await this.options.runner.storedKeys());
    const slices = new Slices();
    try {
      for (const prompt of prompts) {
        if (this.visited !== visited) return;
        if (sweep.isEmpty || await sweep.look(prompt)) visited.add(prompt);
        if (slices.isOver) await slices.turn();
      }
    } finally {
      if (sweep.found > 0) this.options.onFound();
    }
  }
}

class Sweep {
  found = 0;
  private readonly hashes = new Map<string, string | undefined>();
  private readonly models = new Map<PromptState, PreparedModel | undefined>();

  constructor(
    private readonly options: ResultFinderOptions,
    private readonly document: PromptDocument,
    private readonly storedKeys: ReadonlySet<string>,
  ) {}

  get isEmpty(): boolean {
    return this.storedKeys.size === 0;
  }

  /** False where its pictures are not known yet. */
  async look(prompt: PromptNode): Promise<boolean> {
    const { document, options: { context } } = this;
    const items = prompt.state.images?.items ?? [];
    const isReady = items.every(({ text }) => text === '' || context.images(document.uri, text) !== undefined);
    for (const run of runsOfPrompt(document, prompt, context).slice(0, MOST_IMAGES)) {
      await this.lookFor(run, prompt.state);
    }
    return isReady;
  }

  private async lookFor(run: RunKey, state: PromptState): Promise<void> {
    const { states, runner } = this.options;
    const imagePath = localImagePath(run.imageUri);
    if (imagePath === undefined || states.has(run)) return;
    const model = await this.modelOf(run, state);
    const sha256 = model === undefined ? undefined : await this.hashOf(imagePath);
    if (model === undefined || sha256 === undefined) return;
    const key = storedKeyOf(run, { model, imagePath, sha256 }, runner);
    const result = this.storedKeys.has(key) ? await runner.stored(key, { model, imagePath }) : undefined;
    // It may have been started meanwhile.
    if (states.has(run)) return;
    if (result === undefined) return states.setNothing(run);
    states.set(run, doneState(result));
    this.found++;
  }

  private async hashOf(imagePath: string): Promise<string | undefined> {
    if (!this.hashes.has(imagePath)) {
      if (this.hashes.size >= MOST_HASHED) return undefined;
      this.hashes.set(imagePath, await this.options.hashes.get(imagePath));
    }
    return this.hashes.get(imagePath);
  }

  private async modelOf(run: RunKey, state: PromptState): Promise<PreparedModel | undefined> {
    if (!this.models.has(state)) {
      this.models.set(
        state,
        await this.options.modelsOf(this.document.uri).get(run).catch(() => undefined),
      );
    }
    return this.models.get(state);
  }
}
