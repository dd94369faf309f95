/** Pictures that were hashed for somebody who wants to know when they are written again. */
import { CancellationToken } from 'vscode-jsonrpc/node';
import { stampOf } from '../workspace/filePaths';
import type { PictureHashes } from './pictureHashes';

const MOST_WATCHED = 20_000;

export class WatchedPictures {
  /** Stamps by path, those watched for the longest first. */
  private readonly stamps = new Map<string, string>();

  constructor(private readonly hashes: PictureHashes) {}

  /** Undefined for what cannot be read as a picture, and where `token` is cancelled. Never rejects. */
  async get(imagePath: string, token: CancellationToken = CancellationToken.None): Promise<string | undefined> {
    try {
      const { sha256, stamp } = await this.hashes.of(imagePath, token);
      this.stamps.delete(imagePath);
      this.stamps.set(imagePath, stamp);
      const [oldest] = this.stamps.keys();
      if (this.stamps.size > MOST_WATCHED && oldest !== undefined) this.stamps.delete(oldest);
      return sha256;
    } catch {
      return undefined;
    }
  }

  /** Files that were written, or removed, since they were hashed here; they are watched no more. */
  async takeChanged(): Promise<readonly string[]> {
    const changed: string[] = [];
    for (const [imagePath, stamp] of [...this.stamps]) {
      if (stamp === await stampOf(imagePath)) continue;
      this.stamps.delete(imagePath);
      changed.push(imagePath);
    }
    return changed;
  }
}
