/** The first directory of a TIFF, or of a BigTIFF. Source: Adobe, TIFF Revision 6.0, section 2; libtiff, BigTIFF. */

/** Bit 0: a smaller copy of another picture of the file. Decides over no pixel. */
const NEW_SUBFILE_TYPE = 254;
/** Of a value that has two bytes. */
const SHORT_TYPE = 3;

/** What decides over the pixels. */
export const tiffTags = {
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  maxSampleValue: 281,
  planarConfiguration: 284,
  group3Options: 292,
  group4Options: 293,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  inkSet: 332,
  extraSamples: 338,
  sampleFormat: 339,
  sMaxSampleValue: 341,
  jpegTables: 347,
  yCbCrCoefficients: 529,
  yCbCrSubSampling: 530,
  yCbCrPositioning: 531,
  referenceBlackWhite: 532,
  iccProfile: 34675,
} as const;

/** A tag of the private range, which every reader passes over. */
const NOBODYS_TAG = 65_000;
const bytesOfType: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 5: 8, 6: 1, 8: 2, 9: 4, 11: 4, 12: 8, 16: 8 };
const LONG = 4;
const LONG8 = 16;
/** Of the tags that are read none has more values that count. */
const MOST_VALUES = 64;
const MOST_ENTRIES = 4096;

/** Numbers of a file, in its order of bytes. */
class TiffBytes {
  protected readonly isLittle: boolean;
  protected readonly isBig: boolean;

  constructor(protected readonly file: Buffer) {
    this.isLittle = file.readUInt8(0) === 0x49;
    this.isBig = this.short(2) === 43;
  }

  protected short(at: number): number {
    return this.isLittle ? this.file.readUInt16LE(at) : this.file.readUInt16BE(at);
  }

  protected long(at: number): number {
    return this.isLittle ? this.file.readUInt32LE(at) : this.file.readUInt32BE(at);
  }

  protected long8(at: number): number {
    return Number(this.isLittle ? this.file.readBigUInt64LE(at) : this.file.readBigUInt64BE(at));
  }

  protected writeShort(value: number, at: number): void {
    if (this.isLittle) this.file.writeUInt16LE(value, at);
    else this.file.writeUInt16BE(value, at);
  }

  protected writeLong(value: number, at: number): void {
    if (this.isLittle) this.file.writeUInt32LE(value, at);
    else this.file.writeUInt32BE(value, at);
  }

  protected writeLong8(value: number, at: number): void {
    if (this.isLittle) this.file.writeBigUInt64LE(BigInt(value), at);
    else this.file.writeBigUInt64BE(BigInt(value), at);
  }
}

/** How the directories of a file follow each other. */
export class TiffChain extends TiffBytes {
  /** Where the first one begins. */
  get start(): number {
    return this.isBig ? this.long8(8) : this.long(4);
  }

  set start(at: number) {
    if (this.isBig) this.writeLong8(at, 8);
    else this.writeLong(at, 4);
  }

  /** Where the one behind that at `at` begins; 0 behind the last. */
  next(at: number): number {
    return this.isBig ? this.long8(at + 8 + this.long8(at) * 20) : this.long(at + 2 + this.short(at) * 12);
  }

  /**
   * Whether the one at `at` says that it is a smaller copy of another. Entries are sorted by their tags, and this one is
   * the least: no other is looked at, however many a directory claims to have.
   */
  isReduced(at: number): boolean {
    const [count, entry, value] = this.isBig ? [this.long8(at), at + 8, 12] : [this.short(at), at + 2, 8];
    if (count === 0 || this.short(entry) !== NEW_SUBFILE_TYPE) return false;
    const isShort = this.short(entry + 2) === SHORT_TYPE;
    return (isShort ? this.short(entry + value) : this.long(entry + value)) % 2 === 1;
  }
}

export class TiffDirectory extends TiffBytes {
  /** Where the first entry of each tag begins. */
  private readonly entries = new Map<number, number>();
  /** Where every entry begins, with its tag. */
  private readonly all: (readonly [number, number])[] = [];

  /** @throws RangeError where the directory lies outside of the file. */
  constructor(file: Buffer) {
    super(file);
    const at = this.isBig ? this.long8(8) : this.long(4);
    const [first, count, entryBytes] = this.isBig ? [at + 8, this.long8(at), 20] : [at + 2, this.short(at), 12];
    for (let index = 0; index < Math.min(count, MOST_ENTRIES); index++) {
      const entry = first + index * entryBytes;
      const tag = this.short(entry);
      this.all.push([tag, entry]);
      if (!this.entries.has(tag)) this.entries.set(tag, entry);
    }
  }

  has(tag: number): boolean {
    return this.entries.has(tag);
  }

  /** Undefined where the tag is not there. @throws RangeError where its values lie outside of the file. */
  values(tag: number): number[] | undefined {
    const entry = this.entries.get(tag);
    if (entry === undefined) return undefined;
    const type = this.short(entry + 2);
    const bytes = bytesOfType[type] ?? 0;
    const count = bytes === 0 ? 0 : this.isBig ? this.long8(entry + 4) : this.long(entry + 4);
    const field = this.fieldOf(entry);
    const isInside = count * bytes <= (this.isBig ? 8 : 4);
    const at = isInside ? field : this.isBig ? this.long8(field) : this.long(field);
    return Array.from({ length: Math.min(count, MOST_VALUES) }, (_, index) => this.value(type, at + index * bytes));
  }

  /** Makes the entry of one tag that of another. The order of entries is left as it is: libtiff takes any. */
  rename(tag: number, to: number): void {
    const entry = this.entries.get(tag);
    if (entry === undefined) return;
    this.writeShort(to, entry);
    this.entries.delete(tag);
    this.entries.set(to, entry);
  }

  /** Gives a tag that is there one other value. */
  replace(tag: number, value: number): void {
    const entry = this.entries.get(tag);
    if (entry !== undefined) this.write(entry, value);
  }

  /** Forgets every tag that is not in {@link tiffTags}. */
  forgetOthers(): void {
    const kept = new Set<number>(Object.values(tiffTags));
    for (const [tag, entry] of this.all) if (!kept.has(tag)) this.forget(tag, entry);
  }

  forget(tag: number, entry = this.entries.get(tag)): void {
    if (entry === undefined) return;
    this.writeShort(NOBODYS_TAG, entry);
    this.write(entry, 0);
    this.entries.delete(tag);
  }

  private write(entry: number, value: number): void {
    this.writeShort(this.isBig ? LONG8 : LONG, entry + 2);
    if (this.isBig) this.writeLong8(1, entry + 4);
    else this.writeLong(1, entry + 4);
    if (this.isBig) this.writeLong8(value, this.fieldOf(entry));
    else this.writeLong(value, this.fieldOf(entry));
  }

  private fieldOf(entry: number): number {
    return entry + (this.isBig ? 12 : 8);
  }

  private value(type: number, at: number): number {
    switch (type) {
      case 1:
        return this.file.readUInt8(at);
      case 3:
        return this.short(at);
      case LONG:
        return this.long(at);
      case 5:
        return this.long(at) / this.long(at + 4);
      case 6:
        return this.file.readInt8(at);
      case 8:
        return this.isLittle ? this.file.readInt16LE(at) : this.file.readInt16BE(at);
      case 9:
        return this.isLittle ? this.file.readInt32LE(at) : this.file.readInt32BE(at);
      case 11:
        return this.isLittle ? this.file.readFloatLE(at) : this.file.readFloatBE(at);
      case 12:
        return this.isLittle ? this.file.readDoubleLE(at) : this.file.readDoubleBE(at);
      default:
        return this.long8(at);
    }
  }
}

/** @returns undefined where there is no directory that could be read. Takes any bytes. */
export function readDirectory<T>(file: Buffer, read: (directory: TiffDirectory) => T): T | undefined {
  try {
    return read(new TiffDirectory(file));
  } catch (error) {
    // An offset that points out of the file.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
