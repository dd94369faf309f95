/** The file that a picture gets which came as bytes, beside the page that it goes into. */
import { Uri, workspace } from 'vscode';
import { endingOfMimeType } from '../../../paligemma/src/pictureTypes';
import type { Picture } from './pictureReader';

export interface NewFile {
  readonly uri: Uri;
  readonly bytes: Uint8Array;
}

const MOST_NAMES = 10_000;

/** `image.png`, or `image-1.png` and on where there is such a file: as the editor names what is pasted. */
export async function newPicture(
  page: Uri,
  { mimeType, bytes }: Extract<Picture, { readonly bytes: Uint8Array }>,
): Promise<NewFile> {
  const folder = Uri.joinPath(page, '..');
  const ending = endingOfMimeType(mimeType) ?? 'png';
  const taken = new Set((await workspace.fs.readDirectory(folder)).map(([name]) => name.toLowerCase()));
  for (let number = 0; number < MOST_NAMES; number++) {
    const name = `image${number === 0 ? '' : `-${number}`}.${ending}`;
    if (!taken.has(name)) return { uri: Uri.joinPath(folder, name), bytes };
  }
  throw new Error(`${folder.path} holds ${MOST_NAMES} pictures called "image".`);
}
