/** Paths and URIs of files, and what can be asked of them without throwing. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Undefined for anything but a file of this machine. */
export function pathOfUri(uri: string | undefined): string | undefined {
  if (uri === undefined || !/^file:/i.test(uri)) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

/** Undefined where there is nothing, or nothing that may be asked. */
export async function statOf(place: string): Promise<Stats | undefined> {
  return stat(place).catch(() => undefined);
}

/** Equal for as long as a file was not written; undefined where it is gone. */
export async function stampOf(place: string): Promise<string | undefined> {
  const info = await statOf(place);
  return info === undefined ? undefined : fileStamp(info);
}

/** Equal for as long as a file was not written: programs set the time of writing back, but not that of the change. */
export function fileStamp({ mtimeMs, ctimeMs, size, ino }: Stats): string {
  return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
}
