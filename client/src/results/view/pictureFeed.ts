/** Small pictures and masks for the tiles in sight, a few at a time; what went out of sight is not made any more. */
import { Uri } from 'vscode';
import type { PairPlace, ResultSet } from '../../../../paligemma/src/results/resultSet';
import { tameText } from '../../../../paligemma/src/plainText';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { WantedQueue } from '../../common/wantedQueue';
import type { ServerClient } from '../../connection/languageClient';
import type { TileMask, TilePicture } from '../../contract/results';
import type { LocalImages } from '../../images/localImages';
import { thumbnailOf } from '../../images/thumbnail';
import { storedAnswers } from './storedAnswers';

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
  private readonly queue = new WantedQueue(async index => {
    this.parts.post(await this.make(index));
    return true;
  }, TOGETHER);

  constructor(private readonly parts: FeedParts) {}

  /** These instead of those wanted before, the first one first. */
  want(indices: readonly number[]): void {
    this.queue.want(indices);
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
    return local.with([image], async ([file]) => (await thumbnailOf(client, file ?? image)).src);
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
