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

/**
 * Rounds to IEEE 754 binary16, to nearest, ties to even; what is too large becomes infinite. Runs in worker threads too, so
 * it uses nothing from outside.
 */
export function halves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const word = bits[i]!;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude >= 0x47800000) result[i] = sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
    else if (magnitude >= 0x38800000) {
      result[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    } else {
      // Subnormal: a multiple of 2^-24.
      const units = Math.abs(values[i]!) * 2 ** 24;
      const low = Math.floor(units);
      const rest = units - low;
      result[i] = sign | (low + (rest > 0.5 || (rest === 0.5 && (low & 1) === 1) ? 1 : 0));
    }
  }
  return result;
}

/** Rounds to bfloat16, to nearest, ties to even; no value is NaN. */
export function brainFloats(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) result[i] = (bits[i]! + 0x7fff + ((bits[i]! >>> 16) & 1)) >>> 16;
  return result;
}
