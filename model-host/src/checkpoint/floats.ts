/** The number formats of weights on disk. */

export type SourceType = 'F32' | 'BF16' | 'F16';

/**
 * Widens little-endian bf16, f16 or f32 values to float32, exactly; subnormals, infinities and NaN included.
 * `bytes` must start at a multiple of the value size. Runs in worker threads too, so it uses nothing from outside.
 */
export function widenToFloat32(bytes: Uint8Array, type: SourceType): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (type === 'F32') return new Float32Array(buffer, byteOffset, byteLength / 4);
  const source = new Uint16Array(buffer, byteOffset, byteLength / 2);
  const bits = new Uint32Array(source.length);
  const values = new Float32Array(bits.buffer);
  if (type === 'BF16') {
    for (let i = 0; i < source.length; i++) bits[i] = source[i]! << 16;
    return values;
  }
  for (let i = 0; i < source.length; i++) {
    const half = source[i]!;
    const exponent = (half >> 10) & 0x1f;
    if (exponent === 0) values[i] = (half & 0x8000 ? -1 : 1) * (half & 0x3ff) * 2 ** -24;
    else bits[i] = ((half & 0x8000) << 16) | ((exponent === 31 ? 255 : exponent + 112) << 23) | ((half & 0x3ff) << 13);
  }
  return values;
}
