/** Pictures of a data set's lines, small and large, and the shapes of their masks. */
import { CancellationTokenSource, Uri, l10n } from 'vscode';
import type { CancellationToken, Disposable, TextDocument } from 'vscode';
import type { SetRow } from '../../../datasets/src/edits/setRow';
import { tameText } from '../../../paligemma/src/plainText';
import { WantedQueue } from '../common/wantedQueue';
import type { ServerClient } from '../connection/languageClient';
import type { LargePicture, LineMasks, LinePicture } from '../contract/dataSet';
import type { LocalImages } from '../images/localImages';
import { thumbnailOf, type Thumbnail } from '../images/thumbnail';
import { loadPreview } from '../viewer/picturePreview';

/** Requests at once: the host makes them one after the other, and a disk is kept busy. */
const TOGETHER = 4;
/** Longest sides of masks: those of a tile, and of a picture that is looked at closely. */
const maskSidesPx = { small: 448, large: 1024 };

export interface PictureParts {
  readonly client: ServerClient;
  readonly local: LocalImages;
  readonly document: TextDocument;
  /** Undefined where the line is gone. */
  readonly find: (id: number) => SetRow | undefined;
  readonly post: (picture: LinePicture) => void;
}

type PictureSize = Pick<LinePicture, 'widthPx' | 'heightPx'>;

export class LinePictures implements Disposable {
  private readonly queue = new WantedQueue((id, signal) => this.makeSmall(id, signal), TOGETHER);
  private openMasks: CancellationTokenSource | undefined;

  constructor(private readonly parts: PictureParts) {}

  /** Small ones of these lines instead of those wanted before, the first one first. */
  want(ids: readonly number[]): void {
    this.queue.want(ids);
  }

  /** Never rejects: why there is none stands in it. */
  async large({ id, images }: SetRow, image: number): Promise<LargePicture> {
    const name = images[image] ?? '';
    return { ...await this.made(id, name, loadPreview), image };
  }

  /** Of the line that is open, instead of those asked for before, which are undefined then. Never rejects. */
  async masks(row: SetRow, size: PictureSize): Promise<LineMasks | undefined> {
    this.forgetMasks();
    const work = this.openMasks = new CancellationTokenSource();
    const masks = await this.decoded(row, size, maskSidesPx.large, work.token);
    return work.token.isCancellationRequested ? undefined : masks;
  }

  /** No line is open any more. */
  forgetMasks(): void {
    this.openMasks?.cancel();
    this.openMasks?.dispose();
    this.openMasks = undefined;
  }

  dispose(): void {
    this.want([]);
    this.forgetMasks();
  }

  /** Of a line that goes out of sight, masks are not decoded: false, and its picture is made again with them. */
  private async makeSmall(id: number, signal: AbortSignal): Promise<boolean> {
    const work = new CancellationTokenSource();
    signal.addEventListener('abort', () => work.cancel(), { once: true });
    const picture = await this.small(id, work.token);
    work.dispose();
    if (picture !== undefined) this.parts.post(picture);
    return picture !== undefined || !signal.aborted;
  }

  /** Undefined where the line is gone, or out of sight before its masks have come. */
  private async small(id: number, token: CancellationToken): Promise<LinePicture | undefined> {
    const row = this.parts.find(id);
    if (row === undefined) return undefined;
    const picture = await this.made(id, row.images[0] ?? '', thumbnailOf);
    if (picture.src === undefined) return picture;
    const masks = await this.decoded(row, picture, maskSidesPx.small, token);
    return masks && { ...picture, masks };
  }

  /** Undefined where the token was cancelled. */
  private async decoded(
    { revision, suffix, masks }: SetRow,
    { widthPx, heightPx }: PictureSize,
    maxSidePx: number,
    token: CancellationToken,
  ): Promise<LineMasks | undefined> {
    const none = { revision, widthPx, heightPx, shapes: [] };
    if (masks === 0 || widthPx === 0 || heightPx === 0) return none;
    if (token.isCancellationRequested) return undefined;
    try {
      const { masks: shapes, ...found } = await this.parts.client.lineMasks(
        { suffix, widthPx, heightPx, maxSidePx },
        token,
      );
      return { revision, shapes, ...found };
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      return { ...none, problem: tameText(error instanceof Error ? error.message : String(error)) };
    }
  }

  private async made(
    index: number,
    name: string,
    make: (client: ServerClient, file: Uri) => Promise<Thumbnail>,
  ): Promise<LinePicture> {
    const nothing = { index, name, widthPx: 0, heightPx: 0 };
    if (name === '') return { ...nothing, problem: l10n.t('The line names no picture.') };
    const { client, local } = this.parts;
    try {
      const image = await this.fileOf(name);
      if (image === undefined) {
        return { ...nothing, problem: l10n.t('There is no picture at “{0}”.', tameText(name)) };
      }
      return { index, name, ...await local.with([image], ([file]) => make(client, file ?? image)) };
    } catch (error) {
      return { ...nothing, problem: tameText(error instanceof Error ? error.message : String(error)) };
    }
  }

  /** By the rules of links: no path leads to another machine. */
  private async fileOf(name: string): Promise<Uri | undefined> {
    const { client, document: { uri } } = this.parts;
    if (uri.scheme !== 'file') return isBelow(name) ? Uri.joinPath(uri, '..', name) : undefined;
    // Of an open document the server says what stands at a place; a name is looked up as any file of the folder means it.
    const documentUri = Uri.joinPath(uri, '..', 'lines').toString();
    const [image] = await client.imagesAt({ documentUri, line: 0, character: 0, target: name });
    return image;
  }
}

/** Of another file system, only what lies below the file's folder. */
function isBelow(name: string): boolean {
  return !/^[\\/]|^[A-Za-z][A-Za-z0-9+.-]*:|(?:^|[\\/])\.\.(?:[\\/]|$)/.test(name);
}
