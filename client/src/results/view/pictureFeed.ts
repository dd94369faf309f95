/** Small pictures and masks for the tiles in sight, a few at a time; what went out of sight is not made any more. */
import { Uri } from 'vscode';
import { pictureThumbnail } from '../../../../server/src/contract/imageLinks';
import type { PairPlace, ResultSet } from '../../../../paligemma/src/results/resultSet';
import { tameText } from '../../../../paligemma/src/plainText';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { readPlainFile } from '../../../../system/src/plainFile';
import type { ServerClient } from '../../connection/languageClient';
import type { TileMask, TilePicture } from '../../contract/results';
import type { LocalImages } from '../../images/localImages';
import { storedAnswers } from './storedAnswers';

/** A small picture has some 100 kB. */
const MOST_THUMBNAIL_BYTES = 8 << 20;

/** Requests at once: the host makes them one after the other, and a disk is kept busy. */
const TOGETHER = 4;

export interface FeedParts {
  readonly client: ServerClient;
  readonly local: LocalImages;
  readonly one: ResultSet;
  readonly other: ResultSet | undefined;
  readonly places: readonly PairPlace[];
  readonly post: (picture: TilePicture) => void;
}

export class PictureFeed {
  private wanted: number[] = [];
  private readonly underWay = new Set<number>();

  constructor(private readonly parts: FeedParts) {}

  /** These instead of those wanted before, the first one first. */
  want(indices: readonly number[]): void {
    this.wanted = indices.filter(index => !this.underWay.has(index));
    this.begin();
  }

  private begin(): void {
    while (this.underWay.size < TOGETHER) {
      const index = this.wanted.shift();
      if (index === undefined) return;
      this.underWay.add(index);
      void this.make(index).then(picture => {
        this.underWay.delete(index);
        this.parts.post(picture);
        this.begin();
      });
    }
  }

  /** Never rejects. The masks come last: an answer that arrives meanwhile has its own. */
  private async make(index: number): Promise<TilePicture> {
    const { one, other, places } = this.parts;
    const place = places[index];
    const picture = place?.index === undefined
      ? other?.order.pictures[place?.other ?? -1]
      : one.order.pictures[place.index];
    const small = await this.thumbnail(Uri.parse(picture?.imageUri ?? '')).then(
      src => ({ src }),
      (error: unknown) => ({ problem: tameText(error instanceof Error ? error.message : String(error)) }),
    );
    const [masks, otherMasks] = await Promise.all([
      this.masks(one, place?.index),
      other === undefined ? [] : this.masks(other, place?.other),
    ]);
    return { index, ...small, masks, otherMasks };
  }

  private thumbnail(image: Uri): Promise<string> {
    const { client, local } = this.parts;
    return local.with([image], async ([file]) => {
      const server = await client.start();
      const made = await server.sendRequest(pictureThumbnail, { imageUri: (file ?? image).toString() });
      return `data:image/png;base64,${(await readPlainFile(made.path, MOST_THUMBNAIL_BYTES)).toString('base64')}`;
    });
  }

  /** Of an answer whose masks were given up, from the result store; none where it has forgotten them. */
  private async masks(set: ResultSet, index: number | undefined): Promise<readonly TileMask[]> {
    if (index === undefined || set.row(index)?.hasMasks !== true) return [];
    if (!set.lacksMasks(index)) return masksOf(set.result(index));
    const [stored] = await storedAnswers(this.parts.client, set, [index]).catch(() => []);
    return masksOf(stored);
  }
}

function masksOf(result: RunResult | undefined): readonly TileMask[] {
  return (result?.regions ?? []).flatMap(({ mask }, region) => mask === undefined ? [] : [{ region, png: mask.png }]);
}
