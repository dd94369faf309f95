import path from 'node:path';

/** A path for a person: relative to the current folder where it lies in it. */
export function shownPath(filePath: string): string {
  const relative = path.relative(process.cwd(), filePath);
  return relative.startsWith('..') || path.isAbsolute(relative) ? filePath : relative;
}
