import type { RgbImage } from './load';
import { resizeBicubic8 } from './resample';

/**
 * Squeezes the picture to the square that the vision tower sees, the aspect ratio not kept, and scales it to −1…1.
 * Equal bit by bit to the reference processor on the same pixels. Cancellable between rows.
 * @param resolutionPx Side R of the square: 224, 448 or 896 in published checkpoints.
 * @returns pixelValues `[3, R, R] float32`: red plane, green plane, blue plane.
 * @throws DOMException `AbortError`.
 * Source: Hugging Face `preprocessor_config.json` of the checkpoints (resample 3, mean and standard deviation 0.5),
 * Pillow 12.
 */
export async function pixelValues(image: RgbImage, resolutionPx: number, signal?: AbortSignal): Promise<Float32Array> {
  const square = await resizeBicubic8({ ...image, channels: 3 }, resolutionPx, resolutionPx, signal);
  const scale = scaleTable();
  const plane = resolutionPx * resolutionPx;
  const values = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    values[i] = scale[square[i * 3]!]!;
    values[plane + i] = scale[square[i * 3 + 1]!]!;
    values[2 * plane + i] = scale[square[i * 3 + 2]!]!;
  }
  return values;
}

/** (level / 255 − 0.5) / 0.5 for each level, rounded to float32 after each step as the reference does. */
function scaleTable(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, level) => Math.fround(Math.fround(level / 255) - 0.5) / 0.5);
}
