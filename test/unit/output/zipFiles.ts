/** Writes small zip and numpy files, broken in chosen ways by the tests. */
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../../model-host/src/util/crc32';

export interface ZipMember {
  readonly name: string;
  readonly content: Buffer;
  readonly isDeflated?: boolean;
  /** Overrides what the directory claims. */
  readonly claims?: {
    readonly method?: number;
    readonly check?: number;
    readonly unpackedBytes?: number;
    readonly localOffset?: number;
  };
}

export function zipFile(members: readonly ZipMember[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, isDeflated = false, claims = {} } of members) {
    const packed = isDeflated ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(20, 28); // as numpy: a 64-bit extra field here, none in the directory
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(claims.method ?? (isDeflated ? 8 : 0), 10);
    central.writeUInt32LE(claims.check ?? crc32(content), 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(claims.unpackedBytes ?? content.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(claims.localOffset ?? offset, 42);
    const member = Buffer.concat([local, Buffer.from(name), Buffer.alloc(20), packed]);
    parts.push(member);
    directory.push(central, Buffer.from(name));
    offset += member.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, central, end, Buffer.from(comment)]);
}

export function npyFile(shape: readonly number[], data: Float32Array | Float64Array, header?: string): Buffer {
  const type = data instanceof Float32Array ? '<f4' : '<f8';
  const text = header
    ?? `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.map(side => `${side}, `).join('')}), }`;
  const padded = Buffer.from(text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n', 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    length,
    padded,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}
