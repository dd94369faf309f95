/** How many bytes the pictures of several files have: those of one size may be the same picture. */
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { throwIfCancelled } from '../../util/cancellation';
import { BatchFacts, batches } from './checkFile';
import type { PictureChecks } from './pictureFindings';

/** More sizes than that are not told apart: then every picture may be there twice. */
const MOST_SIZES = 2_000_000;

export class PictureSizes {
  /** The place of the first picture of a size; undefined once there is another. */
  private readonly places = new Map<number, string | undefined>();

  /** Takes the pictures of a data set's file. @throws CancelledError; as `fileLines`. */
  async add(file: string, pictures: PictureChecks, token: CancellationToken): Promise<void> {
    for await (const batch of batches(file)) {
      throwIfCancelled(token);
      const { verdicts } = await BatchFacts.of(batch, path.dirname(file), { pictures }, token);
      for (const { place, facts } of verdicts.values()) {
        if (facts?.state === 'picture' && place !== undefined) this.take(facts.bytes, place);
      }
    }
  }

  /** Whether pictures of a size lie, or may lie, in two places. */
  isShared(bytes: number): boolean {
    return this.places.has(bytes) ? this.places.get(bytes) === undefined : this.places.size >= MOST_SIZES;
  }

  private take(bytes: number, place: string): void {
    if (!this.places.has(bytes)) {
      if (this.places.size < MOST_SIZES) this.places.set(bytes, place);
    } else if (this.places.get(bytes) !== place) this.places.set(bytes, undefined);
  }
}
