/** The patch embedding, which JAX and MLX keep with the colours last. */
import type { MadeTensor, ModelTensor } from './safetensors';

/**
 * @param tensor `[width, height of a patch, width of a patch, 3]`, or any shape of the same rows.
 * @param shape `[width, 3, height, width]`, as the model wants it.
 */
export function inTorchOrder(tensor: ModelTensor, shape: readonly number[]): MadeTensor {
  const [, colours = 3] = shape;
  const { name, file, type, byteLength } = tensor;
  return {
    name,
    file,
    type,
    shape,
    byteLength,
    make: async (reader, start, count) => {
      const bytes = await reader.rowBytes(tensor, start, count);
      const size = type === 'F32' ? 4 : 2;
      const pixels = bytes.length / count / size / colours;
      const turned = new Uint8Array(bytes.length);
      for (let row = 0; row < count; row++) {
        const first = row * pixels * colours;
        for (let pixel = 0; pixel < pixels; pixel++) {
          for (let colour = 0; colour < colours; colour++) {
            const from = (first + pixel * colours + colour) * size;
            turned.set(bytes.subarray(from, from + size), (first + colour * pixels + pixel) * size);
          }
        }
      }
      return turned;
    },
  };
}
