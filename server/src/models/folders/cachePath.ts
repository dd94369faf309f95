/** The one cache folder that editor and terminal share: models, converted graphs, results. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HostError } from '../../../../paligemma/src/failures';
import { errorCode } from '../../util/files';

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly homePath: string;
}

/**
 * `PALIGEMMA_CACHE`, else the platform's own place for caches.
 * Source: XDG Base Directory Specification 0.8 (relative values are to be ignored); Apple File System Programming
 * Guide; Windows Known Folders.
 */
export function cachePath({ env, platform, homePath }: Surroundings): string {
  const own = env['PALIGEMMA_CACHE'];
  if (own !== undefined && own !== '') return path.resolve(own);
  if (platform === 'win32') {
    return path.join(absolute(env['LOCALAPPDATA']) ?? path.join(homePath, 'AppData', 'Local'), 'paligemma', 'cache');
  }
  if (platform === 'darwin') return path.join(homePath, 'Library', 'Caches', 'paligemma');
  return path.join(absolute(env['XDG_CACHE_HOME']) ?? path.join(homePath, '.cache'), 'paligemma');
}

/**
 * Makes the cache folder where it does not exist.
 * @returns `folderPath`. @throws HostError `cacheUnwritable`, `diskFull`.
 */
export async function openCache(folderPath: string): Promise<string> {
  try {
    // Pictures and what was found in them are nobody else's.
    await mkdir(folderPath, { recursive: true, mode: 0o700 });
    await access(folderPath, constants.W_OK | constants.X_OK);
    return folderPath;
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    if (code === 'ENOSPC') {
      throw new HostError(
        'diskFull',
        `The disk of the cache folder ${folderPath} is full. Free some space, or set PALIGEMMA_CACHE to a folder on another disk.`,
        { cause: error },
      );
    }
    throw new HostError(
      'cacheUnwritable',
      `The cache folder ${folderPath} cannot be written (${code}). Allow writing there, or set the environment variable PALIGEMMA_CACHE to a folder that can be written.`,
      { cause: error },
    );
  }
}

function absolute(value: string | undefined): string | undefined {
  return value !== undefined && path.isAbsolute(value) ? value : undefined;
}
