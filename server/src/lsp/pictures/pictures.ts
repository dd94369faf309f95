/** What is known of a picture on disk, found out in well under the time that a hover may take. */
import path from 'node:path';
import { documentTarget, pageOf, pageOfFile } from '../../../../paligemma/src/documentPages';
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { Region } from '../../../../paligemma/src/facts';
import { Failure } from '../../../../paligemma/src/failures';
import type { ThumbnailResult } from '../../../../model-host/src/contract/protocol';
import type { PictureHashes } from '../../runs/pictureHashes';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import type { Log } from '../../util/log';
import { loggedFailure } from '../../util/loggedFailure';
import type { Timers } from '../../util/timers';
import { isShownInHovers } from '../../workspace/imageFacts';
import { readHeader, SIZE_BYTES } from '../../workspace/imageHeader';
import type { ImageLink } from '../../imageLinks/imageLink';
import type { KnownAnswer } from '../../contract/answers';
import type { KnownResults } from '../../runs/knownResults';
import { existingFile, targetPaths, type TargetPlace } from './targets';
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
  readonly hashes: PictureHashes;
  readonly thumbnails: Thumbnails;
  readonly read: (key: string) => Promise<RunResult | undefined>;
  readonly timers: Timers;
  readonly log: Log;
  /** False: nothing decodes the picture, and the editor draws it itself where it can. */
  readonly isTrusted: () => boolean;
}

/** A preview that takes longer is left out of this hover; it is made all the same, for the next one. */
const PREVIEW_PATIENCE_MS = 1500;
/** Longest sides: the most that the host makes, and a tile of a grid on a fine screen. */
const sidesPx = { large: 2048, small: 448 };
export type PictureSize = keyof typeof sidesPx;

export interface PictureSizePx {
  readonly widthPx: number;
  readonly heightPx: number;
}
/** What is to be drawn on a picture of this size. */
export type RegionsOf = (size: PictureSizePx) => Promise<readonly Region[]>;

export class Pictures {
  constructor(private readonly options: PicturesOptions) {}

  /** The file that a link means, of a document with the page; undefined where there is none on this machine. */
  async pathOf(
    link: Pick<ImageLink, 'target' | 'kind' | 'bases' | 'mayLackExtension'>,
    place: TargetPlace,
  ): Promise<string | undefined> {
    const found = (await existingFile(targetPaths(link, place)))?.path;
    const page = documentTarget(link.target)?.pages?.from;
    return found === undefined || page === undefined ? found : pageOf(found, page);
  }

  /** @throws Failure where it cannot be read; CancelledError. */
  async look(imagePath: string, token: CancellationToken): Promise<Picture> {
    const { sha256, bytes } = await this.options.hashes.of(imagePath, token);
    return { path: imagePath, bytes, sha256, known: await this.options.known.of(sha256) };
  }

  /** The picture in the size of a screen, or of a tile. @throws Failure where it cannot be read; CancelledError. */
  async scaled(imagePath: string, size: PictureSize, token: CancellationToken): Promise<ThumbnailResult> {
    const { sha256 } = await this.options.hashes.of(imagePath, token);
    const made = await this.options.thumbnails.get({ path: imagePath, sha256 }, [], sidesPx[size]);
    throwIfCancelled(token);
    return made;
  }

  /** The picture with its small copy; the newest regions are drawn on it, or those given. @throws CancelledError */
  async preview(
    imagePath: string,
    token: CancellationToken,
    given?: readonly Region[],
  ): Promise<PreviewedPicture> {
    try {
      const { sha256, ...picture } = await this.look(imagePath, token);
      const newest = picture.known.find(({ labels }) => labels.length > 0);
      const size = picture.known[0];
      const sizePx = size === undefined ? undefined : { widthPx: size.widthPx, heightPx: size.heightPx };
      if (!this.options.isTrusted()) return { ...picture, ...await undecoded(imagePath, picture.bytes) };
      const regions = given
        ?? (newest === undefined ? [] : (await this.options.read(newest.key))?.regions ?? []);
      throwIfCancelled(token);
      const made = this.options.thumbnails.get({ path: imagePath, sha256, ...sizePx }, regions);
      const small = await this.inTime(made.catch((error: unknown) => this.failure(error)), token);
      if (small === undefined) return { ...picture, ...sizePx };
      if (small instanceof Failure) return { ...picture, ...sizePx, problem: small.message };
      return {
        ...picture,
        widthPx: small.widthPx,
        heightPx: small.heightPx,
        previewUri: pathToFileURL(small.path).href,
      };
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      return { path: imagePath, bytes: 0, known: [], problem: this.failure(error).message };
    }
  }

  /** The picture with its small copy, on which `regionsOf` draws where its size is known. @throws CancelledError */
  async drawn(imagePath: string, regionsOf: RegionsOf, token: CancellationToken): Promise<PreviewedPicture> {
    const size = await this.sizeOf(imagePath);
    return this.preview(imagePath, token, size === undefined ? [] : await regionsOf(size));
  }

  /** Of the upright picture, as its first bytes tell it; undefined where they do not. Never rejects. */
  async sizeOf(imagePath: string): Promise<PictureSizePx | undefined> {
    const none: Partial<PictureSizePx> = {};
    const { widthPx, heightPx } = await readHeader(pageOfFile(imagePath).file, SIZE_BYTES).catch(() => none);
    return widthPx === undefined || heightPx === undefined ? undefined : { widthPx, heightPx };
  }

  private failure(error: unknown): Failure {
    return loggedFailure(error, this.options.log, 'lsp.request');
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
}

/** What the first bytes of a file tell, and its own address where an editor shows pictures of this kind and size. */
async function undecoded(
  imagePath: string,
  bytes: number,
): Promise<Pick<PreviewedPicture, 'widthPx' | 'heightPx' | 'previewUri'>> {
  const { isPicture, ...size } = await readHeader(pageOfFile(imagePath).file, SIZE_BYTES);
  return {
    ...size,
    ...(isPicture && isShownInHovers(imagePath, bytes) ? { previewUri: pathToFileURL(imagePath).href } : {}),
  };
}

export function nameOf(imagePath: string): string {
  return path.basename(imagePath);
}
