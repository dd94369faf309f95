/** Runs prompts in this process with ONNX Runtime. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HostError } from '../contract/errors';
import type { StopReason } from '../contract/paligemma';
import type { ConvertParams, ConvertResult, GenerateParams, GenerateResult, ModelSpec, RunPhase, Timings } from '../contract/protocol';
import { convertCheckpoint } from '../convert/convert';
import { convertedModel } from '../convert/modelCache';
import { tidyConverted } from '../convert/tidyConverted';
import { generate } from '../generation/generate';
import { promptIds } from '../generation/prompt';
import { TextStream } from '../generation/textStream';
import type { HostLog } from '../hostLog';
import { loadImage, type RgbImage } from '../image/load';
import { pixelValues } from '../image/preprocess';
import { buildRegions } from '../output/regions';
import type { Engine, OnProgress } from './engine';
import { LoadedModel } from './loadedModel';

/** Suffix of one run before its regions are read. */
interface Generated {
  readonly suffix: string;
  readonly tokenIds: number[];
  readonly tokenProbabilities: number[];
  readonly stopReason: StopReason;
}

export class LocalEngine implements Engine {
  private model: { readonly key: string; readonly loaded: LoadedModel } | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly cachePath: string, private readonly log: HostLog) {}

  generate(params: GenerateParams, onProgress: OnProgress, signal: AbortSignal): Promise<GenerateResult> {
    return this.inTurn(() => this.run(params, onProgress, signal));
  }

  convert(params: ConvertParams, onProgress: OnProgress, signal: AbortSignal): Promise<ConvertResult> {
    return this.inTurn(async () => {
      const started = performance.now();
      const outPath = path.resolve(params.outPath);
      const isTaken = await stat(path.join(outPath, 'manifest.json')).then(() => true, () => false);
      if (isTaken) throw new HostError('badArgument', `${outPath} holds a converted model already. Choose another folder or delete it.`);
      const manifest = await convertCheckpoint({
        sourcePath: params.sourcePath, outPath, name: path.basename(path.resolve(params.sourcePath)), fingerprint: '',
        weights: params.weights, attention: params.attention,
        ...(params.adapterPath === undefined ? {} : { adapterPath: params.adapterPath }),
        onProgress: (done, total) => onProgress({ kind: 'phase', phase: 'convert', done, total }),
      }, signal);
      return { path: outPath, bytes: manifest.bytes, elapsedMs: performance.now() - started };
    });
  }

  async dispose(): Promise<void> {
    const model = this.model;
    this.model = undefined;
    await model?.loaded.release();
  }

  /** Runs follow each other: they share one cache budget and one set of threads. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work, work);
    this.last = result.catch(() => undefined);
    return result;
  }

  private async run(params: GenerateParams, onProgress: OnProgress, signal: AbortSignal): Promise<GenerateResult> {
    signal.throwIfAborted();
    const phase = (name: RunPhase, done: number, total: number) => onProgress({ kind: 'phase', phase: name, done, total });
    const timer = new Stopwatch();
    phase('image', 0, 1);
    // The picture first: a broken one is reported before minutes are spent on loading a model.
    const image = await loadImage(params.imagePath, signal);
    const imageMs = timer.lap();
    const model = await this.load(params.model, onProgress, signal);
    const loadMs = timer.lap();
    const features = await this.imageFeatures(model, image, params, phase, signal);
    const visionMs = timer.lap();
    const { generated, prefillMs } = await this.answer(model, features, params, onProgress, timer, signal);
    const decodeMs = timer.lap();
    const { regions, text } = await buildRegions({
      suffix: generated.suffix, image, locDivisor: params.locDivisor, isTruncated: generated.stopReason !== 'eos', signal,
      ...(model.maskDecoder === undefined ? {} : { maskDecoder: model.maskDecoder }),
    });
    const timings: Timings = { loadMs, imageMs, visionMs, prefillMs, decodeMs, tokens: generated.tokenIds.length };
    this.log.info('host.decode', `${generated.tokenIds.length} tokens, ${describeTimings(timings)}`);
    return { image: { widthPx: image.widthPx, heightPx: image.heightPx, sha256: image.sha256 }, device: model.device, ...generated, regions, text, timings };
  }

  /** The wanted model, loaded now unless it is the one in memory. */
  private async load(spec: ModelSpec, onProgress: OnProgress, signal: AbortSignal): Promise<LoadedModel> {
    const converted = await convertedModel(spec, this.cachePath, {
      signal,
      onProgress: (done, total) => onProgress({ kind: 'phase', phase: 'convert', done, total }),
      onNote: note => this.log.warn('host.convert', note),
    });
    const key = JSON.stringify([converted.folder, converted.manifest.source.fingerprint, spec.device]);
    if (this.model?.key === key) return this.model.loaded;
    await this.dispose();
    const loaded = await LoadedModel.open(converted, spec.device, {
      signal,
      onProgress: (done, total) => onProgress({ kind: 'phase', phase: 'load', done, total }),
      onNote: note => this.log.warn('host.load', note),
    });
    this.model = { key, loaded };
    this.log.info('host.load', `${converted.manifest.name}, ${converted.manifest.weights}, on ${loaded.device}`);
    void this.tidy();
    return loaded;
  }

  private async tidy(): Promise<void> {
    const removed = await tidyConverted(this.cachePath);
    if (removed.length > 0) this.log.info('host.convert', `Removed what no model uses any more: ${removed.join(', ')}`);
  }

  private async imageFeatures(model: LoadedModel, image: RgbImage, { freshFeatures }: GenerateParams, phase: (name: RunPhase, done: number, total: number) => void, signal: AbortSignal): Promise<Float32Array> {
    const known = freshFeatures === true ? undefined : model.knownFeatures(image.sha256);
    if (known !== undefined) return known;
    phase('vision', 0, 1);
    const pixels = await pixelValues(image, model.manifest.config.vision.imageSizePx, signal);
    await nextTurn();
    signal.throwIfAborted();
    const features = await model.vision.features(pixels);
    await nextTurn();
    signal.throwIfAborted();
    model.keepFeatures(image.sha256, features);
    phase('vision', 1, 1);
    return features;
  }

  private async answer(model: LoadedModel, features: Float32Array, params: GenerateParams, onProgress: OnProgress, timer: Stopwatch, signal: AbortSignal): Promise<{ generated: Generated; prefillMs: number }> {
    const { decoder, tokenizer, manifest } = model;
    const cache = decoder.newCache();
    let prefillMs = 0;
    const stream = new TextStream(tokenizer);
    const tokenIds: number[] = [];
    const tokenProbabilities: number[] = [];
    let suffix = '';
    try {
      const steps = generate({
        prefill: async () => {
          const onGroup = (done: number, total: number) => onProgress({ kind: 'phase', phase: 'prefill', done, total });
          const prediction = await decoder.prefill(cache, features, promptIds(tokenizer, params.prefix), { signal, onGroup });
          prefillMs = timer.lap();
          return prediction;
        },
        decode: id => decoder.decode(cache, id, { signal }),
        get free() {
          return cache.capacity - cache.length;
        },
      }, { eosTokenIds: manifest.config.eosTokenIds, maxNewTokens: params.maxNewTokens }, signal);
      for (;;) {
        const step = await steps.next();
        const piece = step.done === true ? stream.flush() : stream.push(step.value.id);
        suffix += piece;
        if (step.done === true) return { generated: { suffix, tokenIds, tokenProbabilities, stopReason: step.value }, prefillMs };
        tokenIds.push(step.value.id);
        tokenProbabilities.push(step.value.probability);
        if (piece !== '') onProgress({ kind: 'text', text: suffix, tokens: tokenIds.length });
      }
    } finally {
      cache.release();
    }
  }
}

/** Time between laps, milliseconds. */
class Stopwatch {
  private since = performance.now();

  lap(): number {
    const now = performance.now();
    const elapsed = now - this.since;
    this.since = now;
    return Math.round(elapsed * 100) / 100;
  }
}

function describeTimings({ loadMs, imageMs, visionMs, prefillMs, decodeMs }: Timings): string {
  return `load ${loadMs} ms, image ${imageMs} ms, vision ${visionMs} ms, prefill ${prefillMs} ms, decode ${decodeMs} ms`;
}
