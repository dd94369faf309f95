/** Small pictures for hovers: made by the host once, then found on disk without it. */
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { isRecord } from '../../../../paligemma/src/checks';
import type { Region } from '../../../../paligemma/src/facts';
import type { ThumbnailParams, ThumbnailResult } from '../../../../model-host/src/contract/protocol';
import { THUMBNAIL_FOLDER, thumbnailStem } from '../../../../model-host/src/contract/thumbnails';
import { isSafeCache } from '../../models/folders/cacheSafety';
import { readPlainJson } from '../../../../system/src/plainFile';
import { writeAtomically } from '../../util/files';
import { ownAnswer, shared } from '../../util/sharedWork';
import { trimFolder, type FolderLimits } from '../../util/trimFolder';
import { labelHeight, THUMBNAIL_SIDE_PX } from './previewSize';

const LIMITS: FolderLimits = { files: 4000, bytes: 2 ** 28 };
/** Characters of what is noted of one picture: a path and a few numbers. */
const LONGEST_RECORD = 1 << 16;

/** A picture on disk. Where its size is known, labels are drawn in the size that fits a hover. */
export interface DrawnPicture {
  readonly path: string;
  readonly sha256: string;
  readonly widthPx?: number;
  readonly heightPx?: number;
}

export interface ThumbnailsOptions {
  readonly cachePath: string;
  /** The host's request of that name. */
  readonly make: (params: ThumbnailParams, token: CancellationToken) => Promise<ThumbnailResult>;
}

export class Thumbnails {
  private readonly underWay = new Map<string, Promise<ThumbnailResult>>();
  private readonly known = new Map<string, ThumbnailResult>();
  private hasPruned = false;

  constructor(private readonly options: ThumbnailsOptions) {}

  /**
   * The picture in a small size, with the boxes and masks of `regions` drawn on it. A request that nobody waits for
   * any more still finishes, for the next one.
   * @throws Failure where the picture cannot be read.
   */
  async get(
    { path: imagePath, sha256, widthPx, heightPx }: DrawnPicture,
    regions: readonly Region[],
    maxSidePx = THUMBNAIL_SIDE_PX,
  ): Promise<ThumbnailResult> {
    const labelPx = regions.length === 0 || widthPx === undefined || heightPx === undefined
      ? undefined
      : labelHeight(widthPx, heightPx);
    const params: ThumbnailParams = {
      imagePath,
      maxSidePx,
      ...(regions.length === 0 ? {} : { regions }),
      ...(labelPx === undefined ? {} : { labelPx }),
    };
    const record = path.join(this.options.cachePath, `${thumbnailStem(sha256, params, sha256Of)}.json`);
    const found = this.known.get(record) ?? await this.find(record);
    if (found !== undefined && await exists(found.path)) {
      this.known.set(record, found);
      return found;
    }
    const make = () => shared(imagePath, this.make(params, sha256, record));
    return ownAnswer(imagePath, () => {
      let making = this.underWay.get(record);
      if (making === undefined) {
        making = make().finally(() => this.underWay.delete(record));
        this.underWay.set(record, making);
      }
      return making;
    }, make);
  }

  /** What lies in a folder that others may write to is made anew, which the host refuses. */
  private async find(record: string): Promise<ThumbnailResult | undefined> {
    return await isSafeCache(this.options.cachePath) ? readRecord(record) : undefined;
  }

  private async make(params: ThumbnailParams, sha256: string, record: string): Promise<ThumbnailResult> {
    const made = await this.options.make(params, CancellationToken.None);
    // The picture may have changed since it was hashed: then the answer belongs to another name.
    if (made.sha256 === sha256) await writeAtomically(record, JSON.stringify(made)).catch(() => undefined);
    if (!this.hasPruned) {
      this.hasPruned = true;
      void trimFolder(path.join(this.options.cachePath, THUMBNAIL_FOLDER), LIMITS).catch(() => undefined);
    }
    return made;
  }
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function readRecord(file: string): Promise<ThumbnailResult | undefined> {
  const value = await readPlainJson(file, LONGEST_RECORD);
  const { path: picture, widthPx, heightPx, sha256 } = isRecord(value) ? value : {};
  if (
    typeof picture !== 'string' || typeof widthPx !== 'number' || typeof heightPx !== 'number'
    || typeof sha256 !== 'string'
  ) return undefined;
  // The cache folder may have been moved; nothing outside of it is shown.
  return { path: path.join(path.dirname(file), path.basename(picture)), widthPx, heightPx, sha256 };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(() => true, () => false);
}
