/** What the stand-in for the trainer is told to do: a file of lines that it takes for its data. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** A program that takes Python's place. Windows starts no scripts by their first line. */
export const standIn = path.resolve('test/support/standInTrainer.mjs');
export const skip = process.platform === 'win32' ? 'Windows starts no script in the place of Python' : false;

export const start = {
  event: 'start',
  method: 'lora',
  lines: 8,
  validLines: 2,
  epochs: 2,
  steps: 4,
  learningRate: 0.0001,
  trainable: 194_560,
  parameters: 4_464_672,
  precision: 'f32',
  device: 'cpu',
  processes: 1,
  resumedAt: 0,
};
export const step = (number: number, loss = 1 / number) => ({
  event: 'step',
  step: number,
  steps: 4,
  loss,
  learningRate: 0.0001,
  secondsLeft: 40 - 10 * number,
});
export const done = { event: 'done', step: 4, path: '$OUT', kind: 'adapter', seconds: 12 };

/** Writes the file and returns its path. */
export function trainingScript(folder: string, acts: readonly Readonly<Record<string, unknown>>[]): string {
  const file = path.join(folder, 'train.jsonl');
  writeFileSync(file, acts.map(act => `${JSON.stringify(act)}\n`).join(''));
  return file;
}
