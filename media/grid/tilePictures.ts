/** Small pictures that came for tiles: so many are kept, those that were in sight last. */

const MOST_KEPT = 400;

export class TilePictures<Picture extends { readonly index: number }> {
  /** The ones used last at the end. */
  private readonly kept = new Map<number, Picture>();
  private asked: readonly number[] = [];

  /** @param onWant Called where those that are wanted are others than before. */
  constructor(private readonly onWant: (indices: readonly number[]) => void) {}

  find(index: number): Picture | undefined {
    return this.kept.get(index);
  }

  put(picture: Picture): void {
    this.kept.delete(picture.index);
    this.kept.set(picture.index, picture);
    this.asked = this.asked.filter(index => index !== picture.index);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST_KEPT) break;
      this.kept.delete(oldest);
    }
  }

  /** Those in sight, the most wanted first. */
  want(indices: readonly number[]): void {
    for (const index of indices) {
      const picture = this.kept.get(index);
      if (picture === undefined) continue;
      this.kept.delete(index);
      this.kept.set(index, picture);
    }
    const missing = indices.filter(index => !this.kept.has(index));
    const isSame = missing.length === this.asked.length && missing.every((index, at) => index === this.asked[at]);
    this.asked = missing;
    if (!isSame && missing.length > 0) this.onWant(missing);
  }

  /** One, or all: they are others by now. */
  forget(index?: number): void {
    this.asked = [];
    if (index === undefined) this.kept.clear();
    else this.kept.delete(index);
  }
}
