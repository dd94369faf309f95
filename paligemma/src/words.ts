/** Values in English words. */

/** Bytes as people read them, in powers of ten as file managers and download pages show them. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** What a log needs of something that was thrown: where it came from, if it tells. */
export function stackText(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
