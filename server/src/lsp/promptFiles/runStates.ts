/**
 * What is known of runs at this moment, by picture, prompt, model and settings: looked up at every keystroke, so it is
 * one map.
 */
import { withoutMasks, type RunResult } from '../../../../paligemma/src/runResult';
import type { RunKey, RunState } from '../../language/knowledge/context';

/** `null`: looked for, and nothing is known. */
type Known = RunState | null;

interface OfPrompt {
  readonly states: Map<string, Known>;
  /** States that are not null. */
  amount: number;
}

/** More are not kept: the oldest prompts go first. */
const MOST_PROMPTS = 50_000;

export class RunStates {
  private readonly byPrompt = new Map<string, OfPrompt>();
  private readonly settingsTexts = new WeakMap<object, string>();

  get(run: RunKey): RunState | undefined {
    return this.byPrompt.get(run.prompt)?.states.get(this.keyOf(run)) ?? undefined;
  }

  /** True where {@link set} or {@link setNothing} was called for this run and it was not forgotten since. */
  has(run: RunKey): boolean {
    return this.byPrompt.get(run.prompt)?.states.has(this.keyOf(run)) === true;
  }

  /** A quick no. */
  mayKnow(prompt: string): boolean {
    return (this.byPrompt.get(prompt)?.amount ?? 0) > 0;
  }

  set(run: RunKey, state: RunState): void {
    this.put(run, state);
  }

  setNothing(run: RunKey): void {
    this.put(run, null);
  }

  forget(run: RunKey): void {
    const of = this.byPrompt.get(run.prompt);
    if (of !== undefined) this.drop(run.prompt, of, this.keyOf(run));
  }

  /** The file's content is another one: what was known of it, or of its pages, no longer holds. Active runs stay. */
  forgetImage(imageUri: string): void {
    this.forgetWhere(key => key.startsWith(`${imageUri}\n`) || key.startsWith(`${imageUri}#page=`));
  }

  /** Something was run on the picture elsewhere: that nothing is known of it may no longer be true. */
  forgetNothing(imageUri: string): void {
    this.forgetWhere((key, state) => state === null && key.startsWith(`${imageUri}\n`));
  }

  /** Everything but active runs and failures. */
  forgetAll(): void {
    // What failed stays said until its prompt is edited or runs again, whatever else changes.
    this.forgetWhere((_, state) => state?.kind !== 'failed');
  }

  private forgetWhere(isMeant: (key: string, state: Known) => boolean): void {
    for (const [prompt, of] of this.byPrompt) {
      for (const [key, state] of of.states) {
        if (state?.kind !== 'queued' && state?.kind !== 'running' && isMeant(key, state)) this.drop(prompt, of, key);
      }
    }
  }

  private put(run: RunKey, state: Known): void {
    let of = this.byPrompt.get(run.prompt);
    if (of === undefined) {
      this.byPrompt.set(run.prompt, of = { states: new Map(), amount: 0 });
      const [oldest] = this.byPrompt.keys();
      if (this.byPrompt.size > MOST_PROMPTS && oldest !== undefined) this.byPrompt.delete(oldest);
    }
    const key = this.keyOf(run);
    const before = of.states.get(key) ?? null;
    of.amount += Number(state !== null) - Number(before !== null);
    of.states.set(key, state);
  }

  private drop(prompt: string, of: OfPrompt, key: string): void {
    if ((of.states.get(key) ?? null) !== null) of.amount--;
    of.states.delete(key);
    if (of.states.size === 0) this.byPrompt.delete(prompt);
  }

  private keyOf({ imageUri, model, settings }: RunKey): string {
    let text = this.settingsTexts.get(settings);
    if (text === undefined) {
      // What the answer is shown as makes no other run of it.
      const { show: _, ...ofRun } = settings;
      this.settingsTexts.set(settings, text = JSON.stringify(Object.entries(ofRun).sort()));
    }
    return `${imageUri}\n${model ?? ''}\n${text}`;
  }
}

/** A result without what takes memory and no feature of the language shows: masks, ids, probabilities. */
export function doneState(result: RunResult): RunState {
  return { kind: 'done', result: { ...withoutMasks(result), tokenIds: [], tokenProbabilities: [] } };
}
