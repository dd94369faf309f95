/** Reads named pipes, for what is asked to: a word of a command line may be `<(…)` of a shell. */
import { constants, open } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

/**
 * Opened at once, and read without a thread: one that waits for a writer could not be called back.
 * @throws the error of the file system.
 */
export async function openPipe(place: string): Promise<Readable> {
  const fd = await promisify(open)(place, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
