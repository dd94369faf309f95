/** Keeps a folder of files that can be made again within limits. */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

export interface FolderLimits {
  readonly files: number;
  readonly bytes: number;
}

/** Below the limits by this much after a clean-up, so that the next file does not start another one. */
const KEPT_SHARE = 0.9;
/** A file that was to be renamed and is still there after so long was left by a process that was killed. */
const LEFTOVER_MS = 3600 * 1000;
/** Files that are looked at side by side. */
const AT_ONCE = 64;

interface DatedFile {
  readonly file: string;
  readonly bytes: number;
  readonly mtimeMs: number;
}

/**
 * Deletes the files below `folder` that were not written or touched for the longest, once there are too many of them or
 * they are too large together, and in any case `*.tmp` files that a killed process left. Several processes may do so at
 * once.
 * @returns how many were deleted, leftovers not counted. @throws errors of the file system; a folder that is not there
 *   is empty.
 */
export async function trimFolder(folder: string, limits: FolderLimits): Promise<number> {
  const all = await datedFiles(folder);
  const isLeftover = ({ file, mtimeMs }: DatedFile) => file.endsWith('.tmp') && Date.now() - mtimeMs > LEFTOVER_MS;
  await inPortions(all.filter(isLeftover), ({ file }) => rm(file, { force: true }));
  const files = all.filter(file => !isLeftover(file));
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (files.length <= limits.files && bytes <= limits.bytes) return 0;
  files.sort((a, b) => a.mtimeMs - b.mtimeMs);
  const excess: string[] = [];
  for (const { file, bytes: size } of files) {
    if (files.length - excess.length <= limits.files * KEPT_SHARE && bytes <= limits.bytes * KEPT_SHARE) break;
    excess.push(file);
    bytes -= size;
  }
  await inPortions(excess, file => rm(file, { force: true }));
  return excess.length;
}

async function datedFiles(folder: string): Promise<DatedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const found: DatedFile[] = [];
  await inPortions(entries.filter(entry => entry.isFile()), async entry => {
    const file = path.join(entry.parentPath, entry.name);
    // Another process may have deleted it meanwhile.
    const info = await stat(file).catch(() => undefined);
    if (info !== undefined) found.push({ file, bytes: info.size, mtimeMs: info.mtimeMs });
  });
  return found;
}

async function inPortions<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map(work));
  }
}
