/** How many bytes the pictures of several files have: those of one size may be the same picture. */
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { throwIfCancelled } from '../../util/cancellation';
import { BatchFacts, batches } from './checkFile';
import type { PictureChecks } from './pictureFindings';

/** More sizes than that are not told apart: then every picture is read. */
const MOST_SIZES = 2_000_000;

/**
 * Reads the files once and asks for their pictures. @returns Whether pictures of a size are there that lie in two
 * places.
 * @throws CancelledError; as `fileLines`.
 */
export async function sharedSizes(
  files: readonly string[],
  pictures: PictureChecks,
  token: CancellationToken,
): Promise<(bytes: number) => boolean> {
  /** The place of the first picture of a size; undefined once there is another. */
  const places = new Map<number, string | undefined>();
  for (const file of files) {
    for await (const batch of batches(file)) {
      throwIfCancelled(token);
      const { verdicts } = await BatchFacts.of(batch, path.dirname(file), { pictures }, token);
      for (const { place, facts } of verdicts.values()) {
        if (facts?.state !== 'picture' || place === undefined) continue;
        const first = places.get(facts.bytes);
        if (!places.has(facts.bytes)) {
          if (places.size < MOST_SIZES) places.set(facts.bytes, place);
        } else if (first !== place) places.set(facts.bytes, undefined);
      }
    }
  }
  return bytes =>
    (places.size >= MOST_SIZES && !places.has(bytes)) || (places.has(bytes) && places.get(bytes) === undefined);
}
