/**
 * What the markers of a JPEG say before it is decoded. Source: ITU-T T.81, annex B; libjpeg-turbo 3.2, `jdmarker.c`
 * read_markers and jpeg_resync_to_restart.
 */
import { damaged, unsupported } from './pictureError';

const END = 0xd9;
const RESTART_INTERVAL = 0xdd;
const FIRST_FRAME = 0xc0;
const LAST_FRAME = 0xcf;
const TEMPORARY = 0x01;
/** Tables and conditioning, which stand among the codes of frames. */
const isTable = (marker: number) => marker === 0xc4 || marker === 0xcc;
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

/** Frames that are not read. */
const frameNames: Readonly<Record<number, string>> = {
  0xc5: 'is of the hierarchical kind',
  0xc6: 'is of the hierarchical kind',
  0xc7: 'is of the hierarchical kind',
  0xcb: 'is lossless with arithmetic coding',
  0xcd: 'is of the hierarchical kind',
  0xce: 'is of the hierarchical kind',
  0xcf: 'is of the hierarchical kind',
  0xf7: 'is JPEG-LS',
};

/**
 * Pillow reads on to the end of the picture, and refuses a marker that means nothing; libvips stops at the last row.
 * @throws PictureError `unsupported` for a frame that is not read, `damaged` for such a marker.
 */
export function checkJpegMarkers(file: Buffer): void {
  let hasRestarts = false;
  let strange: number | undefined;
  for (const { marker, at } of markersOf(file)) {
    // The search for the next restart passes over a strange marker.
    if (isRestart(marker)) strange = undefined;
    if (frameNames[marker] !== undefined) throw unsupported(`it ${frameNames[marker]}`);
    if (!isSegment(marker) && !isRestart(marker)) {
      strange = marker;
      if (!hasRestarts || marker >= FIRST_FRAME) break;
    }
    if (isFrame(marker) && at + 3 <= file.length) {
      const bits = file.readUInt8(at + 2);
      if (bits !== 8) throw unsupported(`it has ${bits} bits a sample`);
    }
    if (marker === RESTART_INTERVAL && at + 4 <= file.length) hasRestarts = file.readUInt16BE(at + 2) > 0;
  }
  if (strange !== undefined) {
    throw damaged(`the marker FF ${strange.toString(16).padStart(2, '0')} in it means nothing`);
  }
}

/** Up to the end of the picture: those that stand among its pixels as well, but not what stands inside of segments. */
function* markersOf(file: Buffer): Iterable<{ readonly marker: number; readonly at: number }> {
  for (let at = file.indexOf(0xff, 2); at >= 0; at = file.indexOf(0xff, at)) {
    while (file[at] === 0xff) at++;
    const marker = file[at++];
    if (marker === undefined || marker === END) return;
    // Zero stands behind a byte of the pixels that only looks like a marker.
    if (marker === 0 || marker === TEMPORARY) continue;
    yield { marker, at };
    if (isSegment(marker) && at + 2 <= file.length) at += Math.max(2, file.readUInt16BE(at));
  }
}

function isFrame(marker: number): boolean {
  return marker >= FIRST_FRAME && marker <= LAST_FRAME && !isTable(marker);
}

/** Frames, tables, scans, intervals, what programs add, and comments. */
function isSegment(marker: number): boolean {
  return (marker >= FIRST_FRAME && marker <= LAST_FRAME && marker !== 0xc8)
    || (marker >= 0xda && marker <= 0xdd)
    || (marker >= 0xe0 && marker <= 0xef)
    || marker === 0xfe;
}
