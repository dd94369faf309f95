/** What is known of picture files: whether trainers can open them. Looked at once for as long as they stay. */
import { leadsElsewhere } from '../../util/linksElsewhere';
import { fileStamp, statOf } from '../../workspace/filePaths';
import { KIND_BYTES, readHeader } from '../../workspace/imageHeader';

/** `unreadable`: not allowed, empty, or nothing that is a picture by its first bytes. */
export type PictureState = 'picture' | 'missing' | 'folder' | 'unreadable' | 'elsewhere';

export interface PictureFacts {
  readonly state: PictureState;
  /** 0 where there is none. */
  readonly bytes: number;
}

interface Known extends PictureFacts {
  readonly stamp: string;
  readonly askedAt: number;
}

/** A file is not even asked for its time of writing again before. */
const FRESH_MS = 5_000;
const MOST_KNOWN = 50_000;

export class KnownPictures {
  /** Least recently asked for first. */
  private readonly known = new Map<string, Known>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param place Absolute. Never rejects. */
  async facts(place: string): Promise<PictureFacts> {
    const known = this.known.get(place);
    if (known !== undefined && this.now() - known.askedAt <= FRESH_MS) return known;
    const facts = await this.ask(place, known);
    this.known.delete(place);
    this.known.set(place, facts);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    return facts;
  }

  private async ask(place: string, known: Known | undefined): Promise<Known> {
    const askedAt = this.now();
    const none = (state: PictureState) => ({ state, bytes: 0, stamp: '', askedAt });
    // Asking a file of another machine tells it who asks.
    if (await leadsElsewhere(place)) return none('elsewhere');
    const info = await statOf(place);
    if (info === undefined) return none('missing');
    if (info.isDirectory()) return none('folder');
    if (!info.isFile()) return none('unreadable');
    const stamp = fileStamp(info);
    if (known?.stamp === stamp) return { ...known, askedAt };
    const { isPicture } = await readHeader(place, KIND_BYTES).catch(() => ({ isPicture: false }));
    return { state: isPicture ? 'picture' : 'unreadable', bytes: info.size, stamp, askedAt };
  }
}
