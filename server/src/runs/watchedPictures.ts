/** Pictures that were hashed for somebody who wants to know when they are written again. */
import { CancellationToken } from 'vscode-jsonrpc/node';
import { pageOfFile } from '../../../paligemma/src/documentPages';
import { stampOf } from '../workspace/filePaths';
import type { PictureHashes } from './pictureHashes';

const MOST_WATCHED = 20_000;

export class WatchedPictures {
  /** Stamps by file, those watched for the longest first. */
  private readonly stamps = new Map<string, string>();

  constructor(private readonly hashes: PictureHashes) {}

  /** Undefined for what cannot be read as a picture, and where `token` is cancelled. Never rejects. */
  async get(imagePath: string, token: CancellationToken = CancellationToken.None): Promise<string | undefined> {
    try {
      const { sha256, stamp } = await this.hashes.of(imagePath, token);
      const { file } = pageOfFile(imagePath);
      this.stamps.delete(file);
      this.stamps.set(file, stamp);
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
    for (const [file, stamp] of [...this.stamps]) {
      if (stamp === await stampOf(file)) continue;
      this.stamps.delete(file);
      changed.push(file);
    }
    return changed;
  }
}
