/**
 * Pictures that come as bytes, from the clipboard or a drop, get a file outside the workspace for as long as they are
 * read.
 */
import { endingOfMimeType } from '../../../paligemma/src/pictureTypes';
import { randomUUID } from 'node:crypto';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../../system/src/makeFolder';

/** What a window that was closed in mid-run left behind is removed after this time, milliseconds. */
const LEFTOVER_MS = 60 * 60_000;

function endingOf(kind: string | { readonly name: string }): string {
  if (typeof kind === 'string') return endingOfMimeType(kind) ?? 'png';
  return /\.([a-z0-9]{1,8})$/i.exec(kind.name)?.[1]?.toLowerCase() ?? 'png';
}

export class TemporaryPictures {
  /** @param folderPath Absolute, of the extension's own; made with the first picture. */
  constructor(private readonly folderPath: string) {}

  /**
   * Calls `work` with the path of a file that holds `bytes`, which is removed afterwards.
   * @param kind MIME type, or the name of the picture that the bytes are of.
   */
  async with<T>(
    bytes: Uint8Array,
    kind: string | { readonly name: string },
    work: (imagePath: string) => Promise<T>,
  ): Promise<T> {
    await this.removeLeftovers();
    await makeFolder(this.folderPath, 0o700);
    const imagePath = path.join(this.folderPath, `${randomUUID()}.${endingOf(kind)}`);
    try {
      await writeFile(imagePath, bytes, { mode: 0o600 });
      return await work(imagePath);
    } finally {
      await rm(imagePath, { force: true });
    }
  }

  private async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.folderPath).catch(() => [])) {
      const filePath = path.join(this.folderPath, name);
      const info = await stat(filePath).catch(() => undefined);
      if (info !== undefined && Date.now() - info.mtimeMs > LEFTOVER_MS) {
        await rm(filePath, { force: true }).catch(() => undefined);
      }
    }
  }
}
