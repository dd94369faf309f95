/** The number formats of weights on disk. */

export type SourceType = 'F32' | 'BF16' | 'F16';

/** Widens little-endian bf16, f16 or f32 values to float32, exactly. `bytes` must start at a multiple of the value size. */
export function widenToFloat32(bytes: Uint8Array, type: SourceType): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (type) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'BF16': {
      const source = new Uint16Array(buffer, byteOffset, byteLength / 2);
      const bits = new Uint32Array(source.length);
      for (let i = 0; i < source.length; i++) bits[i] = source[i]! << 16;
      return new Float32Array(bits.buffer);
    }
    case 'F16': {
      const source = new Uint16Array(buffer, byteOffset, byteLength / 2);
      const values = new Float32Array(source.length);
      for (let i = 0; i < source.length; i++) values[i] = halfToFloat(source[i]!);
      return values;
    }
  }
}

/** IEEE 754 binary16, subnormals, infinities and NaN included. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
