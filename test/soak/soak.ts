/**
 * A long life in short: many runs in one host, then many hosts, through one language server; samples of what must not
 * grow.
 */
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { unloadModel } from '../../server/src/contract/protocol';
import { filesBelow } from '../support/commandLine';
import { LspClient } from '../support/lspClient';
import { buildPreload } from '../support/preload';
import { childrenOf, until } from '../support/processes';
import type { Probe } from '../support/soakProbe';

export interface SoakOptions {
  /**
   * Runs of one host, each on another picture or prompt or with another limit, so that none is answered from the store.
   */
  readonly runs: number;
  /** Hosts after that, with one run each. */
  readonly restarts: number;
  /** Samples of each of both parts. */
  readonly samples: number;
  /** Absolute; of this soak alone. */
  readonly folder: string;
  readonly onSample?: (sample: Sample) => void;
}

export interface Sample {
  readonly part: 'runs' | 'restarts';
  /** Runs or restarts so far. */
  readonly count: number;
  readonly figures: Readonly<Record<Figure, number>>;
}

export const figures = [
  'server RSS, MB',
  'server heap, MB',
  'server fds',
  'server threads',
  'server listeners',
  'server resources',
  'server delay p99, ms',
  'host RSS, MB',
  'host heap, MB',
  'host fds',
  'host threads',
  'host listeners',
  'host resources',
  'host delay p99, ms',
  'processes',
  'temporary files',
] as const;
export type Figure = (typeof figures)[number];

interface Question {
  readonly image: string;
  readonly prefix: string;
  /** What the reference answers. */
  readonly suffix: string;
}

const heldout = path.resolve('test/fixtures/demo-heldout');
const firstLimit = 200;
const probeMs = 30_000;

/** @throws Error where a run fails or answers something else than the reference. */
export async function soak(
  { runs, restarts, samples, folder, onSample = () => undefined }: SoakOptions,
): Promise<readonly Sample[]> {
  const [cache, temporary] = [path.join(folder, 'cache'), path.join(folder, 'tmp')];
  const client = await LspClient.start({
    env: {
      PALIGEMMA_CACHE: cache,
      TMPDIR: temporary,
      PROBE_FOLDER: folder,
      NODE_OPTIONS: await buildPreload(folder, 'soakProbe'),
    },
    settings: { model: 'demo', weights: 'f32', device: 'cpu', keepLoadedMinutes: 0 },
  });
  const questions = readFileSync(path.join(heldout, 'reference.jsonl'), 'utf8').trim().split('\n').map(line =>
    JSON.parse(line) as Question
  );
  const taken: Sample[] = [];
  const asked = { count: 0 };
  const ask = async () => {
    // A step that shares no factor with their number leads through all of them.
    const { image, prefix, suffix } = questions[(asked.count * 7919) % questions.length]!;
    const imageUris = [pathToFileURL(path.join(heldout, image)).href];
    const { outcomes: [outcome] } = await client.run({
      imageUris,
      prompt: prefix,
      maxNewTokens: firstLimit + Math.floor(asked.count++ / questions.length),
    });
    if (outcome === undefined || !('result' in outcome)) {
      throw new Error(`${image}, "${prefix}": ${outcome?.error.message}`);
    }
    if (outcome.result.fromStore) throw new Error(`${image}, "${prefix}" did not run`);
    if (outcome.result.suffix !== suffix) {
      throw new Error(`${image}, "${prefix}": "${outcome.result.suffix}" instead of "${suffix}"`);
    }
  };
  const take = async (part: Sample['part'], count: number) => {
    const sample = { part, count, figures: await measure(client, folder, [temporary, cache]) };
    taken.push(sample);
    onSample(sample);
  };
  try {
    for (let count = 1; count <= runs; count++) {
      await ask();
      if (count % Math.ceil(runs / samples) === 0) await take('runs', count);
    }
    for (let count = 1; count <= restarts; count++) {
      await client.connection.sendRequest(unloadModel);
      await ask();
      if (count % Math.ceil(restarts / samples) === 0) await take('restarts', count);
    }
    await client.stop();
  } finally {
    client.child.kill('SIGKILL');
  }
  return taken;
}

async function measure({ child }: LspClient, folder: string, places: readonly string[]): Promise<Sample['figures']> {
  const server = child.pid ?? 0;
  const children = childrenOf(server, '');
  const [host] = children;
  if (host === undefined) throw new Error('the host is gone');
  const [ofServer, ofHost] = [await look(server, folder), await look(host, folder)];
  const files = places.flatMap(filesBelow).filter(file => !/\.(json|png|onnx|data|bin|safetensors|npz)$/.test(file));
  return {
    'server RSS, MB': ofServer.rssMb,
    'server heap, MB': ofServer.heapBytes / 1e6,
    'server fds': ofServer.fds,
    'server threads': ofServer.threads,
    'server listeners': ofServer.listeners,
    'server resources': ofServer.resources,
    'server delay p99, ms': ofServer.delayMs,
    'host RSS, MB': ofHost.rssMb,
    'host heap, MB': ofHost.heapBytes / 1e6,
    'host fds': ofHost.fds,
    'host threads': ofHost.threads,
    'host listeners': ofHost.listeners,
    'host resources': ofHost.resources,
    'host delay p99, ms': ofHost.delayMs,
    processes: 1 + children.length,
    'temporary files': files.length,
  };
}

async function look(
  pid: number,
  folder: string,
): Promise<Probe & { readonly rssMb: number; readonly fds: number; readonly threads: number }> {
  const file = path.join(folder, `${pid}.json`);
  process.kill(pid, 'SIGUSR2');
  await until(`the probe of process ${pid}`, probeMs, () => existsSync(file) ? true : undefined);
  const probe = JSON.parse(readFileSync(file, 'utf8')) as Probe;
  rmSync(file);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    ...probe,
    rssMb: field('VmRSS') / 1024,
    fds: readdirSync(`/proc/${pid}/fd`).length,
    threads: field('Threads'),
  };
}
