/** Hashes of pictures by path, read again only after the file was written. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { CancellationToken as Tokens } from 'vscode-jsonrpc/node';
import { hashImage } from './imageHash';
import { stampOf } from '../workspace/filePaths';

interface KnownHash {
  readonly stamp: string;
  readonly sha256: Promise<string | undefined>;
}

const MOST_KNOWN = 20_000;

export class ImageHashes {
  private readonly known = new Map<string, KnownHash>();

  /** Undefined for what cannot be read as a file. */
  async get(place: string, token: CancellationToken = Tokens.None): Promise<string | undefined> {
    const stamp = await stampOf(place);
    if (stamp === undefined) return undefined;
    const known = this.known.get(place);
    if (known?.stamp === stamp) return known.sha256;
    const sha256 = hashImage(place, token).catch(() => undefined);
    this.known.delete(place);
    this.known.set(place, { stamp, sha256 });
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    const hash = await sha256;
    if (hash === undefined) this.known.delete(place);
    return hash;
  }

  /** Files that were written, or removed, since they were hashed; they are forgotten. */
  async takeChanged(): Promise<readonly string[]> {
    const changed: string[] = [];
    for (const [place, { stamp }] of [...this.known]) {
      if (stamp === await stampOf(place)) continue;
      this.known.delete(place);
      changed.push(place);
    }
    return changed;
  }
}
