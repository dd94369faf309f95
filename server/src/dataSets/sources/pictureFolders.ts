/** Folders of pictures that an annotation names without their folder. */
import path from 'node:path';
import { statOf } from '../../workspace/filePaths';

/** Pictures that are looked for until one of them is found. */
const MOST_LOOKED_FOR = 20;

/**
 * The first folder that holds a picture; where none does, the first of all.
 * @param folders Absolute, at least one. @param names Relative to the folder that is looked for.
 */
export async function folderHolding(folders: readonly [string, ...string[]], names: Iterable<string>): Promise<string> {
  let left = MOST_LOOKED_FOR;
  for (const name of names) {
    if (left-- === 0) break;
    for (const folder of folders) {
      if (await statOf(path.join(folder, name)) !== undefined) return folder;
    }
  }
  return folders[0];
}

/**
 * Where the pictures of a COCO file may lie: beside it, as Roboflow lays them; in `train2017` beside the folder of
 * `instances_train2017.json`, as COCO does itself, or in `train`; in `images` beside it or beside its folder, whole or by split.
 */
export function cocoFolders(file: string): readonly [string, ...string[]] {
  const own = path.dirname(file);
  const above = path.dirname(own);
  const part = path.basename(file, path.extname(file)).replace(/^(?:instances|annotations)_/, '');
  const roots = [above, own, path.join(above, 'images'), path.join(own, 'images')];
  return [
    own,
    ...roots.map(root => path.join(root, part)),
    path.join(own, 'images'),
    path.join(above, 'images'),
    above,
  ];
}

/** Beside an annotation of Pascal VOC, or in the folder of pictures beside its own one. */
export function vocFolders(annotation: string): readonly [string, ...string[]] {
  const own = path.dirname(annotation);
  const above = path.dirname(own);
  return [own, path.join(above, 'JPEGImages'), path.join(above, 'images'), above];
}
