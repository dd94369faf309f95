/** Which thread holds which graphs of a model. */
import type { Manifest } from '../../manifest/manifest';
import { weightBytes, type Placement } from '../memoryPlan';

/** The program of model threads, and how many of them. */
export interface ThreadOptions {
  /** Absolute path of `model-thread.js`. */
  readonly file: string;
  /** At most. */
  readonly count: number;
  /** Bytes of weights that make a thread worth its start. */
  readonly bytesEach: number;
  /** Hears why a thread has ended by a fault. Nothing that it had open can be used any more. */
  readonly onFault: (error: Error) => void;
}

/** Numbers of threads from 0; undefined for the calling thread. */
export interface ThreadPlan {
  readonly threads: number;
  readonly vision: number | undefined;
  /** One for each group of layers of the manifest. */
  readonly groups: readonly (number | undefined)[];
}

/**
 * Neighbours stay together, since what passes from thread to thread takes its time, and each thread gets about as many
 * bytes of weights: opening a graph is packing its weights. What runs on a GPU stays in the calling thread.
 */
export function planThreads(
  manifest: Manifest,
  placement: Placement,
  { count, bytesEach }: Pick<ThreadOptions, 'count' | 'bytesEach'>,
): ThreadPlan {
  const bytes = weightBytes(manifest);
  const last = placement.groups.length - 1;
  const graphs = [
    { device: placement.vision, bytes: manifest.isTowerMapped ? 0 : bytes.vision },
    // Of the embedding, the first group only reads the rows it needs.
    ...placement.groups.map((device, index) => ({
      device,
      bytes: (bytes.groups[index] ?? 0) + (index === last ? bytes.head : 0),
    })),
  ];
  const total = graphs.reduce((sum, graph) => sum + (graph.device === 'cpu' ? graph.bytes : 0), 0);
  const wanted = Math.min(count, Math.floor(total / Math.max(1, bytesEach)));
  if (wanted < 2) return { threads: 0, vision: undefined, groups: placement.groups.map(() => undefined) };
  let before = 0;
  const shares = graphs.map(graph => {
    if (graph.device !== 'cpu') return undefined;
    const middle = before + graph.bytes / 2;
    before += graph.bytes;
    return Math.min(wanted - 1, Math.floor((wanted * middle) / total));
  });
  // A large graph can be the share of two.
  const used = [...new Set(shares)].filter(share => share !== undefined);
  const [vision, ...groups] = shares.map(share => (share === undefined ? undefined : used.indexOf(share)));
  return { threads: used.length, vision, groups };
}
