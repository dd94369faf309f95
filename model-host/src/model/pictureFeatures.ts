/** What a loaded model remembers of pictures, whatever form it has on disk. */

/** Pictures whose features are kept: 2.4 MB each for 3B at 224 px, 38 MB at 896 px. */
const KEPT_PICTURES = 8;

/** Image features of the pictures seen last: a second prompt on one of them skips the vision tower. */
export class PictureFeatures {
  /** By content of the picture, or of the part that was looked at, the latest last. */
  private readonly features = new Map<string, Float32Array>();

  knownFeatures(contentKey: string): Float32Array | undefined {
    const known = this.features.get(contentKey);
    if (known !== undefined) {
      this.features.delete(contentKey);
      this.features.set(contentKey, known);
    }
    return known;
  }

  keepFeatures(contentKey: string, features: Float32Array): void {
    this.features.set(contentKey, features);
    for (const oldest of this.features.keys()) {
      if (this.features.size <= KEPT_PICTURES) break;
      this.features.delete(oldest);
    }
  }
}
