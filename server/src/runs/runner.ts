/** One run from a path and a prompt to a result: hash, store, queue, host, store. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { DeviceName, LocDivisor, WeightType } from '../../../model-host/src/contract/paligemma';
import type { GenerateParams, GenerateResult, ModelSpec, RunProgress } from '../../../model-host/src/contract/protocol';
import type { RunResult } from '../contract/protocol';
import type { Settings } from '../contract/settings';
import type { HostClient } from '../host/hostClient';
import type { ChosenModel, ModelCatalog } from '../models/catalog';
import { modelIdentity } from '../models/modelIdentity';
import { throwIfCancelled } from '../util/cancellation';
import type { Timers } from '../util/timers';
import { hashImage } from './imageHash';
import { resultKey, type ResultIdentity, type ResultStore, type StoredResult } from './resultStore';
import { RunQueue, type RunPriority } from './runQueue';
import { defaultMaxNewTokens } from './tokenLimits';

/** What the runner needs of `HostProcess`. */
export interface HostAccess {
  use<T>(work: (client: HostClient) => Promise<T>, token: CancellationToken): Promise<T>;
  killStuck(): void;
}

/** What an onlooker hears, for the status item. */
export interface RunObserver {
  progress(model: string, progress: RunProgress): void;
  done(result: RunResult): void;
  failed(model: string, error: unknown): void;
}

export interface RunnerOptions {
  readonly catalog: ModelCatalog;
  readonly store: ResultStore;
  readonly host: HostAccess;
  /** Read anew for each run. */
  readonly settings: () => Settings;
  readonly timers: Timers;
  readonly observer?: RunObserver;
}

/** Which model, and what of the settings does not hold for it. */
export interface ModelWish {
  /** Id or folder; without it the setting, or the best one installed. */
  readonly name?: string | undefined;
  /** Absolute folder of a LoRA adapter. */
  readonly adapterPath?: string | undefined;
  readonly device?: DeviceName | undefined;
  readonly weights?: WeightType | undefined;
}

/** A model, fixed for as many runs as follow. */
export interface PreparedModel extends ChosenModel {
  readonly spec: ModelSpec;
  readonly identity: string;
  readonly adapterIdentity: string | undefined;
}

export interface RunRequest {
  readonly model: PreparedModel;
  /** Absolute. */
  readonly imagePath: string;
  /** As it is sent; may be empty. */
  readonly prompt: string;
  /** At least 1; without it the setting, or a limit that fits the task. */
  readonly maxNewTokens?: number | undefined;
  /** Without it the setting. */
  readonly locDivisor?: LocDivisor | undefined;
  readonly priority: RunPriority;
  /** False: the store is neither asked nor filled. */
  readonly useStore: boolean;
}

type HostRun = Omit<GenerateParams, 'progressToken'>;

export class Runner {
  private readonly queue: RunQueue<HostRun, GenerateResult>;

  constructor(private readonly options: RunnerOptions) {
    const { host, timers } = options;
    this.queue = new RunQueue<HostRun, GenerateResult>({
      execute: (run, onProgress, token) => host.use(client => client.generate(run, onProgress, token), token),
      unblock: () => host.killStuck(),
      timers,
    });
  }

  /**
   * Finds the model and how it is to be loaded.
   * @throws HostError `modelMissing`, `modelUnsupported`.
   */
  async prepare({ name, adapterPath, device, weights }: ModelWish): Promise<PreparedModel> {
    const { catalog, settings } = this.options;
    const configured = settings();
    const model = await catalog.choose(name ?? configured.model);
    const spec: ModelSpec = {
      path: model.path,
      weights: model.conversion?.weights ?? weights ?? configured.weights,
      device: device ?? configured.device,
      ...(configured.gpuLayers < 0 ? {} : { gpuLayers: configured.gpuLayers }),
      attention: model.conversion?.attention ?? configured.attention,
      ...(adapterPath === undefined ? {} : { adapterPath }),
    };
    const [identity, adapterIdentity] = await Promise.all([modelIdentity(model.path), adapterPath === undefined ? undefined : modelIdentity(adapterPath)]);
    return { ...model, spec, identity, adapterIdentity };
  }

  /** @throws HostError of the table; CancelledError at once when `token` is cancelled. */
  async run(request: RunRequest, onProgress: (progress: RunProgress) => void, token: CancellationToken): Promise<RunResult> {
    const { observer } = this.options;
    try {
      const result = await this.answer(request, onProgress, token);
      observer?.done(result);
      return result;
    } catch (error) {
      observer?.failed(request.model.id, error);
      throw error;
    }
  }

  /** Where the answer to `request` on a picture of this content is stored. */
  keyOf(request: Omit<RunRequest, 'priority' | 'useStore'>, imageSha256: string): string {
    return resultKey(this.identify(request, imageSha256));
  }

  /** Keys of everything that is stored. */
  storedKeys(): Promise<ReadonlySet<string>> {
    return this.options.store.keys();
  }

  /** What is stored under `key`, as a run of `model` would answer it without running. */
  async stored(key: string, { model, imagePath }: Pick<RunRequest, 'model' | 'imagePath'>): Promise<RunResult | undefined> {
    const stored = await this.options.store.get(key);
    return stored !== undefined && fitsDevice(stored, model.spec) ? fromStore(stored, imagePath) : undefined;
  }

  private async answer(request: RunRequest, onProgress: (progress: RunProgress) => void, token: CancellationToken): Promise<RunResult> {
    const { store, observer } = this.options;
    const { model, imagePath, prompt, useStore } = request;
    const identity = this.identify(request, await hashImage(imagePath, token));
    const key = resultKey(identity);
    const stored = useStore ? await store.get(key) : undefined;
    throwIfCancelled(token);
    if (stored !== undefined && fitsDevice(stored, model.spec)) return fromStore(stored, imagePath);
    const { maxNewTokens, locDivisor } = identity;
    const run = {
      key: `${key} ${model.spec.device}`,
      request: { model: model.spec, imagePath, prefix: prompt, maxNewTokens, locDivisor },
      priority: request.priority,
    };
    const answer = await this.queue.enqueue(run, progress => {
      observer?.progress(model.id, progress);
      onProgress(progress);
    }, token);
    const result = toStored(answer, request);
    // The host read the file a second time; what it saw decides where the answer belongs.
    if (useStore) await store.put(resultKey({ ...identity, imageSha256: answer.image.sha256 }), result);
    return { ...result, fromStore: false };
  }

  private identify({ model, prompt, maxNewTokens, locDivisor }: Omit<RunRequest, 'priority' | 'useStore'>, imageSha256: string): ResultIdentity {
    const settings = this.options.settings();
    return {
      imageSha256,
      modelIdentity: model.identity,
      adapterIdentity: model.adapterIdentity,
      prompt,
      maxNewTokens: maxNewTokens ?? (settings.maxNewTokens > 0 ? settings.maxNewTokens : defaultMaxNewTokens(prompt)),
      weights: model.spec.weights,
      attention: model.spec.attention,
      locDivisor: locDivisor ?? settings.locDivisor,
    };
  }
}

/** Who asks for a device by name wants its answer, not that of another one. */
function fitsDevice(stored: StoredResult, { device }: ModelSpec): boolean {
  return device === 'auto' || device === stored.device;
}

/** The timings say what this run took: nothing. */
function fromStore(stored: StoredResult, imagePath: string): RunResult {
  const timings = { loadMs: 0, imageMs: 0, visionMs: 0, prefillMs: 0, decodeMs: 0, tokens: stored.tokenIds.length };
  return { ...stored, image: { ...stored.image, path: imagePath }, timings, fromStore: true };
}

function toStored(answer: GenerateResult, { imagePath, model, prompt }: RunRequest): StoredResult {
  const { image, device, suffix, tokenIds, tokenProbabilities, stopReason, regions, text, timings } = answer;
  return { image: { path: imagePath, ...image }, model: model.id, device, prompt, suffix, tokenIds, tokenProbabilities, stopReason, regions, text, timings };
}
