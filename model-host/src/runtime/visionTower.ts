/** The loaded vision tower with its projector. */
import path from 'node:path';
import type { Manifest } from '../convert/manifest';
import { VISION_FILE } from '../convert/manifest';
import { visionNames } from '../graph/vision';
import { floatTensor, floatsOf, openSession, type Device, type GraphSession } from './ort';

export class VisionTower {
  private constructor(private readonly session: GraphSession, private readonly imageSizePx: number) {}

  static async open(folder: string, manifest: Manifest, device: Device): Promise<VisionTower> {
    return new VisionTower(await openSession(path.join(folder, VISION_FILE), device, []), manifest.config.vision.imageSizePx);
  }

  /** `pixelValues`: [3, R, R] float32 → image features [N, D] float32, unscaled. One native run. */
  async features(pixelValues: Float32Array): Promise<Float32Array> {
    const side = this.imageSizePx;
    const outputs = await this.session.run({ [visionNames.pixelValues]: floatTensor(pixelValues, [1, 3, side, side]) }, [visionNames.imageFeatures]);
    return floatsOf(outputs[visionNames.imageFeatures]);
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
