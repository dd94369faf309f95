/** Which product of 8-bit weights suits the processor of this machine. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeNewFolder } from '../../../system/src/makeFolder';
import type { VisionConfig } from '../checkpoint/config';
import { GraphBuilder } from '../graph/graphBuilder';
import { linear, type BlockMatrix, type RowMatrix } from '../graph/weights';
import { floatTensor, openSession, type GraphSession, type Tensor } from '../runtime/ort';
import { DataFile } from './dataFile';
import { BLOCK_SIZE } from './weightWriter';
import { writeFailure } from '../util/writeFailure';

/**
 * `blocks`: activations are rounded to 8 bits too, with a scale for each block of 64. Where the processor sums products
 * of bytes in one instruction (AVX-512 VNNI) a tower takes 0.85 of the time of float32 weights; with AVX2 alone a
 * product takes 1.7 times as long. `float32`: the weights are widened in each run, and activations are not rounded. A
 * product takes 1.2 to 1.4 times as long as with float32 weights, whatever the processor.
 *
 * One scale for all activations (DynamicQuantizeMatMul) is faster than both, but errs by 11 % where one channel is
 * large, blocks by 1 %: left out, as the error of the tower reaches every token of the picture.
 */
export type EightBitProduct = 'blocks' | 'float32';

/** Rows of activations: a picture of 224 px. */
const TOKENS = 256;
const REPEATS = 4;

/**
 * Multiplies a matrix of the tower's width in both ways, in turn, and compares the best times; takes 0.3 s on two cores
 * without VNNI.
 * @param home A folder in which one is made, and removed at the end. @throws Failure of the cache kind;
 *   runtimeFailed.
 */
export async function fasterProduct(
  home: string,
  { hiddenSize: width }: Pick<VisionConfig, 'hiddenSize'>,
): Promise<EightBitProduct> {
  const folder = path.join(home, 'measured');
  try {
    await makeNewFolder(folder).catch((error: unknown) => {
      throw writeFailure(folder, error);
    });
    const { blocks, rows } = await writeMatrices(folder, width);
    const x = floatTensor(Float32Array.from({ length: TOKENS * width }, (_, i) => Math.sin(i)), [TOKENS, width]);
    const [blocksMs, rowsMs] = await bestTimes(
      [await writeProduct(folder, blocks), await writeProduct(folder, rows)],
      x,
    );
    return blocksMs! <= rowsMs! ? 'blocks' : 'float32';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same bytes as both kinds of matrix: what they stand for does not matter here. */
async function writeMatrices(folder: string, width: number): Promise<{ blocks: BlockMatrix; rows: RowMatrix }> {
  const file = await DataFile.create(folder, 'weights.data');
  const blocksPerRow = Math.ceil(width / BLOCK_SIZE);
  const data = file.reserve(width * blocksPerRow * BLOCK_SIZE);
  const scales = await file.append(new Float32Array(width * blocksPerRow).fill(1 / 128));
  await file.write(data, 0, Uint8Array.from({ length: data.length }, (_, i) => i & 255));
  await file.finish();
  const shape = { rows: width, columns: width };
  return {
    blocks: { ...shape, type: 'blocks', bits: 8, blockSize: BLOCK_SIZE, data, scales },
    rows: {
      ...shape,
      type: 'rows',
      data: { ...data, length: width ** 2 },
      scales: { ...scales, length: width * Float32Array.BYTES_PER_ELEMENT },
    },
  };
}

async function writeProduct(folder: string, weight: BlockMatrix | RowMatrix): Promise<string> {
  const graph = new GraphBuilder(weight.type);
  const product = linear(graph, '/product', graph.input('x', 'float32', ['tokens', weight.columns]), weight);
  // Little to copy out: only the product is of interest.
  graph.output('y', graph.node('ReduceMax', '/largest', [product]), 'float32', [1, 1]);
  const file = path.join(folder, `${weight.type}.onnx`);
  await writeFile(file, graph.model()).catch((error: unknown) => {
    throw writeFailure(file, error);
  });
  return file;
}

/** Milliseconds of the best run of each graph; the first one, which warms up, does not count. */
async function bestTimes(files: readonly string[], x: Tensor): Promise<number[]> {
  const sessions: GraphSession[] = [];
  try {
    for (const file of files) sessions.push(await openSession(file, 'cpu', []));
    const best = files.map(() => Infinity);
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      for (const [index, session] of sessions.entries()) {
        const started = performance.now();
        await session.run({ x }, ['y']);
        if (repeat > 0) best[index] = Math.min(best[index]!, performance.now() - started);
      }
    }
    return best;
  } finally {
    await Promise.allSettled(sessions.map(session => session.release()));
  }
}
