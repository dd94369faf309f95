/** A picture as the image view can show it where the page cannot read the file: another format, or too many pixels. */
import type { Uri } from 'vscode';
import { MOST_PICTURE_BYTES } from '../../../paligemma/src/pictureFiles';
import { readPlainFile } from '../../../system/src/plainFile';
import { picturePreview } from '../../../server/src/contract/imageLinks';
import type { ServerClient } from '../connection/languageClient';

export interface PicturePreview {
  /** A `data:` URL of a PNG. */
  readonly src: string;
  /** The upright picture itself, pixels. */
  readonly widthPx: number;
  readonly heightPx: number;
}

/** @param file On disk. @throws the failure of the request, whose sentence is for the person. */
export async function loadPreview(client: ServerClient, file: Uri): Promise<PicturePreview> {
  const server = await client.start();
  const { path, widthPx, heightPx } = await server.sendRequest(picturePreview, { imageUri: file.toString() });
  return {
    src: `data:image/png;base64,${(await readPlainFile(path, MOST_PICTURE_BYTES)).toString('base64')}`,
    widthPx,
    heightPx,
  };
}
