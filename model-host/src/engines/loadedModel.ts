/** A converted model ready to run: its graphs opened on one device, its tokenizer, its mask decoder. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HostError } from '../contract/errors';
import type { DeviceName } from '../contract/paligemma';
import { TOKENIZER_FILE, type Manifest } from '../convert/manifest';
import type { ConvertedModel } from '../convert/modelCache';
import { loadMaskDecoder, type MaskDecoder } from '../output/maskDecoder';
import { Decoder } from '../runtime/decoder';
import type { Device } from '../runtime/ort';
import { VisionTower } from '../runtime/visionTower';
import { Tokenizer } from '../tokenizer/tokenizer';
import { PictureFeatures } from './pictureFeatures';
import type { RunnableModel } from './runnableModel';

export interface LoadHooks {
  readonly signal: AbortSignal;
  /** Graphs opened, of all. */
  readonly onProgress: (done: number, total: number) => void;
  /** Why a device was not taken; a warning unless it says otherwise. */
  readonly onNote: (note: string, level?: 'info' | 'warn') => void;
}

export class LoadedModel extends PictureFeatures implements RunnableModel {
  private constructor(
    readonly folder: string, readonly manifest: Manifest, readonly device: Device, readonly tokenizer: Tokenizer,
    readonly vision: VisionTower, readonly decoder: Decoder, readonly maskDecoder: MaskDecoder | undefined,
  ) {
    super();
  }

  /**
   * `auto` tries WebGPU and falls back to the CPU with a note; a named device fails with its reason instead.
   * @param keepsLogits See {@link Decoder.open}.
   */
  static async open(model: ConvertedModel, device: DeviceName, hooks: LoadHooks, keepsLogits = false): Promise<LoadedModel> {
    if (device !== 'auto') return LoadedModel.openOn(model, device, hooks, keepsLogits);
    try {
      return await LoadedModel.openOn(model, 'webgpu', hooks, keepsLogits);
    } catch (error) {
      if (!(error instanceof HostError) || !['deviceUnavailable', 'runtimeFailed', 'outOfMemory'].includes(error.reason)) throw error;
      // A machine without a GPU is no fault.
      hooks.onNote(`Running on the CPU. ${error.message}`, error.reason === 'deviceUnavailable' ? 'info' : 'warn');
      return LoadedModel.openOn(model, 'cpu', hooks, keepsLogits);
    }
  }

  private static async openOn({ folder, manifest }: ConvertedModel, device: Device, { signal, onProgress }: LoadHooks, keepsLogits: boolean): Promise<LoadedModel> {
    const towers = manifest.visionFiles.length;
    const total = towers + manifest.groups.length;
    const tokenizer = Tokenizer.fromBytes(await readFile(path.join(folder, TOKENIZER_FILE)));
    const maskDecoder = manifest.maskDecoder === undefined ? undefined : await loadMaskDecoder(path.join(folder, manifest.maskDecoder));
    const vision = await VisionTower.open(folder, manifest, device, { signal, onGroup: done => onProgress(done, total) });
    try {
      const decoder = await Decoder.open(folder, manifest, device, { signal, onGroup: done => onProgress(towers + done, total) }, keepsLogits);
      return new LoadedModel(folder, manifest, device, tokenizer, vision, decoder, maskDecoder);
    } catch (error) {
      await vision.release();
      throw error;
    }
  }

  get rowDecoder(): Decoder {
    return this.decoder;
  }

  async release(): Promise<void> {
    await Promise.allSettled([this.vision.release(), this.decoder.release()]);
  }
}
