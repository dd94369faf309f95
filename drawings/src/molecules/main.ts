/** The program of a drawing's thread: one molecule, one answer. */
import { parentPort, workerData } from 'node:worker_threads';
import { depict } from './depict';
import type { DrawingAnswer } from './drawMolecule';

parentPort?.postMessage(answer(String(workerData)));

function answer(smiles: string): DrawingAnswer {
  try {
    return { drawing: depict(smiles) };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}
