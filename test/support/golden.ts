/** Reads the reference data of test/fixtures/golden. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const goldenFolder = path.resolve('test/fixtures/golden');

export interface GoldenCase {
  readonly id: string;
  readonly model: string;
  /** Paths relative to {@link goldenFolder}. */
  readonly images: readonly string[];
  readonly exif_orientation_applied: boolean;
  readonly prompt: string;
  readonly text_ids: readonly number[];
  readonly max_new_tokens: number;
  readonly tokens: readonly number[];
  readonly finish: 'eos' | 'length';
  readonly text: string;
}

export function goldenCases(): GoldenCase[] {
  return (JSON.parse(readFileSync(path.join(goldenFolder, 'cases.json'), 'utf8')) as { cases: GoldenCase[] }).cases;
}

/** A small safetensors reader of the tests' own, so that the product's reader is not its own judge. */
export function goldenTensors(
  file: string,
): Map<string, { readonly shape: readonly number[]; readonly values: Float32Array | BigInt64Array }> {
  const bytes = readFileSync(path.join(goldenFolder, file));
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array | BigInt64Array }>();
  for (const [name, { dtype, shape, data_offsets: [start, end] }] of Object.entries(header)) {
    const copy = bytes.buffer.slice(
      bytes.byteOffset + 8 + headerBytes + start,
      bytes.byteOffset + 8 + headerBytes + end,
    );
    tensors.set(name, { shape, values: dtype === 'I64' ? new BigInt64Array(copy) : new Float32Array(copy) });
  }
  return tensors;
}

export function floatTensorOf(tensors: ReturnType<typeof goldenTensors>, name: string): Float32Array {
  const values = tensors.get(name)?.values;
  if (!(values instanceof Float32Array)) throw new Error(`no float tensor ${name}`);
  return values;
}

/** Largest absolute difference; NaN counts as infinite. */
export function largestDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} values against ${expected.length}`);
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}
