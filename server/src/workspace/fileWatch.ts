/**
 * Changes of the disk: told by the client where it watches files, and looked for while prompt files are open where it
 * does not.
 */
import { imageGlob } from '../../../paligemma/src/pictureTypes';
import { DidChangeWatchedFilesNotification, type Connection } from 'vscode-languageserver/node';
import type { Log } from '../util/log';
import type { Timers } from '../util/timers';

/** How often the files that open documents name are looked at. */
const POLL_MS = 1_000;
/** Polling takes at most this share of the time. */
const REST_FACTOR = 20;

/** Pictures, prompt files, and what keeps pictures out of completion. */
export const watchedGlobs: readonly string[] = [imageGlob, '**/*.paligemma', '**/.gitignore'];

/** Asks the client to tell of changes. @returns whether it does. */
export async function watchFiles(connection: Connection, log: Log): Promise<boolean> {
  try {
    await connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: watchedGlobs.map(globPattern => ({ globPattern })),
    });
    return true;
  } catch (error) {
    log('warn', 'server.workspace', `The client does not watch files: ${String(error)}`);
    return false;
  }
}

/** Calls back again and again while `isWanted` says so, leaving long pauses behind long work. */
export function poll(work: () => Promise<void>, isWanted: () => boolean, timers: Timers): void {
  const again = (ms: number) => {
    timers.after(ms, () => {
      const startedAt = timers.now();
      const done = () => again(Math.max(POLL_MS, REST_FACTOR * (timers.now() - startedAt)));
      if (isWanted()) void work().then(done, done);
      else again(POLL_MS);
    });
  };
  again(POLL_MS);
}
