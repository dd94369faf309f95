import type { Box } from '../../../paligemma/src/facts';
import { given } from '../../../paligemma/src/given';
import path from 'node:path';
import { after } from 'node:test';
import type { LogRecord, RunProgress } from '../../../model-host/src/contract/protocol';
import type { RemoteModelSpec } from '../../../model-host/src/contract/inferenceServer';
import { defaultServerLimits, type ServerLimits } from '../../../model-host/src/engines/remote/chatServer';
import { systemClock, type Clock } from '../../../model-host/src/engines/remote/clock';
import { RemoteEngine } from '../../../model-host/src/engines/remote/remoteEngine';
import { HostLog } from '../../../model-host/src/wire/hostLog';
import { FakeInferenceServer, type ServerKind } from '../../support/fakeInferenceServer';

export const picture = path.resolve('media/samples/01.png');
const servers: FakeInferenceServer[] = [];
after(() => servers.forEach(server => server.close()));

/** Waits are over at once; what they were is noted. Limits never end, unless `limits` makes them short. */
class HurriedClock implements Clock {
  readonly waits: number[] = [];

  now(): number {
    return systemClock.now();
  }

  after(ms: number, callback: () => void): { dispose(): void } {
    if (Object.values(connectionLimits).includes(ms) || ms >= wholeMs) return { dispose: () => undefined };
    this.waits.push(ms);
    return systemClock.after(0, callback);
  }

  random(): number {
    return 0.5;
  }
}

const { connectMs, firstByteMs, idleMs, listMs, wholeMs } = defaultServerLimits;
const connectionLimits = { connectMs, firstByteMs, idleMs, listMs };

interface SetUp {
  readonly kinds?: readonly Partial<ServerKind>[];
  readonly limits?: Partial<ServerLimits>;
  readonly apiKey?: string;
  readonly dialect?: RemoteModelSpec['dialect'];
  readonly contextTokens?: number;
  readonly modelsPath?: string;
}

export async function setUp(
  { kinds = [{}], limits, apiKey, dialect = 'vllm', contextTokens, modelsPath = '' }: SetUp = {},
) {
  const started = await Promise.all(kinds.map(kind => FakeInferenceServer.start(kind)));
  servers.push(...started);
  const [server] = started;
  if (server === undefined) throw new Error('no server');
  const clock = new HurriedClock();
  const records: LogRecord[] = [];
  const engine = new RemoteEngine(modelsPath, new HostLog(record => records.push(record)), {
    limits: { ...defaultServerLimits, ...limits },
    clock,
  });
  const model: RemoteModelSpec = {
    endpoints: started.map(({ url }) => ({ url, ...(apiKey === undefined ? {} : { apiKey }) })),
    model: 'paligemma2-3b-mix-224',
    dialect,
    resolutionPx: 224,
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
  const progress: RunProgress[] = [];
  const run = (
    prefix = 'detect cat',
    {
      signal = new AbortController().signal,
      maxNewTokens = 32,
      imagePath = picture,
      crop = undefined as Box | undefined,
      onProgress = (_: RunProgress): unknown => undefined,
    } = {},
  ) =>
    engine.generate(
      { model, imagePath, prefix, maxNewTokens, locDivisor: 1024, progressToken: '', ...given({ crop }) },
      value => {
        progress.push(value);
        onProgress(value);
      },
      signal,
    );
  return { server, servers: started, engine, model, run, progress, clock, records };
}
