/**
 * Remembers batches on disk, so that one that was cancelled, or cut off with its window, can go on where it stopped.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../../system/src/makeFolder';
import { readPlainText, writePlainText } from '../../../system/src/plainFile';
import { parsePlan } from './plan';
import type { BatchPlan } from './plan';

export interface InterruptedBatch {
  readonly plan: BatchPlan;
  /** Indexes of the pictures that are answered; failed ones are not among them and get a second chance. */
  readonly done: ReadonlySet<number>;
  /** True where the person stopped it; false where it was cut off. */
  readonly isCancelled: boolean;
}

/** Batches that can be resumed; older ones are forgotten when another begins. */
const MOST_KEPT = 10;
/** Bytes: addresses of a million pictures. */
const MOST_PLAN_BYTES = 256 << 20;
const PLAN_ENDING = '.plan.json';

/** Two files a batch: the plan, written once, and a line for each answered picture. */
export class BatchJournal {
  /** Batches of this window that are under way. */
  private readonly active = new Set<string>();

  /** @param folderPath Absolute; made with the first batch. */
  constructor(private readonly folderPath: string) {}

  /** @param done Indexes that need no run. */
  async begin(plan: BatchPlan, done: ReadonlySet<number>): Promise<void> {
    this.active.add(plan.id);
    await makeFolder(this.folderPath);
    await this.forgetOld();
    await writePlainText(this.planPath(plan.id), JSON.stringify(plan), 'replace');
    await writePlainText(this.donePath(plan.id), [...done].map(index => `${index}\n`).join(''), 'replace');
  }

  async done(id: string, index: number): Promise<void> {
    await writePlainText(this.donePath(id), `${index}\n`, 'append');
  }

  /** Ends the batch for now; it can be resumed. */
  async pause(id: string, isCancelled: boolean): Promise<void> {
    this.active.delete(id);
    if (isCancelled) await writePlainText(this.donePath(id), 'cancelled\n', 'append');
  }

  /** Forgets the batch. */
  async forget(id: string): Promise<void> {
    this.active.delete(id);
    await Promise.all([this.planPath(id), this.donePath(id)].map(file => rm(file, { force: true })));
  }

  /** The batch that stopped last; one that is under way does not count. */
  async newest(): Promise<InterruptedBatch | undefined> {
    for (const name of await this.inactive()) {
      const plan = parsePlan(await readPlainText(path.join(this.folderPath, name), MOST_PLAN_BYTES) ?? '');
      if (plan !== undefined) return { plan, ...await this.state(plan) };
    }
    return undefined;
  }

  private async forgetOld(): Promise<void> {
    for (const name of (await this.inactive()).slice(MOST_KEPT - 1)) await this.forget(idOf(name));
  }

  /** File names of the plans that are not under way in this window, the latest first. */
  private async inactive(): Promise<string[]> {
    const names = await readdir(this.folderPath).catch(() => []);
    const plans = names.filter(name => name.endsWith(PLAN_ENDING) && !this.active.has(idOf(name)));
    const dated = await Promise.all(
      plans.map(async name => ({
        name,
        at: (await stat(path.join(this.folderPath, name)).catch(() => undefined))?.mtimeMs ?? 0,
      })),
    );
    return dated.sort((a, b) => b.at - a.at).map(({ name }) => name);
  }

  private async state({ id, imageUris }: BatchPlan): Promise<Pick<InterruptedBatch, 'done' | 'isCancelled'>> {
    const lines = (await readPlainText(this.donePath(id), MOST_PLAN_BYTES) ?? '').split('\n').filter(line =>
      line !== ''
    );
    const indexes = lines.map(Number).filter(index =>
      Number.isInteger(index) && index >= 0 && index < imageUris.length
    );
    return { done: new Set(indexes), isCancelled: lines.at(-1) === 'cancelled' };
  }

  private planPath(id: string): string {
    return path.join(this.folderPath, `${id}${PLAN_ENDING}`);
  }

  private donePath(id: string): string {
    return path.join(this.folderPath, `${id}.done`);
  }
}

function idOf(planName: string): string {
  return planName.slice(0, -PLAN_ENDING.length);
}
