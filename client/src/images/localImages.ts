/**
 * Pictures of other file systems (a Git revision, an archive, a virtual workspace) get a file on disk for as long as
 * they are read.
 */
import { Uri, l10n, workspace } from 'vscode';
import type { FailureData, FailureReason } from '../../../paligemma/src/failures';
import type { TemporaryPictures } from './temporaryPictures';

export class LocalImages {
  constructor(private readonly temporary: TemporaryPictures) {}

  /**
   * Calls `work` with a `file:` URI for each picture, in their order; copies are removed afterwards.
   * @throws Error with a sentence that names the picture whose bytes cannot be read.
   */
  async with<T>(images: readonly Uri[], work: (files: readonly Uri[]) => Promise<T>): Promise<T> {
    return this.next(images, [], work);
  }

  private async next<T>(
    images: readonly Uri[],
    files: readonly Uri[],
    work: (files: readonly Uri[]) => Promise<T>,
  ): Promise<T> {
    const image = images[files.length];
    if (image === undefined) return work(files);
    if (image.scheme === 'file') return this.next(images, [...files, image], work);
    return this.temporary.with(
      await bytesOf(image),
      { name: image.path },
      copy => this.next(images, [...files, Uri.file(copy).with({ fragment: image.fragment })], work),
    );
  }
}

async function bytesOf(image: Uri): Promise<Uint8Array> {
  try {
    return await workspace.fs.readFile(image);
  } catch (error) {
    const message = l10n.t(
      '{0} cannot be read ({1}). Save a copy of it in a folder and try again.',
      image.path,
      error instanceof Error ? error.message : String(error),
    );
    throw Object.assign(new Error(message, { cause: error }), {
      data: { kind: 'user', reason: 'imageUnreadable' } satisfies FailureData & { reason: FailureReason },
    });
  }
}
