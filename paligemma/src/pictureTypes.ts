/** File name extensions of the pictures that menus and file pickers offer. */

/** Lower case, without the dot. What a file really holds is decided by the model host, never by its name. */
export const imageExtensions = [
  'png',
  'jpg',
  'jpeg',
  'jpe',
  'jfif',
  'webp',
  'gif',
  'bmp',
  'tif',
  'tiff',
  'avif',
  'heic',
  'heif',
  'svg',
] as const;

/** True for a path that ends in one of {@link imageExtensions}, in any case. */
export function isImagePath(path: string): boolean {
  const dot = path.lastIndexOf('.');
  if (dot <= path.lastIndexOf('/')) return false;
  return (imageExtensions as readonly string[]).includes(path.slice(dot + 1).toLowerCase());
}

/** A glob of the editor for pictures at any depth; the editor's globs tell upper from lower case. */
export const imageGlob = `**/*.{${
  imageExtensions.map(extension => extension.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`)).join(
    ',',
  )
}}`;

/** The regular expression of the manifest's `resourceExtname =~` clauses. */
export const imageExtnamePattern = `/^\\.(${imageExtensions.join('|')})$/i`;
