/** A picture in the size of a tile. */
import type { Uri } from 'vscode';
import { readPlainFile } from '../../../system/src/plainFile';
import { pictureThumbnail } from '../../../server/src/contract/imageLinks';
import type { ServerClient } from '../connection/languageClient';

export interface Thumbnail {
  /** A `data:` URL of a PNG. */
  readonly src: string;
  /** The upright picture itself, pixels. */
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A small picture has some 100 kB. */
const MOST_BYTES = 8 << 20;

/** @param file On disk. @throws the failure of the request, whose sentence is for the person. */
export async function thumbnailOf(client: ServerClient, file: Uri): Promise<Thumbnail> {
  const server = await client.start();
  const { path, widthPx, heightPx } = await server.sendRequest(pictureThumbnail, { imageUri: file.toString() });
  const bytes = await readPlainFile(path, MOST_BYTES);
  return { src: `data:image/png;base64,${bytes.toString('base64')}`, widthPx, heightPx };
}
