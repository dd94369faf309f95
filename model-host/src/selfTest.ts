/** Loads both native modules and says what they bring: what a freshly installed package must pass. */
import sharp from 'sharp';
import type { SelfTestResult } from './contract/protocol';
import { runtimeInfo } from './runtime/ort';

export async function selfTest(): Promise<SelfTestResult> {
  // A picture that is really encoded proves that libvips itself loads, not only its binding.
  await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } }).png().toBuffer();
  const { version, providers } = runtimeInfo();
  return { onnxruntime: version, sharp: sharp.versions.sharp ?? '', libvips: sharp.versions.vips, providers };
}
