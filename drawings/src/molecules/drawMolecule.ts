/**
 * Draws a molecule in a thread of its own: the library cannot be interrupted, and takes a second to warm up. With the
 * thread it is gone from memory as well.
 */
import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Depiction } from './depict';

export type DrawingAnswer = { readonly drawing: Depiction } | { readonly refused: string };

/** `refused`: the library says why; `time`, `memory`: a limit was reached. */
export type DrawingOutcome =
  | DrawingAnswer
  | { readonly ended: 'time' | 'memory' };

export interface DrawingOptions {
  /** Of the thread's bundle. */
  readonly programPath?: string;
  readonly limitMs?: number;
}

/** Molecules with more written atoms are not drawn: nobody can look at them, and the time grows faster than they do. */
export const MOST_DRAWN_ATOMS = 300;
/** Measured: 300 atoms of chains or rings take one to two seconds of a slow core, the first drawing's start included. */
const LIMIT_MS = 20_000;
const LIMIT_MB = 512;

/** @param smiles Of at most {@link MOST_DRAWN_ATOMS} atoms. @throws Error where no thread can be started. */
export async function drawMolecule(
  smiles: string,
  { programPath = path.join(__dirname, 'molecule-drawing.js'), limitMs = LIMIT_MS }: DrawingOptions = {},
): Promise<DrawingOutcome> {
  const worker = new Worker(programPath, {
    workerData: smiles,
    resourceLimits: { maxOldGenerationSizeMb: LIMIT_MB },
    // The library writes of what it meets, where only the terminal's answers may be.
    stdout: true,
    stderr: true,
  });
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), limitMs);
  try {
    const [answer] = await once(worker, 'message', { signal: timeout.signal }) as [DrawingAnswer];
    return answer;
  } catch (error) {
    if (timeout.signal.aborted) return { ended: 'time' };
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') return { ended: 'memory' };
    throw error;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
