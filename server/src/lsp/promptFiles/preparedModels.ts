import { PromptModels } from '../../runs/promptModels';
import type { Runner } from '../../runs/runner';
import type { Timers } from '../../util/timers';

/** A model that is replaced, or added, is seen after this time. */
const MOST_AGE_MS = 15_000;

/** The models that the prompts of open files name, looked up once in a while. */
export class PreparedModels {
  private readonly byDocument = new Map<string, PromptModels>();

  constructor(private readonly runner: Runner, private readonly timers: Timers) {}

  readonly of = (documentUri: string): PromptModels => {
    const known = this.byDocument.get(documentUri);
    if (known !== undefined) return known;
    const models = new PromptModels(this.runner, documentUri);
    this.byDocument.set(documentUri, models);
    this.timers.after(MOST_AGE_MS, () => {
      if (this.byDocument.get(documentUri) === models) this.byDocument.delete(documentUri);
    });
    return models;
  };

  forget(documentUri: string): void {
    this.byDocument.delete(documentUri);
  }

  forgetAll(): void {
    this.byDocument.clear();
  }
}
