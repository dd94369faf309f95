/** Reads files that anybody may have made: never a pipe that has no end, never more than a file of its kind has. */
import { open, stat } from 'node:fs/promises';

/**
 * The first `bytes` of a file, fewer where it is shorter; undefined where it is no file or cannot be read. A pipe or a
 * device is not opened, as that would wait for its other end.
 */
export async function readStart(filePath: string, bytes: number): Promise<Buffer | undefined> {
  try {
    if (!(await stat(filePath)).isFile()) return undefined;
    const file = await open(filePath, 'r');
    try {
      const buffer = Buffer.alloc(bytes);
      let filled = 0;
      while (filled < bytes) {
        const { bytesRead } = await file.read(buffer, filled, bytes - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** The value of a JSON file; undefined if it is not one, is longer than `maxBytes`, or cannot be read. */
export async function readPlainJson(filePath: string, maxBytes: number): Promise<unknown> {
  try {
    const info = await stat(filePath);
    if (!info.isFile() || info.size > maxBytes) return undefined;
    // A file that grows meanwhile is cut off, and then is no JSON.
    return JSON.parse((await readStart(filePath, info.size))?.toString('utf8') ?? '') as unknown;
  } catch {
    return undefined;
  }
}
