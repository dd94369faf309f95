/** Which platform a native file is made for, by its header. */

/**
 * `linux-x64` and the like; undefined for what is no library of these. Sources: the ELF, Mach-O and PE/COFF
 * specifications.
 */
export function nativePlatform(bytes: Buffer): string | undefined {
  if (bytes.length < 64) return undefined;
  if (bytes.readUInt32BE(0) === 0x7f454c46) return named('linux', { 62: 'x64', 183: 'arm64' }, bytes.readUInt16LE(18));
  if (bytes.readUInt32LE(0) === 0xfeedfacf) {
    return named('darwin', { 0x0100_0007: 'x64', 0x0100_000c: 'arm64' }, bytes.readUInt32LE(4));
  }
  if (bytes.readUInt16BE(0) !== 0x4d5a) return undefined;
  const header = bytes.readUInt32LE(60);
  if (header + 6 > bytes.length || bytes.readUInt32BE(header) !== 0x50450000) return undefined;
  return named('win32', { 0x8664: 'x64', 0xaa64: 'arm64' }, bytes.readUInt16LE(header + 4));
}

function named(os: string, machines: Readonly<Record<number, string>>, machine: number): string {
  return `${os}-${machines[machine] ?? `0x${machine.toString(16)}`}`;
}
