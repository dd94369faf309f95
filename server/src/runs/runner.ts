/** One run from a path and a prompt to a result: hash, store, queue, host, store. */
import * as l10n from '@vscode/l10n';
import { given } from '../../../paligemma/src/given';
import type { RunResult } from '../../../paligemma/src/runResult';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { asksForText } from '../../../paligemma/src/documentPages';
import { Failure } from '../../../paligemma/src/failures';
import type { Box, DeviceName, LocDivisor, WeightType } from '../../../paligemma/src/facts';
import type { TileChoice } from '../../../paligemma/src/tileChoice';
import { advisedTiles } from '../../../paligemma/src/tiles/advice';
import type {
  GenerateParams,
  GenerateResult,
  LocalGenerateParams,
  ModelSpec,
  RunProgress,
} from '../../../model-host/src/contract/protocol';
import type { Settings } from '../contract/settings';
import type { HostAccess } from '../host/hostAccess';
import type { ChosenFolder, ChosenServer, ModelCatalog, NameOrigin } from '../models/catalog/catalog';
import { modelIdentity } from '../models/folders/modelIdentity';
import type { ServerEndpoints } from '../models/servers/serverEndpoints';
import { serverIdentity, type RegisteredServer } from '../models/servers/servers';
import { adapterNote } from '../models/folders/adapterNote';
import { meantFolder } from '../models/folders/hubSnapshot';
import { Arrivals } from '../util/arrivals';
import { orCancelled, throwIfCancelled } from '../util/cancellation';
import type { ItemLane } from '../util/inLanes';
import type { Timers } from '../util/timers';
import type { PictureHashes } from './pictureHashes';
import { resultKey, type ResultIdentity, type ResultStore } from './resultStore';
import { RunQueue, type Lane, type RunPriority } from './runQueue';
import { ownAnswer, shared } from '../util/sharedWork';
import { isForWhole, isRegion, runInTiles, tilesIdentity, tilesWish, type TilesWish } from './tiledRun';
import { ServerLoads } from '../models/servers/serverLoad';
import { tokenLimit } from '../../../paligemma/src/tasks';

/** What an onlooker hears, for the status item. */
export interface RunObserver {
  progress(model: string, progress: RunProgress): void;
  done(result: RunResult): void;
  failed(model: string, error: unknown): void;
}

export interface RunnerOptions {
  readonly catalog: ModelCatalog;
  readonly store: ResultStore;
  readonly hashes: PictureHashes;
  /** Runs the models of this machine. */
  readonly host: HostAccess;
  /** Asks inference servers: a process of its own, since a native run holds up everything else in its own one. */
  readonly serverHost: HostAccess;
  readonly endpoints: ServerEndpoints;
  /** Runs of one prompt with one model that the host gets at once; default 1. */
  readonly localRows?: number;
  /** Read anew for each run. */
  readonly settings: () => Settings;
  readonly timers: Timers;
  readonly observer?: RunObserver;
}

/** Which model, and what of the settings does not hold for it. */
export interface ModelWish {
  /** Id or folder; without it the setting, or the best one installed. */
  readonly name?: string | undefined;
  /** Who gave the name; default: the person. */
  readonly nameOrigin?: NameOrigin | undefined;
  /** Of a document: the folder that the name is the path of, absolute. */
  readonly folder?: string | undefined;
  /** Absolute folder of a LoRA adapter, or of a repository with one in Hugging Face's cache. */
  readonly adapterPath?: string | undefined;
  readonly device?: DeviceName | undefined;
  readonly weights?: WeightType | undefined;
}

interface Prepared {
  readonly identity: string;
  readonly adapterIdentity: string | undefined;
}

/** A model, fixed for as many runs as follow. */
export type PreparedModel = PreparedFolder | PreparedServer;

export interface PreparedFolder extends ChosenFolder, Prepared {
  readonly spec: ModelSpec;
}

interface PreparedServer extends ChosenServer, Prepared {}

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
  /** Without it the setting, for prompts that make sense for parts of a picture. */
  readonly tiles?: TileChoice | undefined;
  /** The only part of the picture that is looked at, in its pixels; goes before `tiles`. */
  readonly region?: Box | undefined;
  readonly priority: RunPriority;
  /** False: the store is neither asked nor filled. */
  readonly useStore: boolean;
}

/** A run on the whole picture, or on one part of it, that the model sees as one square. */
interface OneRun extends Omit<RunRequest, 'tiles' | 'region'> {
  /** Whole pixels. */
  readonly part?: Box | undefined;
}

type RunTask = Omit<GenerateParams, 'progressToken' | 'model'>;
/** Where a run takes place, and what it is. */
type HostRun = { readonly spec: ModelSpec; readonly task: RunTask } | {
  readonly server: RegisteredServer;
  readonly task: RunTask;
};

/** A run that the host of this machine has. */
interface LocalRun {
  /** Other runs were there at the same time. */
  hadCompany: boolean;
}

/** Runs that are begun beyond what a server takes: their pictures are read meanwhile. */
const READ_AHEAD = 4;

export class Runner {
  private readonly queue: RunQueue<HostRun, GenerateResult>;
  private readonly loads: ServerLoads;
  /**
   * A small picture is hashed sooner than a large one: without this the prompts of a file would run in another order
   * each time.
   */
  private readonly arrivals = new Arrivals();
  private readonly localRuns = new Set<LocalRun>();
  /** Settles when no run is asked for a second time. */
  private lastRetry: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: RunnerOptions) {
    const { timers } = options;
    this.loads = new ServerLoads(timers);
    this.queue = new RunQueue<HostRun, GenerateResult>({
      execute: (run, onProgress, token, priority) =>
        shared(
          run.task.imagePath,
          'server' in run
            ? this.runRemotely(run.server, run.task, onProgress, token)
            : this.runHere(run.spec, { ...run.task, isUrgent: priority !== 'batch' }, onProgress, token),
        ),
      timers,
    });
  }

  /**
   * Finds the model and how it is to be loaded.
   * @throws Failure `modelMissing`; `serverNotAllowed`, `serverModelMissing`, `modelElsewhere` for one of a server.
   */
  async prepare(wish: ModelWish): Promise<PreparedModel> {
    const { name, nameOrigin, folder, adapterPath: namedAdapter, device, weights } = wish;
    const { catalog, settings } = this.options;
    const configured = settings();
    const origin = name === undefined ? 'setting' : nameOrigin;
    const model = await catalog.choose(name ?? configured.model, origin, folder);
    const ownAdapter = model.server === undefined ? model.adapterPath : undefined;
    const adapterPath = namedAdapter === undefined ? ownAdapter : (await meantFolder(namedAdapter)).path;
    if (model.server !== undefined) {
      if (adapterPath !== undefined) {
        throw new Failure(
          'modelElsewhere',
          l10n.t(
            'An adapter is merged into a model on this machine; a server loads its own. Leave the adapter out, or name a model on this machine.',
          ),
        );
      }
      return { ...model, identity: serverIdentity(model.server), adapterIdentity: undefined };
    }
    const spec: ModelSpec = {
      path: model.path,
      weights: model.conversion?.weights ?? weights ?? configured.weights,
      device: device ?? configured.device,
      ...(configured.gpuLayers < 0 ? {} : { gpuLayers: configured.gpuLayers }),
      attention: model.conversion?.attention ?? configured.attention,
      ...given({ adapterPath, tokenizerPaths: model.tokenizerPaths }),
    };
    const [identity, adapterIdentity] = await Promise.all([
      modelIdentity(model.path),
      adapterPath === undefined ? undefined : modelIdentity(adapterPath),
    ]);
    return { ...await withAdapterNote(model, adapterPath), spec, identity, adapterIdentity };
  }

  /** How many runs of a model are worth beginning together. Runs of different lanes do not wait for each other. */
  laneOf(model: PreparedModel): ItemLane {
    const { server } = model;
    if (server === undefined) return { name: LOCAL_LANE, width: () => this.options.localRows ?? 1 };
    return { name: remoteLane(model.id), width: () => this.loads.allPlaces(server.urls) + READ_AHEAD };
  }

  /** @throws Failure of the table; CancelledError at once when `token` is cancelled. */
  async run(
    request: RunRequest,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
  ): Promise<RunResult> {
    const { observer } = this.options;
    try {
      const result = this.withAdvice(await this.answer(request, onProgress, token), request);
      observer?.done(result);
      return result;
    } catch (error) {
      observer?.failed(request.model.id, error);
      throw error;
    }
  }

  /** Where the answer to `request` on a picture of this content is stored. */
  keyOf(request: Omit<RunRequest, 'priority' | 'useStore'>, imageSha256: string): string {
    return resultKey({ ...this.identify(request, imageSha256), ...this.identifyTiles(request) });
  }

  /** Keys of everything that is stored. */
  storedKeys(): Promise<ReadonlySet<string>> {
    return this.options.store.keys();
  }

  /** What is stored under `key`, as a run of `model` would answer it without running. */
  async stored(
    key: string,
    { model, imagePath }: Pick<RunRequest, 'model' | 'imagePath'>,
  ): Promise<RunResult | undefined> {
    const stored = await this.options.store.get(key);
    if (stored === undefined || !fitsDevice(stored, model)) return undefined;
    return this.withAdvice(fromStore(stored, model.id, imagePath), { model });
  }

  /** Says so where the text of a picture that was read as a whole is likely too small. */
  private withAdvice(result: RunResult, { model: { resolutionPx } }: Pick<RunRequest, 'model'>): RunResult {
    // A document's own text is no matter of its size.
    const isOfWhole = result.tiles === undefined && result.source === undefined;
    const advised = isOfWhole && resolutionPx !== undefined
      ? advisedTiles(result.image, resolutionPx, result.prompt)
      : undefined;
    return advised === undefined ? result : { ...result, advisedTiles: advised };
  }

  private async answer(
    request: RunRequest,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
  ): Promise<RunResult> {
    const { tiles: _tiles, region: _region, ...one } = request;
    const wish = tilesWish(request, this.options.settings().tiles);
    return wish === undefined
      ? this.answerOne(one, onProgress, token)
      : this.answerInTiles(one, wish, onProgress, token);
  }

  private async answerInTiles(
    run: OneRun,
    wish: TilesWish,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
  ): Promise<RunResult> {
    const { store, hashes } = this.options;
    const { model, imagePath, useStore } = run;
    const { sha256 } = await hashes.of(imagePath, token);
    const identity = { ...this.identify(run, sha256), ...tilesIdentity(wish) };
    const stored = useStore ? await store.get(resultKey(identity)) : undefined;
    if (stored !== undefined && fitsDevice(stored, model)) return fromStore(stored, model.id, imagePath);
    const host = model.server === undefined ? this.options.host : this.options.serverHost;
    onProgress({ kind: 'phase', phase: 'image', done: 0, total: 1 });
    const resolutionPx = model.resolutionPx ?? USUAL_RESOLUTION_PX;
    // What is asked for by its place is looked at by the model.
    const takesTextLayer = takesText(run, identity) && !isRegion(wish);
    const plan = await host.use(
      client => client.planTiles({ imagePath, resolutionPx, takesTextLayer, ...wish }, token),
      token,
    );
    const result = isForWhole(wish, plan)
      ? await this.answerOne(run, onProgress, token)
      : await runInTiles(
        {
          imagePath,
          wish,
          plan,
          locDivisor: identity.locDivisor,
          runPart: (part, ...rest) => this.answerOne({ ...run, part }, ...rest),
          uniteMasks: (masks, ...rest) => host.use(client => client.uniteMasks({ masks }, ...rest), ...rest),
          lane: this.laneOf(model),
        },
        onProgress,
        token,
      );
    if (useStore) await store.put(resultKey({ ...identity, imageSha256: result.image.sha256 }), result);
    return result;
  }

  private async answerOne(
    request: OneRun,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
  ): Promise<RunResult> {
    const { store, hashes, observer } = this.options;
    const { model, imagePath, prompt, priority, useStore, part } = request;
    const lane = this.queueLane(model, prompt);
    const arrival = this.arrivals.begin(`${lane.name} ${priority}`);
    let identity: ResultIdentity;
    let running: Promise<GenerateResult>;
    try {
      identity = this.identify(request, (await hashes.of(imagePath, token)).sha256);
      const key = resultKey(identity);
      const stored = useStore ? await store.get(key) : undefined;
      throwIfCancelled(token);
      if (stored !== undefined && fitsDevice(stored, model)) return fromStore(stored, model.id, imagePath);
      const { maxNewTokens, locDivisor } = identity;
      const ignoresTextLayer = !takesText(request, identity);
      const task: RunTask = {
        imagePath,
        prefix: prompt,
        maxNewTokens,
        locDivisor,
        ignoresTextLayer,
        ...given({ crop: part }),
      };
      const run = {
        key: `${key} ${model.server === undefined ? model.spec.device : model.id}`,
        request: model.server === undefined ? { spec: model.spec, task } : { server: model.server, task },
        priority,
        lane,
      };
      await orCancelled(arrival.turn, token);
      const enqueue = (runKey: string) =>
        this.queue.enqueue(
          { ...run, key: runKey },
          progress => {
            observer?.progress(model.id, progress);
            onProgress(progress);
          },
          token,
        );
      running = ownAnswer(imagePath, () => enqueue(run.key), () => enqueue(`${run.key} ${imagePath}`));
    } finally {
      arrival.leave();
    }
    const answer = await running;
    const whole = resultOf(answer, request);
    const result = part === undefined ? this.withAdvice(whole, request) : whole;
    // The host read the file a second time; what it saw decides where the answer belongs.
    if (useStore) await store.put(resultKey({ ...identity, imageSha256: answer.image.sha256 }), result);
    return result;
  }

  private queueLane(model: PreparedModel, prompt: string): Lane {
    const { server } = model;
    if (server !== undefined) {
      return {
        name: remoteLane(model.id),
        hasRoom: () => this.loads.freePlaces(server.urls) > 0,
      };
    }
    const { localRows = 1, host } = this.options;
    return {
      name: LOCAL_LANE,
      group: JSON.stringify([model.spec, prompt]),
      letsUrgentPass: true,
      hasRoom: running => running < localRows,
      unblock: () => host.killStuck(),
    };
  }

  /**
   * A host that ends takes every run in it along. Those that had company are asked once more, one after the other, so
   * that only the one at fault fails, or none where nobody was.
   */
  private async runHere(
    spec: ModelSpec,
    task: RunTask,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
  ): Promise<GenerateResult> {
    const { host } = this.options;
    const here: LocalRun = { hadCompany: this.localRuns.size > 0 };
    for (const other of this.localRuns) other.hadCompany = true;
    this.localRuns.add(here);
    const ask = (params: Omit<LocalGenerateParams, 'progressToken'>) =>
      host.use(client => client.generate(params, onProgress, token), token);
    try {
      return await ask({ model: spec, ...task });
    } catch (error) {
      const isHostGone = error instanceof Failure
        && (error.reason === 'hostExited' || error.reason === 'hostUnavailable');
      if (!isHostGone || !here.hadCompany) throw error;
      const again = this.lastRetry.then(() => {
        throwIfCancelled(token);
        return ask({ model: spec, ...task, isAlone: true });
      });
      this.lastRetry = again.catch(() => undefined);
      return await again;
    } finally {
      this.localRuns.delete(here);
    }
  }

  private async runRemotely(
    { urls, model, dialect, resolutionPx, contextTokens }: RegisteredServer,
    task: RunTask,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
  ): Promise<GenerateResult> {
    const { serverHost, endpoints } = this.options;
    const place = this.loads.take(urls);
    try {
      const reached = await Promise.all(place.urls.map(url => endpoints.get(url, { isAgreed: true }, token)));
      const spec = {
        endpoints: reached,
        model,
        dialect,
        resolutionPx,
        ...(contextTokens === undefined ? {} : { contextTokens }),
      };
      const result = await serverHost.use(
        client => client.generate({ model: spec, ...task }, onProgress, token),
        token,
      );
      if (result.server !== undefined) place.succeeded(result.server, result.timings.prefillMs);
      return result;
    } catch (error) {
      if (error instanceof Failure && error.reason === 'serverOverloaded') place.failed(true);
      else if (
        error instanceof Failure && (error.reason === 'serverUnreachable' || error.reason === 'serverAnswerInvalid')
      ) place.failed(false);
      throw error;
    } finally {
      place.release();
    }
  }

  /** Of a request that cannot be run nothing is stored either. */
  private identifyTiles(
    request: Pick<RunRequest, 'prompt' | 'tiles' | 'region'>,
  ): Pick<ResultIdentity, 'tiles' | 'part'> {
    try {
      const wish = tilesWish(request, this.options.settings().tiles);
      return wish === undefined ? {} : tilesIdentity(wish);
    } catch {
      return { tiles: 'refused' };
    }
  }

  private identify(
    { model, prompt, maxNewTokens, locDivisor, part }: Omit<OneRun, 'priority' | 'useStore'>,
    imageSha256: string,
  ): ResultIdentity {
    const settings = this.options.settings();
    return {
      imageSha256,
      modelIdentity: model.identity,
      adapterIdentity: model.adapterIdentity,
      prompt,
      maxNewTokens: tokenLimit(prompt, maxNewTokens, settings.maxNewTokens),
      // What a server computes with is its own matter.
      weights: model.server === undefined ? model.spec.weights : 'f32',
      attention: model.server === undefined ? model.spec.attention : 'full',
      locDivisor: locDivisor ?? settings.locDivisor,
      ...given({ part }),
      ...(!settings.textLayer && asksForText(prompt) && part === undefined ? { ignoresTextLayer: true } : {}),
    };
  }
}

/** Of a model that does not say which it is: the middle one of those that are published. */
const USUAL_RESOLUTION_PX = 448;
const LOCAL_LANE = 'this machine';

function remoteLane(id: string): string {
  return `server ${id}`;
}

/** Whether the text that a document brings is an answer. A part of a page is looked at: the text is of the whole. */
function takesText({ prompt, part }: Pick<OneRun, 'prompt' | 'part'>, { ignoresTextLayer }: ResultIdentity): boolean {
  return asksForText(prompt) && part === undefined && ignoresTextLayer !== true;
}

/** Who asks for a device by name wants its answer, not that of another one. */
function fitsDevice(stored: RunResult, model: PreparedModel): boolean {
  return stored.source !== undefined || model.server !== undefined || model.spec.device === 'auto'
    || model.spec.device === stored.device;
}

/**
 * A stored answer as a run of now would give it. The timings say what that took: nothing.
 * @param model Its name by now, which may be another one than it was.
 */
export function fromStore(stored: RunResult, model: string, imagePath: string): RunResult {
  const timings = { loadMs: 0, imageMs: 0, visionMs: 0, prefillMs: 0, decodeMs: 0, tokens: stored.timings.tokens };
  return { ...stored, model, image: { ...stored.image, path: imagePath }, timings, fromStore: true };
}

function resultOf({ image, server, ...answer }: GenerateResult, { imagePath, model, prompt }: OneRun): RunResult {
  return {
    image: { path: imagePath, ...image },
    model: model.id,
    prompt,
    ...answer,
    ...given({ server: server?.url }),
    fromStore: false,
  };
}

/** A note of the choice itself says more. */
async function withAdapterNote(model: ChosenFolder, adapterPath: string | undefined): Promise<ChosenFolder> {
  const note = model.note ?? await adapterNote(model, adapterPath);
  return note === undefined ? model : { ...model, note };
}
