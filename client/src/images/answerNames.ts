/** Names of the files that a batch writes. Free of the editor. */
import path from 'node:path';

/**
 * One text file beside each picture: `kitchen.txt` for `kitchen.jpg`, as trainers of image models look for them. Where
 * several pictures of the batch would share a file, each keeps its whole name: `kitchen.jpg.txt`.
 * @param imagePaths Absolute. @returns In the same order.
 */
export function sidecarPaths(imagePaths: readonly string[]): string[] {
  const stems = imagePaths.map(imagePath => imagePath.slice(0, imagePath.length - path.extname(imagePath).length));
  const owners = new Map<string, number>();
  // Lower case: some disks take both for one file.
  for (const stem of stems) owners.set(stem.toLowerCase(), (owners.get(stem.toLowerCase()) ?? 0) + 1);
  return imagePaths.map((imagePath, index) => {
    const stem = stems[index] ?? imagePath;
    return (owners.get(stem.toLowerCase()) ?? 0) > 1 ? `${imagePath}.txt` : `${stem}.txt`;
  });
}

/** `filePath` where nobody has it, else `name-2.txt`, `name-3.txt` … */
export function freeName(filePath: string, isTaken: (candidate: string) => boolean): string {
  if (!isTaken(filePath)) return filePath;
  const extension = path.extname(filePath);
  const stem = filePath.slice(0, filePath.length - extension.length);
  for (let number = 2;; number++) {
    const candidate = `${stem}-${number}${extension}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** The deepest folder that holds all of them; of one picture, its own. @param imagePaths Absolute, at least one. */
export function commonFolder(imagePaths: readonly string[]): string {
  const [first = '', ...others] = imagePaths.map(imagePath => path.dirname(imagePath));
  let folder = first;
  for (const other of others) {
    while (!isInside(other, folder) && path.dirname(folder) !== folder) folder = path.dirname(folder);
  }
  return folder;
}

function isInside(inner: string, folder: string): boolean {
  const way = path.relative(folder, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
}
