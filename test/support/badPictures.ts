/** Picture files that cannot be captioned, made on the spot. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { crc32 } from '../../model-host/src/util/crc32';

export function textNamedPng(file: string): void {
  writeFileSync(file, 'This is a note, not a picture.\n');
}

export function emptyFile(file: string): void {
  writeFileSync(file, '');
}

/** The first half of a photograph. */
export function truncatedJpeg(file: string): void {
  const whole = readFileSync(path.resolve('test/fixtures/golden/images/photo-420.jpg'));
  writeFileSync(file, whole.subarray(0, whole.length >> 1));
}

/** A valid black 1-bit PNG; 30,000 × 30,000 px pack into 110 kB and unpack to 2.7 GB of RGB. */
export function blackPng(file: string, side: number): void {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const row = 1 + Math.ceil(side / 8);
  writeFileSync(
    file,
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(Buffer.alloc(row * side))),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
