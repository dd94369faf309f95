/** Opens all graphs of a converted model, each on the device and in the thread where it shall run. */
import type { Manifest } from '../../manifest/manifest';
import { Decoder } from '../decoder';
import { LocalPart, type DecoderPart, type PartSpec } from '../decoderPart';
import type { Placement } from '../memoryPlan';
import type { RunHooks } from '../prediction';
import { ModelThread } from './modelThread';
import { planThreads, type ThreadOptions, type ThreadPlan } from './plan';
import { VisionTower, type Tower } from '../visionTower';

export interface OpenGraphs {
  readonly vision: Tower;
  readonly decoder: Decoder;
  release(): Promise<void>;
}

export interface OpenOptions {
  /** Every prediction carries its logits: for comparisons with the reference. */
  readonly keepsLogits?: boolean;
  /** Left out: everything in the calling thread. */
  readonly threads?: ThreadOptions | undefined;
}

export interface OpenHooks {
  readonly signal: AbortSignal;
  /** Graphs opened, of all. */
  readonly onProgress: (done: number, total: number) => void;
  readonly onNote: (note: string) => void;
}

interface Release {
  release(): Promise<void>;
}

/** @throws Failure deviceUnavailable, convertedModelCorrupt, outOfMemory; DOMException AbortError between graphs. */
export async function openGraphs(
  folder: string,
  manifest: Manifest,
  placement: Placement,
  { threads: threadOptions, keepsLogits = false }: OpenOptions,
  { signal, onProgress, onNote }: OpenHooks,
): Promise<OpenGraphs> {
  const wanted = threadOptions === undefined
    ? inCallingThread(placement)
    : planThreads(manifest, placement, threadOptions);
  const threads = threadOptions === undefined ? [] : await startThreads(wanted.threads, threadOptions, onNote);
  const plan = threads.length < wanted.threads ? inCallingThread(placement) : wanted;
  const openings = new Openings(threads);
  const total = manifest.visionFiles.length + manifest.groups.length;
  let done = 0;
  const hooks: RunHooks = {
    signal: AbortSignal.any([signal, openings.failed]),
    onGroup: () => onProgress(++done, total),
  };
  const tower = openings.begin<Tower>(
    plan.vision,
    thread => (thread === undefined
      ? VisionTower.open(folder, manifest, placement.vision, hooks)
      : thread.openTower(folder, manifest, placement.vision, hooks)),
  );
  const parts = partsOf(placement, plan, keepsLogits).map(({ thread: number, spec }) =>
    openings.begin<DecoderPart>(
      number,
      thread => (thread === undefined
        ? LocalPart.open(folder, manifest, spec, hooks)
        : thread.openPart(folder, manifest, spec, hooks)),
    )
  );
  try {
    const [vision, ...opened] = await Promise.all([tower, ...parts] as const);
    return { vision, decoder: new Decoder(manifest.config.text, opened), release: () => openings.release() };
  } catch (error) {
    await Promise.allSettled([tower, ...parts]);
    await openings.release();
    throw error;
  }
}

/** Graphs that are being opened, and those that are open. */
class Openings {
  private readonly opened: Release[] = [];
  private readonly failure = new AbortController();
  /** Those of the calling thread are opened one after the other, since each blocks it. */
  private callingThread: Promise<unknown> = Promise.resolve();

  constructor(private readonly threads: readonly ModelThread[]) {}

  /** Aborted once one could not be opened: the others are not needed then. */
  get failed(): AbortSignal {
    return this.failure.signal;
  }

  /** @param number Of the thread; undefined: the calling one. */
  async begin<T extends Release>(
    number: number | undefined,
    open: (thread: ModelThread | undefined) => Promise<T>,
  ): Promise<T> {
    const thread = number === undefined ? undefined : this.threads[number];
    const opening = thread === undefined ? this.callingThread.then(() => open(undefined)) : open(thread);
    if (thread === undefined) this.callingThread = opening;
    try {
      const graphs = await opening;
      this.opened.push(graphs);
      return graphs;
    } catch (error) {
      this.failure.abort(error);
      throw error;
    }
  }

  async release(): Promise<void> {
    await Promise.allSettled(this.opened.map(graphs => graphs.release()));
    await Promise.allSettled(this.threads.map(thread => thread.close()));
  }
}

function inCallingThread({ groups }: Placement): ThreadPlan {
  return { threads: 0, vision: undefined, groups: groups.map(() => undefined) };
}

/** Consecutive groups in the same thread on the same device. */
function partsOf(
  { groups: devices }: Placement,
  { groups: threads }: ThreadPlan,
  keepsLogits: boolean,
): { thread: number | undefined; spec: PartSpec }[] {
  const starts = [...devices.keys()].filter(group =>
    group === 0 || devices[group] !== devices[group - 1] || threads[group] !== threads[group - 1]
  );
  return starts.map((firstGroup, index) => ({
    thread: threads[firstGroup],
    spec: {
      firstGroup,
      endGroup: starts[index + 1] ?? devices.length,
      device: devices[firstGroup] ?? 'cpu',
      keepsLogits,
    },
  }));
}

/** All or none. */
async function startThreads(
  count: number,
  { file, onFault }: ThreadOptions,
  onNote: (note: string) => void,
): Promise<readonly ModelThread[]> {
  const starting = await Promise.allSettled(
    Array.from({ length: count }, () => ModelThread.start(file, { onFault, onLog: ({ message }) => onNote(message) })),
  );
  const started = starting.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = starting.find(result => result.status === 'rejected');
  if (failure === undefined) return started;
  await Promise.allSettled(started.map(thread => thread.close()));
  onNote(
    `The model is loaded in one thread, which takes longer: ${
      failure.reason instanceof Error ? failure.reason.message : String(failure.reason)
    }`,
  );
  return [];
}
