/**
 * Pictures as they travel to a server: squeezed to the model's square by the local preprocessor, as a PNG in a `data:`
 * URL.
 */
import type { RgbImage } from '../../image/load';
import type { PartedPictures } from '../../image/partedPictures';
import { rgbPng } from '../../image/png';
import { resizeBicubic8 } from '../../image/resample';
import { loadPart, type PictureWish } from '../picture';

export interface SentPicture {
  /** Of the upright source picture. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sha256: string;
  /** PNG of `sidePx` × `sidePx`: the server's own resize then changes nothing. */
  readonly url: string;
}

/** Characters of encoded pictures that are kept: some hundred at 448 px. */
const KEPT_CHARACTERS = 64 << 20;
/** Pictures that are decoded at once: one may take 800 MB. */
const DECODED_AT_ONCE = 2;

export class Pictures {
  /** By content and side, the latest last. */
  private readonly urls = new Map<string, string>();
  private characters = 0;
  private decoding = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly parts: PartedPictures) {}

  /** @throws Failure as `loadPart`; DOMException `AbortError`. */
  async get(wish: PictureWish, sidePx: number, signal: AbortSignal): Promise<SentPicture> {
    await this.turn();
    try {
      const { image: { widthPx, heightPx, sha256 }, part, contentKey } = await loadPart(wish, this.parts, signal);
      const key = `${contentKey} ${sidePx}`;
      const url = this.urls.get(key) ?? await encode(part, sidePx, signal);
      this.keep(key, url);
      return { widthPx, heightPx, sha256, url };
    } finally {
      this.decoding--;
      this.waiting.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    if (this.decoding >= DECODED_AT_ONCE) await new Promise<void>(resolve => this.waiting.push(resolve));
    this.decoding++;
  }

  private keep(key: string, url: string): void {
    this.characters += url.length - (this.urls.get(key)?.length ?? 0);
    this.urls.delete(key);
    this.urls.set(key, url);
    for (const [oldest, { length }] of this.urls) {
      if (this.characters <= KEPT_CHARACTERS || oldest === key) break;
      this.urls.delete(oldest);
      this.characters -= length;
    }
  }
}

async function encode(image: RgbImage, sidePx: number, signal: AbortSignal): Promise<string> {
  const square = await resizeBicubic8({ ...image, channels: 3 }, sidePx, sidePx, signal);
  return pngUrl(square, sidePx);
}

/** @param data RGB, `[sidePx, sidePx, 3]`. */
export async function pngUrl(data: Uint8Array, sidePx: number): Promise<string> {
  return `data:image/png;base64,${(await rgbPng(data, sidePx, sidePx)).toString('base64')}`;
}
