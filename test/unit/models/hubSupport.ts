/**
 * What the tests of downloads share: a small repository, time that never has to pass, and a download with all its
 * parts.
 */
import { randomFillSync } from 'node:crypto';
import path from 'node:path';
import { after } from 'node:test';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { download, type Downloaded, type DownloadRequest } from '../../../server/src/models/download/download';
import type { DownloadProgress } from '../../../server/src/models/download/downloadRate';
import { Hub } from '../../../server/src/models/download/hub';
import { HttpClient } from '../../../server/src/models/download/hubHttp';
import { proxyFrom, type ProxyChoice } from '../../../net/src/proxy';
import type { Timers } from '../../../server/src/util/timers';
import { FakeHub } from '../../support/fakeHub';
import { temporaryFolder } from '../../support/temporary';

export const MODEL = 'google/paligemma2-3b-mix-448';
export const TOKEN = 'hf_secretOfTheTest';
export const FIRST = 'model-00001-of-00002.safetensors';

/** Waits end at once and are written down; time limits never fire. */
export class NoWaiting implements Timers {
  readonly waits: number[] = [];

  now(): number {
    return 0;
  }

  after(): { dispose(): void } {
    return { dispose: () => undefined };
  }

  afterAwake(ms: number, callback: () => void): { dispose(): void } {
    this.waits.push(ms);
    const handle = setImmediate(callback);
    return { dispose: () => clearImmediate(handle) };
  }
}

/** Two parts of weights, an index, configs, and files that nobody needs. */
export function smallCheckpoint(bytes = 3_000_000): Record<string, Buffer> {
  const second = 'model-00002-of-00002.safetensors';
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  return {
    'README.md': Buffer.from('# card'),
    'tokenizer.model': Buffer.alloc(20_000),
    '.gitattributes': Buffer.from('x'),
    'config.json': json({
      model_type: 'paligemma',
      text_config: { model_type: 'gemma2' },
      vision_config: { image_size: 448 },
    }),
    'preprocessor_config.json': json({}),
    'generation_config.json': json({}),
    'special_tokens_map.json': json({}),
    'tokenizer_config.json': json({}),
    'tokenizer.json': Buffer.alloc(50_000, 'tokenizer '),
    'model.safetensors.index.json': json({ weight_map: { a: FIRST, b: second } }),
    [FIRST]: randomFillSync(Buffer.alloc(bytes)),
    [second]: randomFillSync(Buffer.alloc(100_000)),
    'consolidated.safetensors': Buffer.alloc(20_000),
  };
}

export const NEEDED = [
  'config.json',
  'generation_config.json',
  FIRST,
  'model-00002-of-00002.safetensors',
  'model.safetensors.index.json',
  'preprocessor_config.json',
  'special_tokens_map.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

export interface Setup {
  readonly server: FakeHub;
  readonly cachePath: string;
  readonly timers: NoWaiting;
  readonly progress: DownloadProgress[];
  /** Where the model ends up. */
  readonly folder: string;
  readonly fetch: (options?: FetchOptions) => Promise<Downloaded>;
}

export interface FetchOptions extends Partial<DownloadRequest> {
  readonly accessToken?: string | undefined;
  readonly freeBytes?: number;
  readonly timers?: Timers;
  readonly token?: CancellationToken;
  readonly proxy?: ProxyChoice;
  readonly endpoint?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** A hub with one small repository, and an empty cache. */
export async function setUpHub(): Promise<Setup> {
  const server = await FakeHub.start();
  after(() => server.close());
  server.add(MODEL, { files: smallCheckpoint(), token: TOKEN });
  const cachePath = temporaryFolder('download');
  const timers = new NoWaiting();
  const progress: DownloadProgress[] = [];
  return {
    server,
    cachePath,
    timers,
    progress,
    folder: path.join(cachePath, 'models', MODEL.replace('/', '--')),
    fetch: (options = {}) => {
      const {
        accessToken = TOKEN,
        freeBytes = 1e12,
        timers: own = timers,
        token = CancellationToken.None,
        proxy = proxyFrom({}),
        endpoint = server.endpoint,
        onProgress,
        ...request
      } = options;
      const hub = new Hub({
        endpoint: new URL(endpoint),
        http: new HttpClient(proxy, own),
        timers: own,
        now: () => Date.parse('2025-01-01T00:00:00Z'),
        accessToken: 'accessToken' in options ? options.accessToken : accessToken,
      });
      return download({ id: MODEL, revision: 'main', ...request }, {
        hub,
        cachePath,
        timers: own,
        freeBytes: () => Promise.resolve(freeBytes),
        onProgress(state) {
          progress.push(state);
          onProgress?.(state);
        },
      }, token);
    },
  };
}
