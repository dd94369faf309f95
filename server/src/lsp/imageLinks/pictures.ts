/** What is known of a picture on disk, found out in well under the time that a hover may take. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { HostError } from '../../../../paligemma/src/failures';
import type { ThumbnailResult } from '../../../../model-host/src/contract/protocol';
import { hashImage } from '../../runs/imageHash';
import type { StoredResult } from '../../runs/resultStore';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { toHostError } from '../../util/failure';
import type { Timers } from '../../util/timers';
import { isShownByEditors } from '../../workspace/imageFacts';
import { readHeader, SIZE_BYTES } from '../../workspace/imageHeader';
import type { ImageLink } from '../../imageLinks/imageLink';
import type { KnownAnswer, KnownResults } from '../../runs/knownResults';
import { existingFile, targetPaths, type TargetPlace } from '../../imageLinks/targets';
import type { Thumbnails } from './thumbnails';

export interface Picture {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly known: readonly KnownAnswer[];
}

export interface PreviewedPicture extends Omit<Picture, 'sha256'> {
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** `file:` URI of a small PNG. */
  readonly previewUri?: string;
  /** One sentence: why there is no preview. */
  readonly problem?: string;
}

export interface PicturesOptions {
  readonly known: KnownResults;
  readonly thumbnails: Thumbnails;
  readonly read: (key: string) => Promise<StoredResult | undefined>;
  readonly timers: Timers;
  /** False: nothing decodes the picture, and the editor draws it itself where it can. */
  readonly isTrusted: () => boolean;
}

/** A preview that takes longer is left out of this hover; it is made all the same, for the next one. */
const PREVIEW_PATIENCE_MS = 1500;
const MOST_HASHES = 2000;
/** The most that the host makes. */
const LARGE_SIDE_PX = 2048;

export class Pictures {
  /** By path, least recently used first. */
  private readonly hashes = new Map<
    string,
    { readonly mtimeMs: number; readonly bytes: number; readonly sha256: string }
  >();

  constructor(private readonly options: PicturesOptions) {}

  /** The file that a link means; undefined where there is none on this machine. */
  async pathOf(
    link: Pick<ImageLink, 'target' | 'kind' | 'bases' | 'mayLackExtension'>,
    place: TargetPlace,
  ): Promise<string | undefined> {
    return (await existingFile(targetPaths(link, place)))?.path;
  }

  /** @throws HostError where it cannot be read; CancelledError. */
  async look(imagePath: string, token: CancellationToken): Promise<Picture> {
    const file = await existingFile([imagePath]);
    if (file === undefined) throw new HostError('imageMissing', `There is no picture at ${imagePath}. Check the path.`);
    const cached = this.hashes.get(imagePath);
    const isSame = cached?.mtimeMs === file.mtimeMs && cached.bytes === file.bytes;
    const sha256 = isSame ? cached.sha256 : await hashImage(imagePath, token);
    this.remember(imagePath, { mtimeMs: file.mtimeMs, bytes: file.bytes, sha256 });
    throwIfCancelled(token);
    return { path: imagePath, bytes: file.bytes, sha256, known: await this.options.known.of(sha256) };
  }

  /** The picture in the size of a screen. @throws HostError where it cannot be read; CancelledError. */
  async large(imagePath: string, token: CancellationToken): Promise<ThumbnailResult> {
    const { sha256 } = await this.look(imagePath, token);
    const made = await this.options.thumbnails.get(imagePath, sha256, [], undefined, LARGE_SIDE_PX);
    throwIfCancelled(token);
    return made;
  }

  /** The picture with its small copy; the newest regions are drawn on it. @throws CancelledError */
  async preview(imagePath: string, token: CancellationToken): Promise<PreviewedPicture> {
    try {
      const { sha256, ...picture } = await this.look(imagePath, token);
      const newest = picture.known.find(({ labels }) => labels.length > 0);
      const size = picture.known[0];
      const sizePx = size === undefined ? undefined : { widthPx: size.widthPx, heightPx: size.heightPx };
      if (!this.options.isTrusted()) return { ...picture, ...await undecoded(imagePath, picture.bytes) };
      const regions = newest === undefined ? [] : (await this.options.read(newest.key))?.regions ?? [];
      throwIfCancelled(token);
      const made = this.options.thumbnails.get(imagePath, sha256, regions, sizePx);
      const small = await this.inTime(made.catch((error: unknown) => toHostError(error)), token);
      if (small === undefined) return { ...picture, ...sizePx };
      if (small instanceof HostError) return { ...picture, ...sizePx, problem: small.message };
      return {
        ...picture,
        widthPx: small.widthPx,
        heightPx: small.heightPx,
        previewUri: pathToFileURL(small.path).href,
      };
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      return { path: imagePath, bytes: 0, known: [], problem: toHostError(error).message };
    }
  }

  private inTime<T>(work: Promise<T>, token: CancellationToken): Promise<T | undefined> {
    return new Promise<T | undefined>((resolve, reject) => {
      const limit = this.options.timers.afterAwake(PREVIEW_PATIENCE_MS, () => resolve(undefined));
      const subscription = token.onCancellationRequested(() => reject(new CancelledError()));
      void work.then(resolve, reject).finally(() => {
        limit.dispose();
        subscription.dispose();
      });
    });
  }

  private remember(
    imagePath: string,
    facts: { readonly mtimeMs: number; readonly bytes: number; readonly sha256: string },
  ): void {
    this.hashes.delete(imagePath);
    this.hashes.set(imagePath, facts);
    const [oldest] = this.hashes.keys();
    if (this.hashes.size > MOST_HASHES && oldest !== undefined) this.hashes.delete(oldest);
  }
}

/** What the first bytes of a file tell, and its own address where an editor shows pictures of this kind and size. */
async function undecoded(
  imagePath: string,
  bytes: number,
): Promise<Pick<PreviewedPicture, 'widthPx' | 'heightPx' | 'previewUri'>> {
  const { isPicture, ...size } = await readHeader(imagePath, SIZE_BYTES);
  return {
    ...size,
    ...(isPicture && isShownByEditors(imagePath, bytes) ? { previewUri: pathToFileURL(imagePath).href } : {}),
  };
}

export function nameOf(imagePath: string): string {
  return path.basename(imagePath);
}
