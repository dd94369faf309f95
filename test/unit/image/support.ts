import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { crc32 } from '../../../model-host/src/util/crc32';

export const golden = (...parts: string[]) => path.resolve('test/fixtures/golden', ...parts);

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export function readGoldenJson<T>(...parts: string[]): T {
  return JSON.parse(readFileSync(golden(...parts), 'utf8')) as T;
}

/** A folder that goes when the test ends. */
export async function tempFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'paligemma-test-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function tempFile(context: TestContext, name: string, content: Uint8Array | string): Promise<string> {
  const file = path.join(await tempFolder(context), name);
  await writeFile(file, content);
  return file;
}

/**
 * A PNG whose header claims a size and whose pixel data are `pixels` (filter bytes included, deflated by the caller).
 */
export function pngWith(widthPx: number, heightPx: number, deflated: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflated),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

export interface NpyArray {
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** Reads a .npy file of format 1; the caller knows the type. */
export function readNpy(...parts: string[]): NpyArray {
  const file = readFileSync(golden(...parts));
  const start = 10 + file.readUInt16LE(8);
  const shape = /'shape': \(([^)]*)\)/.exec(file.toString('latin1', 10, start))?.[1] ?? '';
  return { shape: shape.split(',').filter(part => part.trim() !== '').map(Number), bytes: file.subarray(start) };
}

export function float32Of(array: NpyArray): Float32Array {
  return new Float32Array(
    array.bytes.buffer.slice(array.bytes.byteOffset, array.bytes.byteOffset + array.bytes.length),
  );
}

/** A small deterministic generator of numbers in 0…1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
