/** A data file of weights that grows by reserved regions and is written out of order. */
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { openNewFile } from '../../../system/src/plainFile';
import type { ExternalData } from '../graph/graphBuilder';
import { writeFailure } from '../util/writeFailure';

/**
 * Page size of every platform that onnxruntime-node ships for divides this; mapped initialisers must start on a page.
 */
const ALIGNMENT = 65536;
/** Written bytes after which the disk is asked to keep up, so that the last sync is short. */
const SYNC_AFTER = 256 * 2 ** 20;

/** Bytes of one file on disk at most; a region is never cut, so one that is larger has a file of its own. */
const MAX_FILE_BYTES = 2e9;

interface Part {
  readonly name: string;
  readonly handle: Promise<FileHandle>;
  length: number;
  unsynced: number;
  syncing: Promise<void>;
}

export class DataFile {
  private readonly parts: Part[] = [];

  private constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly maxBytes: number,
  ) {}

  /** @throws Failure diskFull, cacheUnwritable */
  static async create(folder: string, name: string, maxBytes = MAX_FILE_BYTES): Promise<DataFile> {
    const file = new DataFile(folder, name, maxBytes);
    await file.addPart().handle;
    return file;
  }

  /** Keeps room for `byteLength` bytes and says where. Small tensors are packed; large ones start on a page. */
  reserve(byteLength: number): ExternalData {
    const alignment = byteLength >= ALIGNMENT ? ALIGNMENT : 64;
    let part = this.parts.at(-1)!;
    let offset = Math.ceil(part.length / alignment) * alignment;
    if (offset > 0 && offset + byteLength > this.maxBytes) {
      part = this.addPart();
      offset = 0;
    }
    part.length = offset + byteLength;
    return { location: part.name, offset, length: byteLength };
  }

  /** Writes into a reserved region, `position` bytes from its start. @throws Failure diskFull, cacheUnwritable */
  async write(region: ExternalData, position: number, bytes: Uint8Array): Promise<void> {
    const part = this.parts.find(({ name }) => name === region.location)!;
    const handle = await part.handle;
    for (let written = 0; written < bytes.byteLength;) {
      const result = await handle.write(
        bytes,
        written,
        Math.min(bytes.byteLength - written, 2 ** 30),
        region.offset + position + written,
      )
        .catch((error: unknown) => {
          throw this.failure(part, error);
        });
      written += result.bytesWritten;
    }
    part.unsynced += bytes.byteLength;
    if (part.unsynced < SYNC_AFTER) return;
    part.unsynced = 0;
    // A failure here shows again in the last sync.
    part.syncing = part.syncing.then(() => handle.datasync()).catch(() => undefined);
  }

  /** Reserves and writes at once. */
  async append(values: Float32Array): Promise<ExternalData> {
    const region = this.reserve(values.byteLength);
    await this.write(region, 0, bytesOf(values));
    return region;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.parts.map(async part => {
      await part.syncing;
      await (await part.handle).close();
    }));
  }

  /**
   * A region at the end may have been reserved and not filled to its last page. @throws Failure diskFull,
   * cacheUnwritable
   */
  async finish(): Promise<void> {
    for (const part of this.parts) {
      const handle = await part.handle;
      try {
        await handle.truncate(part.length);
        await handle.sync();
      } catch (error) {
        throw this.failure(part, error);
      }
    }
    await this.close();
  }

  private addPart(): Part {
    const name = this.parts.length === 0 ? this.name : this.name.replace(/(\.[^.]+)?$/, `-${this.parts.length + 1}$1`);
    const part: Part = {
      name,
      handle: openNewFile(path.join(this.folder, name)),
      length: 0,
      unsynced: 0,
      syncing: Promise.resolve(),
    };
    const handle = part.handle.catch((error: unknown) => {
      throw this.failure(part, error);
    });
    // Whoever writes meets the failure; until then it must not count as unhandled.
    handle.catch(() => undefined);
    const added = { ...part, handle };
    this.parts.push(added);
    return added;
  }

  private failure(part: Part, error: unknown): Error {
    return writeFailure(path.join(this.folder, part.name), error);
  }
}

export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
