/** The one list of the kinds of pictures, by the endings of their names and their MIME types. */

interface PictureType {
  readonly mimeType: string;
  /** Other names of the same type, where programs use some. */
  readonly alsoCalled?: readonly string[];
  /** Lower case, without the dot; the usual one first. */
  readonly endings: readonly string[];
  /** Whether every editor that shows pictures shows this kind. */
  readonly isShownByEditors: boolean;
  /** Whether one file may hold several pictures, its pages. */
  readonly hasPages?: true;
}

const pictureTypes: readonly PictureType[] = [
  { mimeType: 'image/png', endings: ['png'], isShownByEditors: true },
  { mimeType: 'image/jpeg', endings: ['jpg', 'jpeg', 'jpe', 'jfif'], isShownByEditors: true },
  { mimeType: 'image/webp', endings: ['webp'], isShownByEditors: true },
  { mimeType: 'image/gif', endings: ['gif'], isShownByEditors: true },
  { mimeType: 'image/bmp', endings: ['bmp'], isShownByEditors: true },
  { mimeType: 'image/tiff', endings: ['tif', 'tiff'], isShownByEditors: false, hasPages: true },
  { mimeType: 'image/avif', endings: ['avif'], isShownByEditors: true },
  { mimeType: 'image/heic', endings: ['heic'], isShownByEditors: false },
  { mimeType: 'image/heif', endings: ['heif'], isShownByEditors: false },
  { mimeType: 'image/svg+xml', endings: ['svg'], isShownByEditors: true },
  { mimeType: 'image/x-portable-bitmap', endings: ['pbm'], isShownByEditors: false },
  { mimeType: 'image/x-portable-graymap', endings: ['pgm'], isShownByEditors: false },
  { mimeType: 'image/x-portable-pixmap', endings: ['ppm'], isShownByEditors: false },
  { mimeType: 'image/x-portable-anymap', endings: ['pnm'], isShownByEditors: false },
  { mimeType: 'image/x-tga', alsoCalled: ['image/x-targa'], endings: ['tga'], isShownByEditors: false },
  { mimeType: 'application/pdf', endings: ['pdf'], isShownByEditors: false, hasPages: true },
];

/** What menus, file pickers, globs and watchers take. What a file really holds is decided by the model host. */
export const imageExtensions: readonly string[] = pictureTypes.flatMap(({ endings }) => endings);

const typeOfEnding = new Map(pictureTypes.flatMap(type => type.endings.map(ending => [ending, type] as const)));

/** True for a path or name that ends in one of {@link imageExtensions}, in any case. */
export function isImagePath(path: string): boolean {
  return typeOf(path) !== undefined;
}

/** The same for the target of a link, where a query or fragment may stand behind the path. */
export function isImageTarget(target: string): boolean {
  return isImagePath(target) || isImagePath(target.replace(/[?#].*$/s, ''));
}

/** Whether a file of this name may have pages. */
export function hasPagesByName(path: string): boolean {
  return typeOf(path)?.hasPages === true;
}

/** Whether the target of a link is a document by its name: a page that embeds it shows it in a frame, without alt text. */
export function isDocumentTarget(target: string): boolean {
  return typeOf(target.replace(/[?#].*$/s, ''))?.mimeType === 'application/pdf';
}

/** Whether an editor can show the file itself, as far as its name tells. */
export function isShownByEditors(path: string): boolean {
  return typeOf(path)?.isShownByEditors === true;
}

/** The usual ending, without the dot; undefined for what is no kind of picture that is read. */
export function endingOfMimeType(mimeType: string): string | undefined {
  return pictureTypes.find(type => type.mimeType === mimeType || type.alsoCalled?.includes(mimeType))?.endings[0];
}

function typeOf(path: string): PictureType | undefined {
  const dot = path.lastIndexOf('.');
  if (dot <= Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) && dot !== 0) return undefined;
  return typeOfEnding.get(path.slice(dot + 1).toLowerCase());
}

/** A glob for pictures at any depth, for editors and their watchers, whose globs tell upper from lower case. */
export const imageGlob = `**/*.{${imageExtensions.map(inAnyCase).join(',')}}`;

function inAnyCase(ending: string): string {
  return ending.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`);
}

/** The regular expression of the manifest's `resourceExtname =~` clauses. */
export const imageExtnamePattern = `/^\\.(${imageExtensions.join('|')})$/i`;
/** The pattern of the manifest's custom editor, which takes every case. */
export const imageFilenamePattern = `*.{${imageExtensions.join(',')}}`;
