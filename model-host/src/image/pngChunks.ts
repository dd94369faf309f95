/** What the chunks of a PNG say before it is decoded. Source: PNG, third edition, section 5.3. */
import { crc32 } from '../util/crc32';
import { damaged } from './pictureError';

const SIGNATURE_BYTES = 8;
/** Length and type before the data, checksum behind them. */
const FRAME_BYTES = 12;

/**
 * Pillow refuses any chunk before the pixels whose checksum is wrong; libpng takes some as they are.
 * @throws PictureError `damaged`
 */
export function checkPngChunks(file: Buffer): void {
  for (let at = SIGNATURE_BYTES; at + FRAME_BYTES <= file.length;) {
    const end = at + 8 + file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    // The decoder tells where it is cut off, and checks the pixels.
    if (type === 'IDAT' || end + 4 > file.length) return;
    if (crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end)) {
      throw damaged(`the checksum of its chunk ${type.replace(/[^A-Za-z]/g, '?')} is wrong`);
    }
    at = end + 4;
  }
}
