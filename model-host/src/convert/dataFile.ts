/** A data file of weights that grows by reserved regions and is written out of order. */
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ExternalData } from '../graph/graphBuilder';
import { writeFailure } from './writeFailure';

/** Page size of every platform that onnxruntime-node ships for divides this; mapped initialisers must start on a page. */
const ALIGNMENT = 65536;
/** Written bytes after which the disk is asked to keep up, so that the last sync is short. */
const SYNC_AFTER = 256 * 2 ** 20;

export class DataFile {
  private length = 0;
  private unsynced = 0;
  private syncing: Promise<void> = Promise.resolve();

  private constructor(private readonly handle: FileHandle, readonly name: string, private readonly file: string) {}

  static async create(folder: string, name: string): Promise<DataFile> {
    const file = path.join(folder, name);
    return new DataFile(await open(file, 'wx').catch((error: unknown) => { throw writeFailure(file, error); }), name, file);
  }

  /** Keeps room for `byteLength` bytes and says where. Small tensors are packed; large ones start on a page. */
  reserve(byteLength: number): ExternalData {
    const alignment = byteLength >= ALIGNMENT ? ALIGNMENT : 64;
    const offset = Math.ceil(this.length / alignment) * alignment;
    this.length = offset + byteLength;
    return { location: this.name, offset, length: byteLength };
  }

  /** Writes into a reserved region, `position` bytes from its start. @throws HostError diskFull, cacheUnwritable */
  async write(region: ExternalData, position: number, bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.byteLength; ) {
      const result = await this.handle.write(bytes, written, Math.min(bytes.byteLength - written, 2 ** 30), region.offset + position + written)
        .catch((error: unknown) => { throw writeFailure(this.file, error); });
      written += result.bytesWritten;
    }
    this.unsynced += bytes.byteLength;
    if (this.unsynced < SYNC_AFTER) return;
    this.unsynced = 0;
    // A failure here shows again in the last sync.
    this.syncing = this.syncing.then(() => this.handle.datasync()).catch(() => undefined);
  }

  /** Reserves and writes at once. */
  async append(values: Float32Array): Promise<ExternalData> {
    const region = this.reserve(values.byteLength);
    await this.write(region, 0, bytesOf(values));
    return region;
  }

  async close(): Promise<void> {
    await this.syncing;
    await this.handle.close();
  }

  /** A region at the end may have been reserved and not filled to its last page. */
  async finish(): Promise<number> {
    await this.handle.truncate(this.length).catch((error: unknown) => { throw writeFailure(this.file, error); });
    await this.handle.sync().catch((error: unknown) => { throw writeFailure(this.file, error); });
    await this.close();
    return this.length;
  }
}

export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
