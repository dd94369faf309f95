/** What is in picture files, as far as it has to be known whether two of them are the same. */
import { createHash } from 'node:crypto';
import { plainFileBlocks } from '../../../../system/src/plainFile';

const MOST_KNOWN = 100_000;

export class ContentHashes {
  private readonly known = new Map<string, string | undefined>();

  /**
   * @param isShared Whether pictures of so many bytes are there more than once: others cannot be the same, and are not
   *   read.
   */
  constructor(private readonly isShared: (bytes: number) => boolean) {}

  /** SHA-256 in hex; undefined where it need not be known, or cannot be. Never rejects. */
  async hash(place: string, bytes: number): Promise<string | undefined> {
    if (!this.isShared(bytes)) return undefined;
    if (this.known.has(place)) return this.known.get(place);
    const hash = await hashOf(place).catch(() => undefined);
    if (this.known.size < MOST_KNOWN) this.known.set(place, hash);
    return hash;
  }
}

async function hashOf(place: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of plainFileBlocks(place)) hash.update(block);
  return hash.digest('hex');
}
