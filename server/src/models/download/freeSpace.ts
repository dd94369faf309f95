import { statfs } from 'node:fs/promises';
import path from 'node:path';

/**
 * Free bytes of the disk that holds a folder, or would hold it: the nearest folder above it that is there decides.
 * @throws errors of the file system.
 */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const above = path.dirname(folder);
    if (above === folder) throw error;
    return freeBytes(above);
  }
}
