/**
 * Remembers batches on disk, so that one that was cancelled, or cut off with its window, can go on where it stopped.
 */
import { rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import path from 'node:path';
import { addText, isAlive, placeFile, readText, removeFile, sweepPartials } from './disk';
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
const PLAN_ENDING = '.plan.json';

/**
 * Two files a batch: the plan, written once, and a line for each answered picture; a third one as long as it is under
 * way, with the process that runs it, so that no other window offers to go on with it. Where they cannot be written, the
 * batch cannot be gone on with, and that is all: nothing here rejects.
 */
export class BatchJournal {
  private readonly underWay = new Set<string>();

  /** @param folderPath Absolute; made with the first batch. */
  constructor(private readonly folderPath: string) {}

  /** @param done Indexes that need no run. */
  async begin(plan: BatchPlan, done: ReadonlySet<number>): Promise<void> {
    this.underWay.add(plan.id);
    await placeFile(this.runningPath(plan.id), String(process.pid), true, true);
    await this.forgetOld();
    await sweepPartials([this.donePath(plan.id), this.planPath(plan.id)]);
    await placeFile(this.donePath(plan.id), [...done].map(index => `${index}\n`).join(''), true, true);
    await placeFile(this.planPath(plan.id), JSON.stringify(plan), true, true);
  }

  async done(id: string, index: number): Promise<void> {
    await attempt(() => addText(this.donePath(id), `${index}\n`));
  }

  /** Ends the batch for now; it can be resumed. */
  async pause(id: string, isCancelled: boolean): Promise<void> {
    this.underWay.delete(id);
    await attempt(() => removeFile(this.runningPath(id)));
    if (isCancelled) await attempt(() => addText(this.donePath(id), 'cancelled\n'));
  }

  /** At the end of the process, which waits for nothing: another one may go on with what is under way. */
  release(): void {
    for (const id of this.underWay) rmSync(this.runningPath(id), { force: true });
  }

  /** Forgets the batch. */
  async forget(id: string): Promise<void> {
    this.underWay.delete(id);
    for (const file of [this.planPath(id), this.donePath(id), this.runningPath(id)]) {
      await attempt(() => removeFile(file));
    }
  }

  /** The batch that stopped last; one that is under way does not count. */
  async newest(): Promise<InterruptedBatch | undefined> {
    for (const name of await this.inactive()) {
      const batch = await this.find(idOf(name));
      if (batch !== undefined) return batch;
    }
    return undefined;
  }

  /** Whether another process runs one. */
  async hasOthers(): Promise<boolean> {
    for (const name of await this.plans()) {
      const id = idOf(name);
      if (!this.underWay.has(id) && await this.isUnderWay(id)) return true;
    }
    return false;
  }

  /** The batch of this id, where it stopped. */
  async find(id: string): Promise<InterruptedBatch | undefined> {
    const plan = parsePlan(await readOwn(this.planPath(id)));
    return plan === undefined ? undefined : { plan, ...await this.state(plan) };
  }

  private async forgetOld(): Promise<void> {
    for (const name of (await this.inactive()).slice(MOST_KEPT - 1)) await this.forget(idOf(name));
  }

  /** File names of the plans that are not under way, the latest first. */
  private async inactive(): Promise<string[]> {
    const dated = await Promise.all(
      (await this.plans()).map(async name => ({
        name,
        at: await changedAt(path.join(this.folderPath, name)),
        isUnderWay: await this.isUnderWay(idOf(name)),
      })),
    );
    return dated.filter(({ isUnderWay }) => !isUnderWay).sort((a, b) => b.at - a.at).map(({ name }) => name);
  }

  private async plans(): Promise<string[]> {
    const names = await readdir(this.folderPath).catch(() => []);
    return names.filter(name => name.endsWith(PLAN_ENDING));
  }

  /** A process that is gone leaves its file behind; after a start of the machine its number is another's. */
  private async isUnderWay(id: string): Promise<boolean> {
    const file = this.runningPath(id);
    const pid = Number(await readOwn(file));
    return pid > 0 && isAlive(pid) && await changedAt(file) > Date.now() - uptime() * 1000;
  }

  private async state({ id, imageUris }: BatchPlan): Promise<Pick<InterruptedBatch, 'done' | 'isCancelled'>> {
    // What follows the last line end was cut off.
    const lines = (await readOwn(this.donePath(id))).split('\n').slice(0, -1);
    const indexes = lines.filter(line => /^\d+$/.test(line)).map(Number).filter(index =>
      Number.isInteger(index) && index >= 0 && index < imageUris.length
    );
    return { done: new Set(indexes), isCancelled: lines.at(-1) === 'cancelled' };
  }

  private runningPath(id: string): string {
    return path.join(this.folderPath, `${id}.running`);
  }

  private planPath(id: string): string {
    return path.join(this.folderPath, `${id}${PLAN_ENDING}`);
  }

  private donePath(id: string): string {
    return path.join(this.folderPath, `${id}.done`);
  }
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
  await work().catch(() => undefined);
}

async function readOwn(filePath: string): Promise<string> {
  return await readText(filePath).catch(() => undefined) ?? '';
}

/** Milliseconds since 1970; 0 where there is no such file. */
async function changedAt(filePath: string): Promise<number> {
  return (await stat(filePath).catch(() => undefined))?.mtimeMs ?? 0;
}

function idOf(planName: string): string {
  return planName.slice(0, -PLAN_ENDING.length);
}
