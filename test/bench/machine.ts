// Measured process: what the machine's memory and arithmetic give at best, through the runtime that both sides use.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { availableParallelism } from 'node:os';
import { GraphBuilder } from '../../model-host/src/graph/graphBuilder';

export interface MachineFigures {
  readonly readGbPerSecond: number;
  readonly gflopPerSecond: number;
}

const REPEATS = 7;

/** Best time of one run, milliseconds. */
async function bestOf(graph: GraphBuilder, feeds: Record<string, Tensor>): Promise<number> {
  const session = await InferenceSession.create(graph.model(), {
    executionProviders: ['cpu'],
    intraOpNumThreads: availableParallelism(),
  });
  let best = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const started = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - started);
  }
  await session.release();
  return best;
}

/** Largest value of each row of a matrix far larger than any cache: nothing but reading. */
async function readSpeed(megabytes: number): Promise<number> {
  const rows = 64;
  const columns = (megabytes * 2 ** 20) / 4 / rows;
  const graph = new GraphBuilder('read');
  graph.output(
    'y',
    graph.node('ReduceMax', '/largest', [graph.input('x', 'float32', [rows, columns]), graph.integers([1])], {
      keepdims: 0,
    }),
    'float32',
    [rows],
  );
  const ms = await bestOf(graph, {
    x: new Tensor('float32', new Float32Array(rows * columns).fill(1), [rows, columns]),
  });
  return (rows * columns * 4) / ms / 1e6;
}

async function multiplySpeed(side: number): Promise<number> {
  const graph = new GraphBuilder('multiply');
  const x = graph.input('x', 'float32', [side, side]);
  graph.output('y', graph.node('MatMul', '/product', [x, x]), 'float32', [side, side]);
  const ms = await bestOf(graph, { x: new Tensor('float32', new Float32Array(side * side).fill(0.5), [side, side]) });
  return (2 * side ** 3) / ms / 1e6;
}

const isQuick = process.argv[2] === 'quick';
void (async (): Promise<MachineFigures> => ({
  readGbPerSecond: await readSpeed(isQuick ? 32 : 512),
  gflopPerSecond: await multiplySpeed(isQuick ? 256 : 2048),
}))()
  .then(figures => process.stdout.write(JSON.stringify(figures)));
