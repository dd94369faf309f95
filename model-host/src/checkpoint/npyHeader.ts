/** What a numpy array says of itself. Source: numpy `lib/format.py`, format versions 1 to 3. */

export interface NpyHeader {
  /** As numpy names it: `<f4`, `<f2`, `|V2`, … */
  readonly type: string;
  readonly shape: readonly number[];
  /** By columns, as Fortran does. */
  readonly isByColumns: boolean;
  /** Bytes before the values. */
  readonly bytes: number;
}

/** Written ones have 128 bytes. */
export const MOST_HEADER_BYTES = 4096;

/**
 * @param start The first bytes of the array's file: {@link MOST_HEADER_BYTES} of them, or all.
 * @throws Error with a phrase that says what is wrong, for the caller to put into a sentence.
 */
export function readNpyHeader(name: string, start: Buffer): NpyHeader {
  if (start.length < 12 || start.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error(`${name} is no numpy array`);
  const isFirstVersion = start[6] === 1;
  const textStart = isFirstVersion ? 10 : 12;
  const bytes = textStart + (isFirstVersion ? start.readUInt16LE(8) : start.readUInt32LE(8));
  const header = start.toString('latin1', textStart, Math.min(bytes, start.length));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (bytes > start.length || type === undefined || shapeText === undefined) {
    throw new Error(`the header of ${name} is damaged`);
  }
  const shape = shapeText.split(',').filter(part => part.trim() !== '').map(Number);
  return { type, shape, isByColumns: /'fortran_order':\s*True/.test(header), bytes };
}
