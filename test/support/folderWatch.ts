/** Waits by the changes that the system tells of a folder. */
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, watch } from 'node:fs';
import path from 'node:path';

export interface WatchOptions {
  /** Done once the folder is watched. */
  readonly act?: () => Promise<void>;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Resolves once `isDone`, which is asked at once and after each change in the folder, which is made where it lacks. */
export async function folderBecomes(folder: string, isDone: () => boolean, options: WatchOptions = {}): Promise<void> {
  const { act, signal = AbortSignal.timeout(60_000) } = options;
  mkdirSync(folder, { recursive: true });
  const changes = watch(folder);
  try {
    await act?.();
    while (!isDone()) await once(changes, 'change', { signal });
  } finally {
    changes.close();
  }
}

/** Resolves once a file is there and its text is as expected. */
export function fileBecomes(
  file: string,
  isExpected: (text: string) => boolean,
  options: WatchOptions = {},
): Promise<void> {
  return folderBecomes(
    path.dirname(file),
    () => existsSync(file) && isExpected(readFileSync(file, 'utf8')),
    options,
  );
}
