/** Size and thumbnail of pictures: asked for by name, read from the file's first bytes in the background. */
import { extensionOf } from '../language/text/paths';
import type { ImageFacts } from '../language/knowledge/context';
import { pathOfUri, statOf } from './filePaths';
import { readHeader, SIZE_BYTES } from './imageHeader';

/** Kinds that every editor that shows pictures can show. */
const shown = new Set(['png', 'jpg', 'jpeg', 'jpe', 'jfif', 'gif', 'webp', 'bmp', 'svg', 'avif']);
/** A larger file is not loaded into a hover. */
const MOST_SHOWN_BYTES = 30_000_000;
const MOST_KNOWN = 5_000;
const MOST_AT_ONCE = 4;
/** Facts older than this are read again when they are asked for. */
const FRESH_MS = 5_000;

/** Whether an editor can put the file itself into a hover. */
export function isShownByEditors(imagePath: string, bytes: number): boolean {
  return shown.has(extensionOf(imagePath)) && bytes <= MOST_SHOWN_BYTES;
}

interface Known {
  facts: ImageFacts | undefined;
  readAt: number;
  pending: Promise<void> | undefined;
}

export class KnownImageFacts {
  /** Least recently read first. */
  private readonly known = new Map<string, Known>();
  private readonly waiting: (() => void)[] = [];
  private active = 0;

  /**
   * `thumbnailSuffix`: what makes a client draw a picture small, behind its address; undefined: it shows no pictures.
   */
  constructor(private readonly thumbnailSuffix: () => string | undefined, private readonly now: () => number) {}

  /** What is known by now; starts to find out. */
  get(imageUri: string): ImageFacts | undefined {
    const known = this.known.get(imageUri);
    if (known === undefined || (known.pending === undefined && this.now() - known.readAt > FRESH_MS)) {
      void this.read(imageUri);
    }
    return known?.facts;
  }

  /** Resolves once the facts of a picture are known, or known to be unknown. */
  async settle(imageUri: string): Promise<void> {
    const known = this.known.get(imageUri);
    if (known?.facts !== undefined && this.now() - known.readAt <= FRESH_MS) return;
    await (known?.pending ?? this.read(imageUri));
  }

  private read(imageUri: string): Promise<void> {
    const known: Known = this.known.get(imageUri) ?? { facts: undefined, readAt: 0, pending: undefined };
    this.known.delete(imageUri);
    this.known.set(imageUri, known);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    return known.pending = this.readFacts(imageUri).then(facts => {
      known.facts = facts;
      known.readAt = this.now();
      known.pending = undefined;
    });
  }

  private async readFacts(imageUri: string): Promise<ImageFacts | undefined> {
    const place = pathOfUri(imageUri);
    if (place === undefined) return undefined;
    if (this.active >= MOST_AT_ONCE) await new Promise<void>(resolve => this.waiting.push(resolve));
    this.active++;
    try {
      const info = await statOf(place);
      if (info?.isFile() !== true) return undefined;
      const { isPicture, ...size } = await readHeader(place, SIZE_BYTES).catch(() => ({ isPicture: false }));
      const suffix = this.thumbnailSuffix();
      const isShown = isPicture && suffix !== undefined && isShownByEditors(place, info.size);
      return { bytes: info.size, ...size, ...(isShown ? { thumbnailUri: imageUri + suffix } : {}) };
    } finally {
      this.active--;
      this.waiting.shift()?.();
    }
  }
}
