/** Paths of pictures as they stand in a file that tells of them. */
import path from 'node:path';

/** With forward slashes on every platform; absolute where there is no way between two drives. */
export function relativeTo(filePath: string, imagePath: string): string {
  return path.relative(path.dirname(filePath), imagePath).split(path.sep).join('/');
}

export function absoluteFrom(filePath: string, image: string): string {
  return path.resolve(path.dirname(filePath), image);
}
