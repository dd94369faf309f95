/** The one cache folder that editor and terminal share: models, converted graphs, results. */
import * as l10n from '@vscode/l10n';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import { makeFolder } from '../../../../system/src/makeFolder';
import { errorCode } from '../../util/files';
import { secureCache } from './cacheSafety';

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

/** The cache folder of this process. */
export function ownCachePath(): string {
  return cachePath({ env: process.env, platform: process.platform, homePath: os.homedir() });
}

/**
 * Makes the cache folder where it does not exist.
 * @returns `folderPath`. @throws Failure `cacheUnwritable`, `cacheUnsafe`, `diskFull`.
 */
export async function openCache(folderPath: string): Promise<string> {
  try {
    // Pictures and what was found in them are nobody else's.
    await makeFolder(folderPath, 0o700);
    await access(folderPath, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    if (code === 'ENOSPC') {
      throw new Failure(
        'diskFull',
        l10n.t(
          'The disk of the cache folder {0} is full. Free some space, or set PALIGEMMA_CACHE to a folder on another disk.',
          folderPath,
        ),
        { cause: error },
      );
    }
    throw new Failure(
      'cacheUnwritable',
      l10n.t(
        'The cache folder {0} cannot be written to ({1}). Allow writing there, or set the environment variable PALIGEMMA_CACHE to a writable folder.',
        folderPath,
        code,
      ),
      { cause: error },
    );
  }
  await secureCache(folderPath);
  return folderPath;
}

function absolute(value: string | undefined): string | undefined {
  return value !== undefined && path.isAbsolute(value) ? value : undefined;
}
