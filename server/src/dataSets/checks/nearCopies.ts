/** Pictures of several parts of a set that look nearly the same. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { splitOf } from '../../../../datasets/src/findings/splitChecks';
import { Likenesses } from '../../../../datasets/src/splits/likeness';
import type { HostAccess } from '../../host/hostAccess';
import { CancelledError } from '../../util/cancellation';
import { inLanes } from '../../util/inLanes';

/** Each of them is decoded: further ones are not looked at. */
const MOST_PICTURES = 20_000;
const looks = { name: 'pictures', width: () => 4 };

export interface LineOfPicture {
  readonly file: string;
  readonly line: number;
}

export class NearCopies {
  /** Whether there were more pictures than are looked at. */
  isFull = false;
  private readonly likenesses = new Likenesses();
  private readonly known = new Set<string>();
  private readonly lines: LineOfPicture[] = [];
  /** Of pictures that were looked at and not compared yet, by their place. */
  private readonly levels = new Map<string, Uint8Array>();

  constructor(private readonly host: HostAccess, private readonly most = MOST_PICTURES) {}

  /** Looks at pictures, each once. @param places Absolute. @throws CancelledError. */
  async look(places: readonly string[], token: CancellationToken): Promise<void> {
    const fresh = [...new Set(places)].filter(place => !this.known.has(place));
    const taken = fresh.slice(0, Math.max(0, this.most - this.known.size));
    if (taken.length < fresh.length) this.isFull = true;
    for (const place of taken) this.known.add(place);
    this.levels.clear();
    await inLanes(taken, () => looks, async place => {
      const levels = await this.host.use(client => client.likeness(place, token), token).catch((error: unknown) => {
        if (error instanceof CancelledError) throw error;
        return undefined;
      });
      if (levels !== undefined) this.levels.set(place, Buffer.from(levels.levels, 'base64'));
    }, token);
  }

  /** The first line of another part with a picture that looks like this one, at the first line that names it. */
  take(place: string, at: LineOfPicture): LineOfPicture | undefined {
    const levels = this.levels.get(place);
    if (levels === undefined) return undefined;
    this.levels.delete(place);
    const near = this.likenesses.add(this.lines.push(at) - 1, levels).map(id => this.lines[id]);
    // Two files that are called otherwise may both be for training.
    return near.find(other => other !== undefined && splitOf(other.file) !== splitOf(at.file));
  }
}
