import { FileType, RelativePattern, Uri, workspace } from 'vscode';
import type { CancellationToken } from 'vscode';
import { imageGlob, isImagePath } from '../../../paligemma/src/pictureTypes';

/** More pictures than this are not taken from folders at once. */
export const MAX_FOLDER_IMAGES = 10_000;

export interface FolderImages {
  /** Sorted by path, numbers by value. */
  readonly images: readonly Uri[];
  /** True where there are more than {@link MAX_FOLDER_IMAGES}. */
  readonly isCut: boolean;
}

/** The pictures in folders and all that is below them, without what the setting `files.exclude` hides. */
export async function imagesInFolders(folders: readonly Uri[], token?: CancellationToken): Promise<FolderImages> {
  const found = new Map<string, Uri>();
  for (const folder of folders) {
    // One more than is taken tells whether that is all. `undefined` means the editor's own exclusions.
    for (
      const uri of await workspace.findFiles(
        new RelativePattern(folder, imageGlob),
        undefined,
        MAX_FOLDER_IMAGES + 1,
        token,
      )
    ) found.set(uri.toString(), uri);
  }
  const order = new Intl.Collator(undefined, { numeric: true });
  const images = [...found.values()].sort((a, b) => order.compare(a.path, b.path));
  return { images: images.slice(0, MAX_FOLDER_IMAGES), isCut: images.length > MAX_FOLDER_IMAGES };
}

/** The pictures of the folder that a picture lies in, itself included, in the order of the Explorer. */
export async function imagesBeside(image: Uri): Promise<readonly Uri[]> {
  const folder = Uri.joinPath(image, '..').with({ fragment: '' });
  const order = new Intl.Collator(undefined, { numeric: true });
  const names = (await workspace.fs.readDirectory(folder)).flatMap(([name, type]) =>
    (type & FileType.Directory) === 0 && isImagePath(name) ? [name] : []
  );
  // A picture may be opened whose name says nothing of it.
  const own = image.path.slice(image.path.lastIndexOf('/') + 1);
  return [...new Set([...names, own])].sort((a, b) => order.compare(a, b)).map(name =>
    name === own ? image : Uri.joinPath(folder, name)
  );
}

/** Those of the resources that are folders. */
export async function foldersAmong(uris: readonly Uri[]): Promise<Uri[]> {
  const areFolders = await Promise.all(uris.map(async uri => {
    try {
      return ((await workspace.fs.stat(uri)).type & FileType.Directory) !== 0;
    } catch {
      return false;
    }
  }));
  return uris.filter((_, index) => areFolders[index]);
}
