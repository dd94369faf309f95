/**
 * The loaded vision tower with its projector: its graphs run one after the other, with a chance to stop between them.
 */
import path from 'node:path';
import type { Manifest } from '../manifest/manifest';
import { visionNames } from '../graph/vision';
import { floatTensor, floatsOf, openSession, releaseTensor, type Device, type GraphSession, type Tensor } from './ort';
import { hearMessages, type RunHooks } from './prediction';

export interface Tower {
  /**
   * `pixelValues`: [3, R, R] float32 → image features [N, D] float32, unscaled. @throws DOMException AbortError between
   * graphs.
   */
  features(pixelValues: Float32Array, hooks?: Partial<RunHooks>): Promise<Float32Array>;
  release(): Promise<void>;
}

/** A tower in the calling thread, which its native runs block. */
export class VisionTower implements Tower {
  private constructor(private readonly sessions: readonly GraphSession[], private readonly imageSizePx: number) {}

  static async open(
    folder: string,
    manifest: Manifest,
    device: Device,
    { signal, onGroup }: Partial<RunHooks> = {},
  ): Promise<VisionTower> {
    const sessions: GraphSession[] = [];
    try {
      for (const file of manifest.visionFiles) {
        signal?.throwIfAborted();
        const isLast = file === manifest.visionFiles.at(-1);
        sessions.push(await openSession(path.join(folder, file), device, isLast ? [] : [visionNames.hiddenOut]));
        onGroup?.(sessions.length, manifest.visionFiles.length);
        await hearMessages();
      }
    } catch (error) {
      await Promise.allSettled(sessions.map(session => session.release()));
      throw error;
    }
    return new VisionTower(sessions, manifest.config.vision.imageSizePx);
  }

  async features(pixelValues: Float32Array, { signal, onGroup }: Partial<RunHooks> = {}): Promise<Float32Array> {
    const side = this.imageSizePx;
    let feeds: Record<string, Tensor> = { [visionNames.pixelValues]: floatTensor(pixelValues, [1, 3, side, side]) };
    for (const [index, session] of this.sessions.entries()) {
      const isLast = index === this.sessions.length - 1;
      const name = isLast ? visionNames.imageFeatures : visionNames.hiddenOut;
      const outputs = await session.run(feeds, [name]);
      Object.values(feeds).forEach(releaseTensor);
      onGroup?.(index + 1, this.sessions.length);
      if (isLast) return floatsOf(outputs[name]);
      feeds = { [visionNames.hidden]: outputs[name]! };
      await hearMessages();
      if (signal?.aborted === true) Object.values(feeds).forEach(releaseTensor);
      signal?.throwIfAborted();
    }
    throw new RangeError('a tower has at least one graph');
  }

  async release(): Promise<void> {
    await Promise.allSettled(this.sessions.map(session => session.release()));
  }
}
