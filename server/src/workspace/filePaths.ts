/** Paths and URIs of files, and what can be asked of them without throwing. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Endings of the kinds that the model host reads. */
export const imageEnding = /\.(?:png|jpe?g|jpe|jfif|webp|gif|bmp|tiff?|avif|heic|heif|svg|pbm|pgm|ppm|pnm|tga)$/i;
/** The same for a client's file watcher. */
export const imageGlob =
  '**/*.{png,jpg,jpeg,jpe,jfif,webp,gif,bmp,tif,tiff,avif,heic,heif,svg,pbm,pgm,ppm,pnm,tga,PNG,JPG,JPEG,WEBP,GIF,BMP,TIF,TIFF,AVIF,HEIC,HEIF,SVG,PBM,PGM,PPM,PNM,TGA}';

/** Undefined for anything but a file of this machine. */
export function pathOfUri(uri: string | undefined): string | undefined {
  if (uri?.startsWith('file:') !== true) return undefined;
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
  return info === undefined ? undefined : `${info.mtimeMs} ${info.size} ${info.ino}`;
}
