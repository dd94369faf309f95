/** Pictures of a data set's lines, small and large. */
import { Uri, l10n } from 'vscode';
import type { TextDocument } from 'vscode';
import type { SetRow } from '../../../datasets/src/edits/setRow';
import { tameText } from '../../../paligemma/src/plainText';
import { WantedQueue } from '../common/wantedQueue';
import type { ServerClient } from '../connection/languageClient';
import type { LargePicture, LinePicture } from '../contract/dataSet';
import type { LocalImages } from '../images/localImages';
import { thumbnailOf, type Thumbnail } from '../images/thumbnail';
import { loadPreview } from '../viewer/picturePreview';

/** Requests at once: the host makes them one after the other, and a disk is kept busy. */
const TOGETHER = 4;

export interface PictureParts {
  readonly client: ServerClient;
  readonly local: LocalImages;
  readonly document: TextDocument;
  /** Undefined where the line is gone. */
  readonly find: (id: number) => SetRow | undefined;
  readonly post: (picture: LinePicture) => void;
}

export class LinePictures {
  private readonly queue = new WantedQueue(id => this.makeSmall(id), TOGETHER);

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

  private async makeSmall(id: number): Promise<void> {
    const row = this.parts.find(id);
    if (row !== undefined) this.parts.post(await this.made(id, row.images[0] ?? '', thumbnailOf));
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
