/** Opens all graphs of a converted model, each on the device and in the thread where it shall run. */
import type { Manifest } from '../manifest/manifest';
import { Decoder } from './decoder';
import { LocalPart, type DecoderPart, type PartSpec } from './decoderPart';
import type { Placement } from './memoryPlan';
import type { RunHooks } from './prediction';
import { ModelThread } from './threads/modelThread';
import { planThreads, type ThreadOptions, type ThreadPlan } from './threads/plan';
import { VisionTower, type Tower } from './visionTower';

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

/** @throws HostError deviceUnavailable, convertedModelCorrupt, outOfMemory; DOMException AbortError between graphs. */
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
  const opened: Release[] = [];
  const release = async () => {
    await Promise.allSettled(opened.map(graphs => graphs.release()));
    await Promise.allSettled(threads.map(thread => thread.close()));
  };
  const failed = new AbortController();
  const total = manifest.visionFiles.length + manifest.groups.length;
  let done = 0;
  const hooks: RunHooks = {
    signal: AbortSignal.any([signal, failed.signal]),
    onGroup: () => onProgress(++done, total),
  };
  let callingThread: Promise<unknown> = Promise.resolve();
  const openIn = <T extends Release>(
    thread: ModelThread | undefined,
    open: (thread: ModelThread | undefined) => Promise<T>,
  ): Promise<T> => {
    // Those of the calling thread one after the other, since each blocks it.
    const opening = thread === undefined ? callingThread.then(() => open(undefined)) : open(thread);
    if (thread === undefined) callingThread = opening;
    return opening.then(
      graphs => {
        opened.push(graphs);
        return graphs;
      },
      (error: unknown) => {
        failed.abort(error);
        throw error;
      },
    );
  };
  const threadOf = (number: number | undefined) => (number === undefined ? undefined : threads[number]);
  const openings = [
    openIn<Tower>(
      threadOf(plan.vision),
      thread => (thread === undefined
        ? VisionTower.open(folder, manifest, placement.vision, hooks)
        : thread.openTower(folder, manifest, placement.vision, hooks)),
    ),
    ...partsOf(placement, plan, keepsLogits).map(({ thread: number, spec }) =>
      openIn<DecoderPart>(
        threadOf(number),
        thread => (thread === undefined
          ? LocalPart.open(folder, manifest, spec, hooks)
          : thread.openPart(folder, manifest, spec, hooks)),
      )
    ),
  ] as const;
  try {
    const [vision, ...parts] = await Promise.all(openings);
    return { vision, decoder: new Decoder(manifest.config.text, parts), release };
  } catch (error) {
    await Promise.allSettled(openings);
    await release();
    throw error;
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
