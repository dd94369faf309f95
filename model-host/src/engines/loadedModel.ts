/** A converted model ready to run: its graphs opened on one device, its tokenizer, its mask decoder. */
import * as l10n from '@vscode/l10n';
import { totalmem } from 'node:os';
import path from 'node:path';
import { readPlainFile } from '../../../system/src/plainFile';
import { Failure } from '../../../paligemma/src/failures';
import type { DeviceName } from '../../../paligemma/src/facts';
import { TOKENIZER_FILE, type Manifest } from '../manifest/manifest';
import type { ConvertedModel } from '../convert/modelCache';
import { loadMaskDecoder, type MaskDecoder } from '../output/maskDecoder';
import type { Decoder } from '../runtime/decoder';
import { gpuMemoryBytes } from '../runtime/gpuMemory';
import { allOn, checkMemory, fitToGpu, splitAt, type Placement } from '../runtime/memoryPlan';
import { openGraphs, type OpenGraphs, type OpenOptions } from '../runtime/threads/openGraphs';
import type { Device } from '../runtime/ort';
import type { Tower } from '../runtime/visionTower';
import { Tokenizer } from '../tokenizer/tokenizer';
import { MAX_TOKENIZER_BYTES } from '../tokenizer/tokenizerJson';
import { PictureFeatures } from '../model/pictureFeatures';
import type { LoadHooks, RunnableModel } from '../model/runnableModel';

/** Where a model shall run, and how much of it. */
export interface DeviceWish {
  readonly device: DeviceName;
  /** Layers of the decoder on the GPU, in whole groups; chosen by its memory where left out. */
  readonly gpuLayers?: number | undefined;
}

/** What reads prompts and answers. */
interface Words {
  readonly tokenizer: Tokenizer;
  readonly maskDecoder: MaskDecoder | undefined;
}

export class LoadedModel extends PictureFeatures implements RunnableModel {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly device: Device;
  readonly tokenizer: Tokenizer;
  readonly maskDecoder: MaskDecoder | undefined;
  private readonly graphs: OpenGraphs;

  private constructor({ folder, manifest }: ConvertedModel, device: Device, graphs: OpenGraphs, words: Words) {
    super();
    this.folder = folder;
    this.manifest = manifest;
    this.device = device;
    this.graphs = graphs;
    this.tokenizer = words.tokenizer;
    this.maskDecoder = words.maskDecoder;
  }

  /**
   * `auto` tries WebGPU, with as many layers as its memory holds, and falls back to the CPU with a note; a named device
   * fails with its reason instead.
   * @throws Failure outOfMemory, before anything is loaded, where the memory there is cannot be enough.
   */
  static async open(
    model: ConvertedModel,
    wish: DeviceName | DeviceWish,
    hooks: LoadHooks,
    options: OpenOptions = {},
  ): Promise<LoadedModel> {
    const { device, gpuLayers } = typeof wish === 'string' ? { device: wish, gpuLayers: undefined } : wish;
    const { manifest } = model;
    const onCpu = allOn(manifest, 'cpu');
    if (device === 'cpu') return LoadedModel.openOn(model, onCpu, hooks, options);
    const gpu = device === 'auto' ? 'webgpu' : device;
    const memory = await gpuMemoryBytes();
    const wanted = gpuLayers === undefined
      ? (device === 'auto' ? fitToGpu(manifest, gpu, memory) : allOn(manifest, gpu))
      : splitAt(manifest, gpu, gpuLayers);
    const placement = wanted ?? onCpu;
    if (device !== 'auto') return LoadedModel.openOn(model, placement, hooks, options, memory);
    try {
      return await LoadedModel.openOn(model, placement, hooks, options, memory);
    } catch (error) {
      if (
        !(error instanceof Failure) || !['deviceUnavailable', 'runtimeFailed', 'outOfMemory'].includes(error.reason)
      ) throw error;
      // A machine without a GPU is no fault.
      hooks.onNote(
        `${l10n.t('Running on the CPU.')} ${error.message}`,
        error.reason === 'deviceUnavailable' ? 'info' : 'warn',
      );
      return LoadedModel.openOn(model, onCpu, hooks, options);
    }
  }

  private static async openOn(
    model: ConvertedModel,
    placement: Placement,
    { signal, onProgress, onNote }: LoadHooks,
    options: OpenOptions,
    gpuBytes?: number,
  ): Promise<LoadedModel> {
    const { folder, manifest } = model;
    checkMemory(manifest, placement, { cpu: totalmem(), gpu: gpuBytes });
    const device = placement.groups.at(-1) ?? 'cpu';
    const onGpu = placement.groups.filter(place => place !== 'cpu').length;
    if (onGpu > 0 && onGpu < placement.groups.length) {
      onNote(
        `${onGpu} of ${placement.groups.length} groups of layers run on ${device}, the others on the CPU.`,
        'info',
      );
    }
    const tokenizer = Tokenizer.fromBytes(await readPlainFile(path.join(folder, TOKENIZER_FILE), MAX_TOKENIZER_BYTES));
    const maskDecoder = manifest.maskDecoder === undefined
      ? undefined
      : await loadMaskDecoder(path.join(folder, manifest.maskDecoder));
    const graphs = await openGraphs(folder, manifest, placement, options, { signal, onProgress, onNote });
    return new LoadedModel(model, device, graphs, { tokenizer, maskDecoder });
  }

  get vision(): Tower {
    return this.graphs.vision;
  }

  get decoder(): Decoder {
    return this.graphs.decoder;
  }

  get rowDecoder(): Decoder {
    return this.graphs.decoder;
  }

  release(): Promise<void> {
    return this.graphs.release();
  }
}
