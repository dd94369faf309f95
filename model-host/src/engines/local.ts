/** Runs prompts in this process with ONNX Runtime. */
import * as l10n from '@vscode/l10n';
import type { Timings } from '../../../paligemma/src/runResult';
import { realpath, stat } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../../paligemma/src/failures';
import { BATCH_ROWS } from '../contract/batch';
import type { StopReason } from '../../../paligemma/src/facts';
import { given } from '../../../paligemma/src/given';
import type {
  ConvertParams,
  ConvertResult,
  GenerateResult,
  LocalGenerateParams as GenerateParams,
  ModelSpec,
  RunPhase,
} from '../contract/protocol';
import { rememberChecked } from '../convert/checkedFiles';
import { convertCheckpoint } from '../convert/convert';
import { tidyConverted } from '../convert/tidyConverted';
import { DraftedSteps } from '../generation/draftedSteps';
import { generate, type Row, type Steps } from '../generation/generate';
import { LabelDrafter } from '../generation/labelDrafter';
import { promptIds } from '../generation/prompt';
import type { HostLog } from '../wire/hostLog';
import { PartedPictures } from '../image/partedPictures';
import { buildRegions } from '../output/regions';
import type { Prediction } from '../runtime/prediction';
import { checkPromptLength } from '../runtime/promptLength';
import type { ThreadOptions } from '../runtime/threads/plan';
import type { Engine, OnProgress } from './engine';
import { modelSource } from './modelSource';
import { openPicture, type Picture, type PictureFacts } from './picture';
import { RowSteps } from './rowSteps';
import type { RunnableModel, SequenceCache } from '../model/runnableModel';
import { SuffixReader } from './suffixReader';
import { Turns, type Turn } from './turns';

/** A run that waits or is at work, and who is to be answered. */
interface WaitingRun {
  /** Runs of the same key can be decoded together: same model, prefix and limit. */
  readonly key: string;
  readonly params: GenerateParams;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
  readonly resolve: (result: GenerateResult) => void;
  readonly reject: (error: unknown) => void;
}

interface EngineTurn extends Turn {
  /** Left out for a conversion. */
  readonly run?: WaitingRun;
}

/** A run after its prefill. */
interface BegunRun {
  readonly run: WaitingRun;
  readonly model: RunnableModel;
  readonly picture: PictureFacts;
  readonly cache: SequenceCache;
  readonly first: Prediction;
  readonly timings: Omit<Timings, 'decodeMs' | 'tokens'>;
}

/** Bytes of keys and values that pictures decoded together may take: four pictures of 3B at 448 px, one at 896 px. */
const CACHE_BYTES = 1e9;

/**
 * Threads that open graphs at the same time: more of them wait for memory, and each takes some megabytes of its own.
 */
const MOST_THREADS = 4;
/** A thread starts in the time in which 50 MB of weights are packed. */
const THREAD_BYTES = 2e8;

export class LocalEngine implements Pick<Engine, 'convert' | 'dispose'> {
  private model: { readonly key: string; readonly spec: string; readonly loaded: RunnableModel } | undefined;
  private readonly turns = new Turns<EngineTurn>();
  /** The picture of the run that is next, read while another one is at work; never more than one. */
  private ahead: { readonly run: WaitingRun; readonly picture: Promise<Picture> } | undefined;

  private readonly threads: ThreadOptions | undefined;

  /**
   * @param threadFile Program of the threads that large models are opened in; left out: everything in the calling
   * thread.
   */
  constructor(
    private readonly cachePath: string,
    private readonly log: HostLog,
    threadFile?: string,
    private readonly parts = new PartedPictures(),
  ) {
    this.threads = threadFile === undefined
      ? undefined
      : {
        file: threadFile,
        count: Math.min(MOST_THREADS, availableParallelism()),
        bytesEach: THREAD_BYTES,
        onFault: endProcess,
      };
  }

  generate(params: GenerateParams, onProgress: OnProgress, signal: AbortSignal): Promise<GenerateResult> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const key = JSON.stringify([params.model, params.prefix, params.maxNewTokens, params.isAlone === true]);
      const run: WaitingRun = { key, params, onProgress, signal, resolve, reject };
      const turn: EngineTurn = { run, isUrgent: params.isUrgent === true, work: () => this.runTogether(run) };
      signal.addEventListener('abort', () => {
        if (this.ahead?.run === run) this.ahead = undefined;
        if (this.turns.remove(turn)) reject(signal.reason as Error);
      }, { once: true });
      this.turns.add(turn);
      this.prepareNext();
    });
  }

  convert(params: ConvertParams, onProgress: OnProgress, signal: AbortSignal): Promise<ConvertResult> {
    return this.inTurn(async () => {
      const started = performance.now();
      const outPath = path.resolve(params.outPath);
      const isTaken = await stat(path.join(outPath, 'manifest.json')).then(() => true, () => false);
      if (isTaken) {
        throw new Failure(
          'badArgument',
          l10n.t('{0} holds a converted model already. Choose another folder or delete it.', outPath),
        );
      }
      const manifest = await convertCheckpoint({
        sourcePath: params.sourcePath,
        outPath,
        name: path.basename(path.resolve(params.sourcePath)),
        fingerprint: '',
        weights: params.weights,
        attention: params.attention,
        ...(params.adapterPath === undefined ? {} : { adapterPath: params.adapterPath }),
        ...(params.tokenizerPaths === undefined ? {} : { tokenizerPaths: params.tokenizerPaths }),
        onProgress: (done, total) => onProgress({ kind: 'phase', phase: 'convert', done, total }),
      }, signal);
      await rememberChecked(await realpath(outPath), manifest, this.cachePath);
      const { bytes, source: { form } } = manifest;
      return { path: outPath, bytes, ...given({ form }), elapsedMs: performance.now() - started };
    });
  }

  async dispose(): Promise<void> {
    const model = this.model;
    this.model = undefined;
    await model?.loaded.release();
  }

  /** Runs follow each other: they share one cache budget and one set of threads. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => this.turns.add({ work: () => work().then(resolve, reject) }));
  }

  /**
   * Answers a run and those of the same prompt that wait right behind it: each prefilled by itself, then decoded
   * together.
   */
  private async runTogether(first: WaitingRun): Promise<void> {
    const begun: BegunRun[] = [];
    for (let run: WaitingRun | undefined = first; run !== undefined; run = this.companion(begun)) {
      await this.begin(run).then(started => begun.push(started), run.reject);
    }
    if (begun.length > 0) await this.decodeTogether(begun);
  }

  /** Takes the next run out of the line, where it can be decoded together with those begun and memory allows it. */
  private companion(begun: readonly BegunRun[]): WaitingRun | undefined {
    const [first] = begun;
    const { next } = this.turns;
    if (
      first === undefined || next?.run === undefined || next.run.key !== first.run.key
      || first.run.params.isAlone === true
    ) return undefined;
    const { rowDecoder } = first.model;
    if (rowDecoder === undefined || begun.length >= BATCH_ROWS) return undefined;
    const rowBytes = rowDecoder.bytesPerPosition * (first.cache.length + first.run.params.maxNewTokens);
    if ((begun.length + 1) * rowBytes > Math.min(CACHE_BYTES, freemem() / 2)) return undefined;
    this.turns.remove(next);
    return next.run;
  }

  /** Reads the next run's picture while this one is at work. */
  private prepareNext(): void {
    const run = this.turns.next?.run;
    if (run === undefined || this.ahead?.run === run) return;
    const isSameModel = this.model?.spec === JSON.stringify(run.params.model);
    const picture = openPicture(
      run.params,
      isSameModel ? this.model?.loaded.manifest.config.vision.imageSizePx : undefined,
      this.parts,
      run.signal,
    );
    // Whoever takes the picture meets its failure; until then it must not count as unhandled.
    picture.then(
      () => this.log.trace('host.image', `${run.params.imagePath} is ready before its turn.`),
      () => undefined,
    );
    this.ahead = { run, picture };
  }

  /** Everything of a run up to its first token. @throws Failure; AbortError. */
  private async begin(run: WaitingRun): Promise<BegunRun> {
    const { params, onProgress, signal } = run;
    signal.throwIfAborted();
    const phase = (name: RunPhase, done: number, total: number) =>
      onProgress({ kind: 'phase', phase: name, done, total });
    const timer = new Stopwatch();
    phase('image', 0, 1);
    // The picture first: a broken one is reported before minutes are spent on loading a model.
    const picture = await this.pictureOf(run);
    const imageMs = timer.lap();
    const model = await this.load(params.model, onProgress, signal);
    const loadMs = timer.lap();
    this.prepareNext();
    const cache = model.decoder.newCache();
    try {
      checkPrefixLength(params.prefix, cache.capacity);
      const textIds = promptIds(model.tokenizer, params.prefix);
      checkPromptLength(textIds.length, model.manifest.config.vision.imageTokens, cache.capacity);
      const features = await this.imageFeatures(model, picture, params, phase, signal);
      const visionMs = timer.lap();
      const first = await model.decoder.prefill(cache, features, textIds, {
        signal,
        onGroup: (done, total) => phase('prefill', done, total),
      });
      const { widthPx, heightPx, sha256 } = picture;
      return {
        run,
        model,
        picture: { widthPx, heightPx, sha256 },
        cache,
        first,
        timings: { loadMs, imageMs, visionMs, prefillMs: timer.lap() },
      };
    } catch (error) {
      cache.release();
      throw error;
    }
  }

  private pictureOf(run: WaitingRun): Promise<Picture> {
    const { ahead } = this;
    if (ahead?.run !== run) return openPicture(run.params, undefined, this.parts, run.signal);
    this.ahead = undefined;
    return ahead.picture;
  }

  /** Decodes runs of one prompt and answers each when it ends. Never rejects. */
  private async decodeTogether(begun: readonly BegunRun[]): Promise<void> {
    const decoding = begun.filter(({ run: { signal, reject }, cache }) => {
      if (!signal.aborted) return true;
      cache.release();
      reject(signal.reason);
      return false;
    });
    const [first] = decoding;
    if (first === undefined) return;
    const timer = new Stopwatch();
    const endings = new Map<BegunRun, Promise<void>>();
    const steps = new RowSteps(
      decoding.map(({ cache }) => cache),
      first.model,
      allAborted(decoding.map(({ run }) => run.signal)),
    );
    try {
      await steps.join();
      const rows = decoding.map((row): Row => {
        const { run } = row;
        const reader = new SuffixReader(row.model.tokenizer, run.onProgress);
        return {
          first: row.first,
          signal: run.signal,
          onToken: prediction => reader.push(prediction),
          onEnd: reason =>
            endings.set(row, this.finish(row, reader, reason, timer.since()).then(run.resolve, run.reject)),
        };
      });
      await generate(rows, withDrafts(steps, decoding), {
        eosTokenIds: first.model.manifest.config.eosTokenIds,
        maxNewTokens: first.run.params.maxNewTokens,
      });
      for (const { run: { signal, reject } } of decoding) if (signal.aborted) reject(signal.reason);
    } catch (error) {
      for (const row of decoding) {
        if (!endings.has(row)) row.run.reject(row.run.signal.aborted ? row.run.signal.reason : error);
      }
    } finally {
      steps.release();
    }
    await Promise.all(endings.values());
  }

  private async finish(
    { run: { params, signal }, model, picture, timings }: BegunRun,
    reader: SuffixReader,
    stopReason: StopReason,
    decodeMs: number,
  ): Promise<GenerateResult> {
    const suffix = reader.end();
    const { tokenIds, tokenProbabilities } = reader;
    const { regions, text } = await buildRegions({
      suffix,
      image: picture,
      locDivisor: params.locDivisor,
      isTruncated: stopReason !== 'eos',
      tokens: reader,
      signal,
      ...(params.crop === undefined ? {} : { crop: params.crop }),
      ...(model.maskDecoder === undefined ? {} : { maskDecoder: model.maskDecoder }),
    });
    const all: Timings = { ...timings, decodeMs, tokens: tokenIds.length };
    this.log.info('host.decode', `${tokenIds.length} tokens, ${describeTimings(all)}`);
    return {
      image: picture,
      device: model.device,
      suffix,
      tokenIds,
      tokenProbabilities,
      stopReason,
      regions,
      text,
      timings: all,
    };
  }

  /** The wanted model, loaded now unless it is the one in memory. */
  private async load(spec: ModelSpec, onProgress: OnProgress, signal: AbortSignal): Promise<RunnableModel> {
    const source = await modelSource(spec, { cachePath: this.cachePath, threads: this.threads }, {
      signal,
      onProgress: (done, total) => onProgress({ kind: 'phase', phase: 'convert', done, total }),
      onNote: note => this.log.warn('host.convert', note),
    });
    if (this.model?.key === source.key) {
      this.model = { ...this.model, spec: JSON.stringify(spec) };
      return this.model.loaded;
    }
    await this.dispose();
    const loaded = await source.open({
      signal,
      onProgress: (done, total) => onProgress({ kind: 'phase', phase: 'load', done, total }),
      onNote: (note, level = 'warn') => this.log[level]('host.load', note),
    });
    this.model = { key: source.key, spec: JSON.stringify(spec), loaded };
    this.log.info('host.load', `${loaded.manifest.name}, ${loaded.manifest.weights}, on ${loaded.device}`);
    void this.tidy();
    return loaded;
  }

  private async tidy(): Promise<void> {
    const removed = await tidyConverted(this.cachePath);
    if (removed.length > 0) this.log.info('host.convert', `Removed what no model uses any more: ${removed.join(', ')}`);
  }

  private async imageFeatures(
    model: RunnableModel,
    picture: Picture,
    { freshFeatures }: GenerateParams,
    phase: (name: RunPhase, done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const known = freshFeatures === true ? undefined : model.knownFeatures(picture.contentKey);
    if (known !== undefined) return known;
    phase('vision', 0, 1);
    const pixels = await picture.pixelValues(model.manifest.config.vision.imageSizePx, signal);
    await nextTurn();
    signal.throwIfAborted();
    const features = await model.vision.features(pixels, {
      signal,
      onGroup: (done, total) => phase('vision', done, total),
    });
    await nextTurn();
    signal.throwIfAborted();
    model.keepFeatures(picture.contentKey, features);
    return features;
  }
}

/** As a crash of the runtime ends it: whoever started the host answers what waits, and starts a new one. */
function endProcess(fault: Error): never {
  throw fault;
}

/**
 * Tries labels of boxes before they are predicted, where one picture is decoded by itself: rows of a batch would not
 * stay of equal length.
 */
function withDrafts(steps: RowSteps, [row, ...others]: readonly BegunRun[]): Steps {
  if (row === undefined || others.length > 0 || row.model.rowDecoder === undefined) return steps;
  const drafter = LabelDrafter.forPrefix(row.run.params.prefix, row.model.tokenizer);
  return drafter === undefined ? steps : new DraftedSteps(steps, suffix => drafter.propose(suffix));
}

/** A signal that is aborted once all of `signals` are: work done for several ends when nobody wants it any more. */
function allAborted(signals: readonly AbortSignal[]): AbortSignal {
  const [only] = signals;
  if (only !== undefined && signals.length === 1) return only;
  const controller = new AbortController();
  const check = () => {
    if (signals.every(({ aborted }) => aborted)) controller.abort();
  };
  for (const signal of signals) signal.addEventListener('abort', check, { once: true });
  check();
  return controller.signal;
}

/**
 * No token of the vocabulary is longer; a text beyond this cannot fit, and cutting megabytes into tokens would take
 * minutes.
 */
const MOST_CHARACTERS_OF_TOKEN = 128;

function checkPrefixLength(prefix: string, positions: number): void {
  if (prefix.length <= positions * MOST_CHARACTERS_OF_TOKEN) return;
  throw new Failure(
    'promptTooLong',
    l10n.t(
      'The prompt has {0} characters, which cannot fit into the {1} tokens of this model. Shorten the prompt.',
      prefix.length,
      positions,
    ),
  );
}

/** Time between laps, milliseconds. */
class Stopwatch {
  private started = performance.now();

  /** Since the last lap. */
  lap(): number {
    const elapsed = this.since();
    this.started = performance.now();
    return elapsed;
  }

  /** As {@link lap}, without beginning a new one. */
  since(): number {
    return Math.round((performance.now() - this.started) * 100) / 100;
  }
}

function describeTimings({ loadMs, imageMs, visionMs, prefillMs, decodeMs }: Timings): string {
  return `load ${loadMs} ms, image ${imageMs} ms, vision ${visionMs} ms, prefill ${prefillMs} ms, decode ${decodeMs} ms`;
}
