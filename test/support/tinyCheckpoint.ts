/** Builds small checkpoints on disk, whole or damaged in one chosen way. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { goldenFolder } from './golden';

/** Copies a checkpoint of the golden set to `folder` and returns it. */
export function copyCheckpoint(name: string, folder: string): string {
  cpSync(path.join(goldenFolder, 'models', name), folder, { recursive: true });
  return folder;
}

export function removeFile(folder: string, name: string): void {
  rmSync(path.join(folder, name));
}

export function truncateFile(folder: string, name: string, bytes: number): void {
  truncateSync(path.join(folder, name), bytes);
}

/** Changes a JSON file in place. */
export function editJson(folder: string, name: string, edit: (value: Record<string, unknown>) => void): void {
  const file = path.join(folder, name);
  const value = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  edit(value);
  writeFileSync(file, JSON.stringify(value));
}

export interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: number[];
}

/** Writes a safetensors file with the given header, which need not be true, and `dataBytes` bytes of data. */
export function writeSafetensors(
  file: string,
  header: Record<string, unknown> | string,
  dataBytes: number,
  claimedHeaderBytes?: number,
): void {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(claimedHeaderBytes ?? json.length));
  writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
}

/** Changes the header of a safetensors file; the data stay as they are. */
export function editSafetensorsHeader(file: string, edit: (header: Record<string, TensorEntry>) => void): void {
  const bytes = readFileSync(file);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<string, TensorEntry>;
  edit(header);
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([length, json, bytes.subarray(8 + headerBytes)]));
}

/** A float32 tensor to be stored. */
export interface NewTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Writes a safetensors file that holds what it says. */
export function writeTensors(
  file: string,
  tensors: readonly NewTensor[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): void {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end += values.byteLength] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const data = tensors.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  writeFileSync(file, Buffer.concat([length, json, ...data]));
}

/** All tensors of a float32 file. */
export function readTensors(file: string): NewTensor[] {
  const bytes = readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, TensorEntry>;
  return Object.entries(header).filter(([name]) => name !== '__metadata__').map(([name, entry]) => {
    const [from = 0, to = 0] = entry.data_offsets;
    const copy = Uint8Array.prototype.slice.call(bytes, start + from, start + to);
    return { name, shape: entry.shape, values: new Float32Array(copy.buffer) };
  });
}
